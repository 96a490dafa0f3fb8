/** Hand-made ONNX models: what no fixture holds, against the operators' definitions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Foreign, ForeignValue } from "../../ir/foreign.js";
import { evaluate } from "../../passes/evaluate.js";
import { near, refused } from "../testing.js";
import type { OnnxModel } from "./index.js";
import { lowerOnnx } from "./lower.js";
import type { OnnxTensor } from "./tensor.js";

const floats = (...data: readonly number[]): OnnxTensor => ({ kind: "ndarray", shape: [data.length], data: Float64Array.from(data) });
const matrix = (rows: number, ...data: readonly number[]): OnnxTensor => ({ kind: "ndarray", shape: [rows, data.length / rows], data: Float64Array.from(data) });
const strings = (...data: readonly string[]): OnnxTensor => ({ kind: "objects", shape: [data.length], data });
const scalar = (v: number): OnnxTensor => ({ kind: "ndarray", shape: [], data: Float64Array.of(v) });

const node = (op: string, inputs: readonly string[], outputs: readonly string[], fields: Readonly<Record<string, ForeignValue>> = {}): Foreign => ({
  kind: "foreign", type: op.includes(".") ? op : `ai.onnx.${op}`, where: `test: node ${outputs[0]}`,
  fields: new Map<string, ForeignValue>([...Object.entries(fields), ["__inputs__", inputs], ["__outputs__", outputs]]),
});

function model(features: number, nodes: readonly Foreign[], outputs: readonly string[], initializers: Readonly<Record<string, OnnxTensor>> = {}): OnnxModel {
  const value = (name: string) => ({ name, elemType: "float32", shape: [null, features] });
  return { irVersion: 8, producer: "hand", opsets: new Map([["ai.onnx", 17]]), graph: { name: "g", inputs: [value("X")], outputs: outputs.map(value), initializers: new Map(Object.entries(initializers)), nodes } };
}

const load = (m: OnnxModel) => lowerOnnx(m, "test");
const ml = (op: string): string => `ai.onnx.ml.${op}`;

/** One split on feature 0 at 1.5, true: node 1, false: node 2. */
const stump = (mode: string, prefix: "class" | "target", ids: readonly number[], weights: readonly number[]): Record<string, ForeignValue> => ({
  nodes_treeids: floats(0, 0, 0), nodes_nodeids: floats(0, 1, 2), nodes_featureids: floats(0, 0, 0), nodes_values: floats(1.5, 0, 0), nodes_modes: [mode, "LEAF", "LEAF"],
  nodes_truenodeids: floats(1, 0, 0), nodes_falsenodeids: floats(2, 0, 0),
  [`${prefix}_treeids`]: floats(0, 0), [`${prefix}_nodeids`]: floats(1, 2), [`${prefix}_ids`]: floats(...ids), [`${prefix}_weights`]: floats(...weights),
});

test("trees: every branch mode", () => {
  const modes: Readonly<Record<string, (x: number) => boolean>> = {
    BRANCH_LEQ: (x) => x <= 1.5, BRANCH_LT: (x) => x < 1.5, BRANCH_GTE: (x) => x >= 1.5, BRANCH_GT: (x) => x > 1.5, BRANCH_EQ: (x) => x === 1.5, BRANCH_NEQ: (x) => x !== 1.5,
  };
  for (const [mode, test1] of Object.entries(modes)) {
    const g = load(model(1, [node(ml("TreeEnsembleRegressor"), ["X"], ["y"], { ...stump(mode, "target", [0, 0], [10, 20]), base_values: floats(0.5) })], ["y"]));
    for (const x of [1.4, 1.5, Math.fround(1.5000001), 1.6]) assert.equal(evaluate(g, [x]).scores[0], test1(x) ? 10.5 : 20.5, `${mode} ${x}`);
  }
  refused(() => load(model(1, [node(ml("TreeEnsembleRegressor"), ["X"], ["y"], stump("BRANCH_MEMBER", "target", [0, 0], [1, 2]))], ["y"])), /onnx\/tree-mode/, "mode");
});

test("trees: averages, links, base values of the regressor", () => {
  const fields = { ...stump("BRANCH_LEQ", "target", [0, 0], [1, 3]), base_values: floats(2), aggregate_function: "AVERAGE", post_transform: "LOGISTIC" };
  near(evaluate(load(model(1, [node(ml("TreeEnsembleRegressor"), ["X"], ["y"], fields)], ["y"])), [1]).scores, [1 / (1 + Math.exp(-3))], 1e-12, "logistic");
  refused(() => load(model(1, [node(ml("TreeEnsembleRegressor"), ["X"], ["y"], { ...fields, aggregate_function: "MAX" })], ["y"])), /onnx\/aggregate/, "MAX");
});

