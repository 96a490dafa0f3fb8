/** What both learners share: checked data, scaled rows, the hyper-parameters of joint training, and the way from rows to a graph. */
import type { Graph, Task } from "../../ir/types.js";
import { checkData, readHyper, type HyperReader } from "../check.js";
import type { Hyper, Learner, LearnOptions, TrainingSet } from "../learner.js";
import { makeRandom } from "../random.js";
import { classesOf, type Classes } from "../scale/classes.js";
import { tick } from "../scale/decide.js";
import type { Sizes } from "./budget.js";
import { fit, type Fitted, type Problem, type Tick } from "./fit.js";
import type { Head } from "./head.js";
import { sparsities, type Sparsity } from "./projection.js";
import { scaledRows, scalingOf, type Scaling } from "./scaling.js";

const commonHyper = {
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
function start(data: TrainingSet, task: Task, read: HyperReader, options: LearnOptions): Start {
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

/** A step moves a projected value by about as much whatever the number of features is. */
const rateFor = (features: number): number => 8 / Math.sqrt(Math.max(64, features));

/** A head's shape within the budget, and what is left for the projection. */
export interface Planned<S> {
  readonly shape: S;
  readonly head: Head;
  /** Bytes. */
  readonly rest: number;
}

/** What the two learners differ in. */
export interface Kind<S extends { readonly dims: number }> {
  readonly name: string;
  readonly title: string;
  readonly hyper: Readonly<Record<string, Hyper>>;
  /** Every row of the projection has a step of its own. */
  readonly stepPerRow: boolean;
  /** Pace of the projection beside that of the head. */
  readonly pace: number;
  plan(sizes: Sizes, read: HyperReader): Planned<S>;
  toGraph(s: Start, data: TrainingSet, shape: S, fitted: Fitted): Graph;
}

export function learnerOf<S extends { readonly dims: number }>(kind: Kind<S>): Learner {
  const hyper = { ...commonHyper, ...kind.hyper };
  return {
    name: kind.name, title: kind.title, tasks: ["classification"], hyper,
    learn: (data, task, values, options) => {
      const read = readHyper(kind.name, hyper, values);
      const s = start(data, task, read, options);
      const { shape, head, rest } = kind.plan({ bytes: s.bytes, features: s.problem.features, outputs: s.outputs, bits: s.bits }, read);
      const fitted = fit(s.problem, {
        grid: { rows: shape.dims, cols: s.problem.features, bits: s.bits, sparsity: read.word("sparsity", sparsities) as Sparsity, stepPerRow: kind.stepPerRow },
        head, bytes: rest, projectionRate: kind.pace * rateFor(s.problem.features), sharpness: 10,
        epochs: read.whole("epochs", 1, 10000), batch: read.whole("batch", 1, 65536), rate: read.number("rate", 1e-6, 1), decay: read.number("decay", 0, 100),
      }, makeRandom(options.seed), s.tick);
      const graph = kind.toGraph(s, data, shape, fitted);
      s.tick(1);
      return graph;
    },
  };
}
