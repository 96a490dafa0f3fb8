/** For tests: a report of a small classification on a simulated board. */
import type { RunReport } from "./types.js";

export const sample: RunReport = {
  model: "colour", source: "SVC, scikit-learn 1.9.1", task: "classification", board: "attiny85", samples: 10, accuracy: 0.9, agreement: 1, error: null,
  equal: true, difference: null, flash: { model: 900, harness: 100, total: 1000, limit: 8192 }, ram: { static: 0, input: 3, stack: 18, total: 22, limit: 512 },
  cycles: { min: 100, mean: 150, max: 200 }, microseconds: { min: 12.5, mean: 18.75, max: 25 }, fits: true, over: { flash: 0, ram: 0 },
  choice: { form: "inline", optimise: "-Os", inputType: "u8", arithmetic: "int", steps: ["linear -> i32", "argmax -> u8"] },
  labels: ["red", "blue"], confusion: [[5, 0], [1, 4]], notes: ["a note"],
};