test("trees: two classes told by one weight, as shares and as margins", () => {
  const shares = classifier(stump("BRANCH_LEQ", "class", [1, 1], [0.25, 0.75]));
  near(evaluate(shares, [1]).scores, [0.75, 0.25], 1e-12, "shares");
  assert.deepEqual([1, 2].map((x) => shares.labels[evaluate(shares, [x]).label]), ["no", "yes"]);
  const margins = classifier({ ...stump("BRANCH_LEQ", "class", [0, 0], [-1, 2]), post_transform: "LOGISTIC", base_values: floats(0.5) });
  near(evaluate(margins, [1]).scores, [1 / (1 + Math.exp(-0.5)), 1 / (1 + Math.exp(0.5))], 1e-12, "margins");
  assert.deepEqual([1, 2].map((x) => evaluate(margins, [x]).label), [0, 1]);
});

test("trees: the newer TreeEnsemble", () => {
  const fields = {
    nodes_featureids: floats(0, 1), nodes_splits: floats(1.5, -1), nodes_modes: floats(0, 3), nodes_truenodeids: floats(0, 1), nodes_falsenodeids: floats(1, 2),
    nodes_trueleafs: floats(1, 1), nodes_falseleafs: floats(0, 1), leaf_targetids: floats(0, 1, 0), leaf_weights: floats(10, 20, 30), tree_roots: floats(0), n_targets: 2,
  };
  const g = load(model(2, [node(ml("TreeEnsemble"), ["X"], ["y"], fields)], ["y"]));
  assert.deepEqual([[1, 0], [2, 0], [2, -1]].map((x) => [...evaluate(g, x).scores]), [[10, 0], [0, 20], [30, 0]]);
  refused(() => load(model(2, [node(ml("TreeEnsemble"), ["X"], ["y"], { ...fields, nodes_falsenodeids: floats(0, 2) })], ["y"])), /onnx\/bad-tree/, "cycle");
});

const classifier = (fields: Readonly<Record<string, ForeignValue>>) => load(model(1, [node(ml("TreeEnsembleClassifier"), ["X"], ["label", "p"], { classlabels_strings: ["no", "yes"], ...fields })], ["label", "p"]));
const s = (v: number): number => 1 / (1 + Math.exp(-v));

test("trees: cycles, strangers and two roots are refused", () => {
  const fields = stump("BRANCH_LEQ", "target", [0, 0], [1, 3]);
  const tree = (change: Readonly<Record<string, ForeignValue>>) => () => load(model(1, [node(ml("TreeEnsembleRegressor"), ["X"], ["y"], { ...fields, ...change })], ["y"]));
  refused(tree({ nodes_truenodeids: floats(0, 0, 0) }), /onnx\/bad-tree/, "cycle");
  refused(tree({ nodes_truenodeids: floats(9, 0, 0) }), /onnx\/bad-tree/, "stranger");
  refused(tree({ nodes_truenodeids: floats(2, 0, 0) }), /onnx\/bad-tree/, "shared child");
  refused(tree({ nodes_featureids: floats(5, 0, 0) }), /tree\/malformed/, "feature");
  refused(tree({ target_ids: floats(3, 0) }), /onnx\/bad-tree/, "target");
  refused(tree({ n_targets: 2 }), /onnx\/multi-output/, "targets");
});

test("a network with scaling by hand, a hidden logistic layer and two classes", () => {
  const nodes = [
    node("Sub", ["X", "mean"], ["c"]), node("Div", ["c", "spread"], ["s"]), node("MatMul", ["s", "w1"], ["m1"]), node("Add", ["m1", "b1"], ["a1"]), node("Sigmoid", ["a1"], ["h"]),
    node("Gemm", ["h", "w2", "b2"], ["z"], { transB: 1 }), node("Sigmoid", ["z"], ["p"]), node("Sub", ["one", "p"], ["q"]), node("Concat", ["q", "p"], ["both"], { axis: 1 }),
    node("ArgMax", ["both"], ["i"], { axis: 1 }), node(ml("ArrayFeatureExtractor"), ["classes", "i"], ["l"]), node("Reshape", ["l", "flat"], ["label"]),
  ];
  const g = load(model(2, nodes, ["label", "both"], {
    mean: floats(1, 2), spread: floats(2, 4), w1: matrix(2, 1, -1, 0.5, 2), b1: floats(0.1, -0.2), w2: matrix(1, 1.5, -2), b2: floats(0.25), one: scalar(1), classes: strings("cold", "hot"), flat: floats(-1),
  }));
  for (const [x, y] of [[3, 5], [-2, 1], [0, 9]] as const) {
    const [u, v] = [(x - 1) / 2, (y - 2) / 4];
    const p = s(1.5 * s(u + 0.5 * v + 0.1) - 2 * s(-u + 2 * v - 0.2) + 0.25);
    const got = evaluate(g, [x, y]);
    near(got.scores, [1 - p, p], 1e-9, "p");
    assert.equal(g.labels[got.label], p > 0.5 ? "hot" : "cold");
  }
  assert.deepEqual(g.nodes.map((n) => n.op), ["affine", "linear", "activation", "linear", "threshold", "link"]);
});

