/** The verbs there are; each is loaded only when it is called, so that `coincell --help` starts at once. */
import type { Verb } from "./verb.js";

export interface VerbEntry {
  readonly summary: string;
  readonly load: () => Promise<{ readonly verb: Pick<Verb, keyof Verb> }>;
}

export const verbs: Readonly<Record<string, VerbEntry>> = {
  check: { summary: "what is in a model file, and which boards it suits", load: () => import("./verbs/check.js") },
  import: { summary: "a model file as coincell's own graph file", load: () => import("./verbs/import.js") },
  data: { summary: "what is in a data set, what is wrong with it; split it", load: () => import("./verbs/data.js") },
  train: { summary: "a model from a data set, judged as the device runs it", load: () => import("./verbs/train.js") },
  fit: { summary: "from data to the best model that fits a board", load: () => import("./verbs/fit.js") },
  quantise: { summary: "a float network as an int8 .tflite, and where accuracy goes", load: () => import("./verbs/quantise.js") },
  compile: { summary: "a model as plain C for a board", load: () => import("./verbs/compile.js") },
  run: { summary: "every row of a CSV through the simulated board, measured", load: () => import("./verbs/run.js") },
  verify: { summary: "prove that one board, or all, answer as the reference does", load: () => import("./verbs/verify.js") },
  report: { summary: "a terminal table and one HTML page of runs", load: () => import("./verbs/report.js") },
  boards: { summary: "the boards, their limits, what is measured on each", load: () => import("./verbs/boards.js") },
  doctor: { summary: "compilers and simulators found here, and how to get the rest", load: () => import("./verbs/doctor.js") },
};
