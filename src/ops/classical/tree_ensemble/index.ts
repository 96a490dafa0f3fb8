/** Decision trees, forests and boosted trees, with the sums kept as the source library keeps them. */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp, type PrepareCtx } from "../../../ir/op.js";
import { arrayFrom, type Tensor } from "../../../ir/types.js";
import { checkTrees, evaluate, labelTree, type TreeAttrs } from "./attrs.js";
import { encodeTrees, quantiseTree, VECTOR } from "./encode.js";
import { lightgbm } from "./from-lightgbm.js";
import { onnx } from "./from-onnx.js";
import { sklearn } from "./from-sklearn.js";
import { xgboost } from "./from-xgboost.js";
import { chooseLeaves } from "./leaves.js";
import { params, unroll, walk } from "./walk.js";

function prepare(ctx: PrepareCtx<TreeAttrs>) {
  const a = ctx.attrs;
  const x = ctx.inputs[0];
  if (x === undefined) throw new Error("tree_ensemble: no input");
  // In float arithmetic the finest integer sums are as good as float32 ones, and exact in any order.
  const leaves = chooseLeaves(a, ctx.arithmetic === "float" ? 2 : ctx.level);
  const trees = [...a.roots].map((r) => quantiseTree(a, r, x));
  const stream = encodeTrees(trees, a.features, x.dtype, leaves.bytes);
  const start = Array.from(a.base, (v) => Math.round(v * leaves.factor));
  return {
    params: {
      trees: trees.length, outputs: a.outputs, leaf: leaves.mode, class_bits: leaves.classBits, value_bytes: leaves.valueBytes,
      is_signed: leaves.signed ? 1 : 0, wide: stream.wide ? 1 : 0, skip_bytes: stream.skipBytes, one: leaves.mode === VECTOR ? Math.round(leaves.factor) : 0,
      start: arrayFrom(leaves.sum, start), target: Uint8Array.from(a.target), table: leaves.table, nodes: stream.nodes,
    },
    outputs: [{ dtype: leaves.sum, quant: { scale: [1 / (leaves.factor * a.divide)], zero: [0] } }],
  };
}

const stump: TreeAttrs = {
  features: 2, outputs: 3, inputF32: true, divide: 2, width: 3,
  roots: Int32Array.of(0, 3), feature: Int32Array.of(0, -1, -1, 1, -1, -1), threshold: Float64Array.of(0.5, 0, 0, -1.25, 0, 0),
  left: Int32Array.of(1, 0, 1, 4, 2, 0), right: Int32Array.of(2, -1, -1, 5, -1, -1), target: new Int32Array(2),
  values: Float64Array.of(1, 0, 0, 0, 0.25, 0.75, 0.5, 0, 0.5), base: new Float64Array(3),
};
const boosted: TreeAttrs = {
  ...stump, width: 1, outputs: 2, target: Int32Array.of(0, 1), divide: 1, inputF32: false, values: Float64Array.of(-0.75, 0.3125, 2.5), base: Float64Array.of(0.1, -0.2),
};

export default defineOp({
  name: "tree_ensemble",
  family: "classical",
  doc: "y = (base + sum over trees of the leaf that x falls into) / divide",
  inputs: ["x"],
  outputs: ["y"],
  infer: (a: TreeAttrs, [x]) => {
    if (x?.[0] !== a.features) fail("ir/shape", "tree_ensemble", `the input has ${x?.[0]} elements, the trees were trained on ${a.features}`, "Give the model the number of features it was trained on.");
    checkTrees(a);
    return [[a.outputs]];
  },
  float: (a, [x]) => [evaluate(a, x ?? [])],
  params,
  levels: 3,
  prepare,
  int: (p, [x], [y]) => { if (x && y) walk(p, x, y); },
  unroll: (p, inputs: readonly Tensor[]) => unroll(p, inputs),
  traits: {
    perElementInput: true,
    maxInputBits: 16,
    readsF32: true,
    clippingSafe: true,
    labelForm: (a) => { const t = labelTree(a); return t === null ? null : { op: "tree_ensemble", attrs: t }; },
    inputHint: (a) => {
      const min = new Float64Array(a.features).fill(Infinity);
      const max = new Float64Array(a.features).fill(-Infinity);
      a.feature.forEach((f, n) => {
        if (f < 0) return;
        min[f] = Math.min(min[f] ?? 0, a.threshold[n] ?? 0);
        max[f] = Math.max(max[f] ?? 0, a.threshold[n] ?? 0);
      });
      // A feature never tested may take any range; a tested one needs room on both sides of its thresholds.
      for (let f = 0; f < a.features; f++) {
        const lo = Number.isFinite(min[f]) ? (min[f] ?? 0) : 0;
        const hi = Number.isFinite(max[f]) ? (max[f] ?? 0) : 0;
        const margin = Math.max((hi - lo) * 0.25, Math.abs(lo) * 0.01, 1e-6);
        min[f] = lo - margin;
        max[f] = hi + margin;
      }
      return { min, max };
    },
  },
  from: { sklearn, xgboost, lightgbm, onnx },
  cases: [
    { title: "soft votes of two stumps", attrs: stump, features: 2, range: [-3, 3], inputs: ["i16", "i8", "f32"], tolerance: 0.001 },
    { title: "boosted, one output each", attrs: boosted, features: 2, range: [-3, 3], inputs: ["i16", "u8", "f32"], tolerance: 0.001 },
  ],
});
