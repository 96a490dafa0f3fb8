/** What both learners share: checked data, scaled rows, the hyper-parameters of joint training. */
import type { Task } from "../../ir/types.js";
import type { Hyper, LearnOptions, TrainingSet } from "../learner.js";
import { classesOf, type Classes } from "../scale/classes.js";
import { tick } from "../scale/decide.js";
import { checkData, type HyperReader } from "../trees/check.js";
import type { Plan, Problem, Tick } from "./fit.js";
import { sparsities, type Sparsity } from "./projection.js";
import { scaledRows, scalingOf, type Scaling } from "./scaling.js";

export const commonHyper = {
  bytes: { default: 2000, values: [500, 1000, 2000, 4000], doc: "bytes of all constants of the model in flash; dimensions and sparsity follow from it" },
  dims: { default: 0, values: [0], doc: "dimensions of the projection; 0: as the budget suggests" },
  epochs: { default: 80, values: [80], doc: "passes over the training rows" },
  batch: { default: 64, values: [64], doc: "rows of one step" },
  rate: { default: 0.02, values: [0.02], doc: "pace of learning" },
  decay: { default: 0.1, values: [0.1], doc: "pull of the weights towards zero" },
  scaling: { default: "auto", values: ["auto"], doc: "same: one factor for all features, weights of 4 bits (pixels, raw samples); each: one per feature, weights of 16 bits; auto: by their spread" },
  sparsity: { default: "columns", values: ["columns"], doc: "columns: whole features are left out; weights: single weights, as in the papers" },
} as const satisfies Readonly<Record<string, Hyper>>;

export interface Start {
  readonly classes: Classes;
  readonly scaling: Scaling;
  readonly problem: Problem;
  /** Scores: 1 for two classes. */
  readonly outputs: number;
  readonly bits: 4 | 16;
  readonly bytes: number;
  readonly tick: Tick;
}

/** @throws CoincellError where the data cannot be learnt from. */
export function start(data: TrainingSet, task: Task, read: HyperReader, options: LearnOptions): Start {
  checkData(data, task);
  tick(options, 0);
  const classes = classesOf(data);
  const scaling = scalingOf(data, String(read.word("scaling", ["auto", "same", "each"])));
  const count = classes.labels.length;
  return {
    classes, scaling, problem: { x: scaledRows(data, scaling), rows: data.rows, features: data.features.length, y: classes.y, classes: count },
    outputs: count === 2 ? 1 : count, bits: scaling.same ? 4 : 16, bytes: read.whole("bytes", 32, 65536), tick: (part) => tick(options, part),
  };
}

/** The part of a plan that does not hang on the head. */
export const planOf = (read: HyperReader, s: Start, dims: number, stepPerRow: boolean): Omit<Plan, "head" | "bytes" | "projectionRate"> => ({
  grid: { rows: dims, cols: s.problem.features, bits: s.bits, sparsity: read.word("sparsity", sparsities) as Sparsity, stepPerRow },
  epochs: read.whole("epochs", 1, 10000), batch: read.whole("batch", 1, 65536), rate: read.number("rate", 1e-6, 1), decay: read.number("decay", 0, 100), sharpness: 10,
});

/** A step moves a projected value by about as much whatever the number of features is. */
export const rateFor = (features: number): number => 8 / Math.sqrt(Math.max(64, features));
