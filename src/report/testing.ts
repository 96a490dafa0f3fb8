/** For tests: a report of a small classification on a simulated board. */
import type { RunReport } from "./types.js";

export const sample: RunReport = {
  model: "colour", source: "SVC, scikit-learn 1.9.1", task: "classification", board: "attiny85", samples: 10, accuracy: 0.9, agreement: 1, error: null,
  equal: true, difference: null, flash: { model: 900, harness: 100, total: 1000, limit: 8192 }, ram: { static: 0, input: 3, stack: 18, total: 22, limit: 512 },
  cycles: { min: 100, mean: 150, max: 200 }, microseconds: { min: 12.5, mean: 18.75, max: 25 }, fits: true, over: { flash: 0, ram: 0 },
  choice: { form: "inline", optimise: "-Os", inputType: "u8", arithmetic: "int", steps: ["linear -> i32", "argmax -> u8"] },
  labels: ["red", "blue"], confusion: [[5, 0], [1, 4]], notes: ["a note"],
};

const hash = "0123456789abcdef".repeat(4);
/** The same of a small network. */
export const sampleNetwork: RunReport = {
  ...sample, model: "net", source: "TensorFlow Lite", board: "nucleo-l4r5zi", accuracy: null, confusion: null, random: true,
  flash: { code: 300, weights: 600, model: 900, harness: 100, total: 1000, limit: 2_097_152 }, ram: { activations: 64, bound: 60, scratch: 8, static: 64, input: 16, stack: 40, total: 130, limit: 655_360 },
  instructions: { min: 90, mean: 95, max: 100 },
  perLayer: [
    { name: "a/b/Relu;a/b/Conv2D", op: "conv_2d", kernel: "dsp", shapes: { inputs: [[1, 2, 2, 4]], output: [1, 2, 2, 8] }, type: "i8", macs: 128, instructions: 70, cycles: 100, weightBytes: 500, outputBytes: 32, offset: 16, first: 0, last: 1 },
    { name: "dense", op: "fully_connected", shapes: { inputs: [[1, 2, 2, 8]], output: [1, 2] }, type: "i8", macs: 64, instructions: 20, cycles: 50, weightBytes: 100, outputBytes: 2, offset: 0, first: 1, last: 2 },
  ],
  memoryMap: { bytes: 64, bound: 60, steps: 2, blocks: [
    { name: "image", kind: "input", bytes: 16, offset: 0, first: -1, last: 0 }, { name: "a/b/Relu", kind: "layer", bytes: 32, offset: 16, first: 0, last: 1 },
    { name: "dense", kind: "layer", bytes: 2, offset: 0, first: 1, last: 2 }, { name: "scratch of a/b", kind: "scratch", bytes: 8, offset: 48, first: 0, last: 0 }, { name: "memory", kind: "state", bytes: 4, offset: 60, first: -1, last: 2 },
  ] },
  certificate: { tool: "coincell 0.1.0", board: "nucleo-l4r5zi", compiler: "gcc 12", simulator: "qemu", model: hash, source: hash, elf: hash, inputs: hash, outputs: hash, reference: hash, golden: null, rows: 10, equal: true, hash },
};