/** Distances as skl2onnx writes them; the rest makes a mean of what the neighbours' rows say. */
function neighbours(rest: readonly Foreign[], outputs: readonly string[], inits: Readonly<Record<string, OnnxTensor>>, last = "ReduceSumSquare"): OnnxModel {
  const body: Foreign = {
    kind: "foreign", type: "onnx.Graph", where: "body", fields: new Map<string, ForeignValue>([
      ["inputs", [new Map([["name", "a"]]), new Map([["name", "b"]])]], ["outputs", [new Map([["name", "a2"]]), new Map([["name", "d"]])]], ["initializers", new Map()],
      ["nodes", [node("Identity", ["a"], ["a2"]), node("Sub", ["a", "b"], ["diff"]), node("Abs", ["diff"], ["abs"]), node(last, [last === "ReduceSumSquare" ? "diff" : "abs"], ["d"], { axes: floats(1), keepdims: 0 })]],
    ]),
  };
  const points = matrix(4, 0, 0, 1, 0, 0, 3, 5, 5);
  return model(2, [node("Scan", ["X", "points"], ["x2", "far"], { body, num_scan_inputs: 1 }), node("Transpose", ["far"], ["t"], { perm: floats(1, 0) }), node("Sqrt", ["t"], ["root"]), node("TopK", ["root", "k"], ["v", "i"], { largest: 0 }), ...rest],
    outputs, { points, k: floats(2), ...inits });
}

test("nearest neighbours: means, weighted means, string labels", () => {
  const plain = [node("Flatten", ["i"], ["f"]), node(ml("ArrayFeatureExtractor"), ["y", "f"], ["t1"]), node("Reshape", ["t1", "pair"], ["t2"])];
  const inits = { y: floats(10, 20, 40, 80), pair: floats(-1, 2), axis: floats(1) };
  const mean = load(neighbours([...plain, node("ReduceMean", ["t2"], ["out"], { axes: floats(1), keepdims: 1 })], ["out"], inits));
  near(evaluate(mean, [0.1, 0]).scores, [15], 1e-9, "mean");
  const weighted = load(neighbours([...plain, node("Reciprocal", ["v"], ["w"]), node("Mul", ["w", "t2"], ["wt"]), node("ReduceSum", ["wt", "axis"], ["up"]), node("ReduceSum", ["w", "axis"], ["down"]), node("Div", ["up", "down"], ["out"])], ["out"], inits));
  near(evaluate(weighted, [0.25, 0]).scores, [(10 / 0.25 + 20 / 0.75) / (1 / 0.25 + 1 / 0.75)], 1e-9, "weighted mean");
  const votes = [...plain, node("Equal", ["t2", "c0"], ["e0"]), node("Equal", ["t2", "c1"], ["e1"]), node("Cast", ["e0"], ["n0"], { to: 1 }), node("Cast", ["e1"], ["n1"], { to: 1 }),
    node("ReduceSum", ["n0", "axis"], ["s0"]), node("ReduceSum", ["n1", "axis"], ["s1"]), node("Concat", ["s0", "s1"], ["s"], { axis: 1 }), node("ArgMax", ["s"], ["best"], { axis: 1, keepdims: 0 }),
    node(ml("ArrayFeatureExtractor"), ["names", "best"], ["label"]), node("ReduceSum", ["s", "axis"], ["all"]), node("Div", ["s", "all"], ["p"])];
  const g = load(neighbours(votes, ["label", "p"], { ...inits, y: floats(0, 1, 0, 1), c0: floats(0), c1: floats(1), names: strings("a", "b") }, "ReduceSum"));
  near(evaluate(g, [0.1, 1]).scores, [0.5, 0.5], 1e-9, "votes");
  assert.equal(g.labels[evaluate(g, [0, 1.4]).label], "a");
  assert.equal(g.nodes.find((n) => n.op === "neighbours")?.attrs["power"], 1);
});

test("what is not understood is named", () => {
  const one = { c: floats(1) };
  refused(() => load(model(2, [node("Conv", ["X", "c"], ["y"])], ["y"], one)), /onnx\/unsupported/, "Conv");
  refused(() => load(model(2, [node("Abs", ["X"], ["a"]), node("Add", ["a", "c"], ["y"])], ["y"], one)), /onnx\/unsupported/, "Abs");
  refused(() => load(model(2, [node(ml("Imputer"), ["X"], ["y"])], ["y"])), /onnx\/unsupported/, "Imputer");
  refused(() => load({ ...model(2, [node("Identity", ["X"], ["y"])], ["y"]), graph: { ...model(2, [], ["y"]).graph, inputs: [] } }), /onnx\/inputs/, "no input");
  refused(() => load(model(2, [node("MatMul", ["X", "w"], ["y"])], ["y"], { w: matrix(3, 1, 2, 3) })), /onnx\/bad-shape/, "MatMul");
  refused(() => load(model(2, [node("MatMul", ["X", "w"], ["y"])], ["y"], { w: matrix(2, 1, NaN) })), /onnx\/not-finite/, "NaN");
});
