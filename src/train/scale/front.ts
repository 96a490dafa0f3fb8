/** What stands before a model: standardised features, and where asked for their principal components. */
import { fail } from "../../ir/diagnostics.js";
import type { Attrs } from "../../ir/types.js";
import type { GraphMaker, Value } from "../graph.js";
import type { Hyper, TrainingSet } from "../learner.js";
import type { HyperReader } from "../check.js";
import { eigen, scatter } from "./matrix.js";

/** `y = w x + b`, w (rows, cols). */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly w: Float64Array;
  readonly b: Float64Array;
}

/** `y[i] = x[i] * scale[i] + offset[i]` */
export interface Scaling {
  readonly scale: Float64Array;
  readonly offset: Float64Array;
}

export interface Front {
  /** (rows, features): the training rows as the model sees them. */
  readonly x: Float64Array;
  readonly features: number;
  /** Adds the nodes to a graph; gives what the model reads. */
  add(g: GraphMaker): Value;
  /** Adds the nodes and a linear map behind them; principal components are multiplied into the map. */
  addLinear(g: GraphMaker, m: Matrix): Value;
}

export const scalingHyper: Hyper = {
  default: "each", values: ["each", "same"],
  doc: "each: every feature to mean 0 and deviation 1; same: one factor for all features, for those of one kind (pixels, spectra); none: as they are",
};

export const componentsHyper: Hyper = { default: 0, values: [0, 4, 8, 16, 32], doc: "principal components that replace the features; 0 keeps the features" };

/** Mean 0 and deviation 1, of each feature or of all together; a constant feature gets factor 1. */
export function scalingOf(x: Float64Array, rows: number, features: number, together: boolean): Scaling {
  const mean = new Float64Array(features);
  const variance = new Float64Array(features);
  for (let r = 0; r < rows; r++) for (let j = 0; j < features; j++) mean[j]! += x[r * features + j]! / rows;
  for (let r = 0; r < rows; r++) for (let j = 0; j < features; j++) variance[j]! += (x[r * features + j]! - mean[j]!) ** 2 / rows;
  const constant = mean.map((_, j) => { for (let r = 1; r < rows; r++) if (x[r * features + j] !== x[j]) return 0; return 1; });
  const common = Math.sqrt(variance.reduce((s, v) => s + v, 0) / features);
  const scale = variance.map((v, j) => (constant[j] === 1 ? 1 : 1 / (together ? common : Math.sqrt(v))));
  return { scale, offset: scale.map((s, j) => -(constant[j] === 1 ? x[j]! : mean[j]!) * s) };
}

export const scaled = (x: Float64Array, features: number, s: Scaling): Float64Array => x.map((v, at) => v * s.scale[at % features]! + s.offset[at % features]!);

/** `w x + b` of every row. */
export function mapped(x: Float64Array, rows: number, m: Matrix): Float64Array {
  const out = new Float64Array(rows * m.rows);
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < m.rows; k++) {
      let sum = m.b[k]!;
      for (let j = 0; j < m.cols; j++) sum += m.w[k * m.cols + j]! * x[r * m.cols + j]!;
      out[r * m.rows + k] = sum;
    }
  }
  return out;
}

/** The `count` directions of largest variance; the mean is taken off. */
export function principal(x: Float64Array, rows: number, features: number, count: number): Matrix & { readonly variances: Float64Array } {
  if (count > Math.min(rows, features)) fail("train/bad-hyper", "components", `${count} components of ${rows} rows and ${features} features`, `Supported: up to ${Math.min(rows, features)}.`);
  const mean = new Float64Array(features);
  for (let r = 0; r < rows; r++) for (let j = 0; j < features; j++) mean[j]! += x[r * features + j]! / rows;
  const { values, vectors } = eigen(scatter(x.map((v, at) => v - mean[at % features]!), rows, features, Math.max(1, rows - 1)), features);
  const w = vectors.slice(0, count * features);
  const b = new Float64Array(count);
  for (let k = 0; k < count; k++) for (let j = 0; j < features; j++) b[k]! -= w[k * features + j]! * mean[j]!;
  return { rows: count, cols: features, w, b, variances: values };
}

/** `second(first(x))` as one map. */
export function composed(second: Matrix, first: Matrix): Matrix {
  const w = new Float64Array(second.rows * first.cols);
  const b = Float64Array.from(second.b);
  for (let i = 0; i < second.rows; i++) {
    for (let k = 0; k < second.cols; k++) {
      const v = second.w[i * second.cols + k]!;
      b[i]! += v * first.b[k]!;
      for (let j = 0; j < first.cols; j++) w[i * first.cols + j]! += v * first.w[k * first.cols + j]!;
    }
  }
  return { rows: second.rows, cols: first.cols, w, b };
}

const attrsOf = (m: Matrix): Attrs => ({ rows: m.rows, cols: m.cols, w: m.w, b: m.b });

export function makeFront(data: TrainingSet, hyper: HyperReader): Front {
  const mode = hyper.word("scaling", ["each", "same", "none"]);
  const features = data.features.length;
  const components = hyper.whole("components", 0, features);
  const scaling = mode === "none" ? null : scalingOf(data.x, data.rows, features, mode === "same");
  const plain = scaling ? scaled(data.x, features, scaling) : data.x;
  const pca = components > 0 ? principal(plain, data.rows, features, components) : null;
  const start = (g: GraphMaker): Value => (scaling ? g.add("affine", { scale: scaling.scale, offset: scaling.offset }, [g.x]) : g.x);
  return {
    x: pca ? mapped(plain, data.rows, pca) : plain,
    features: pca ? components : features,
    add: (g) => (pca ? g.add("linear", attrsOf(pca), [start(g)]) : start(g)),
    addLinear: (g, m) => g.add("linear", attrsOf(pca ? composed(m, pca) : m), [start(g)]),
  };
}
