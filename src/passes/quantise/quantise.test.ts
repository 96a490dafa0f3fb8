/** From graph to program: scalers vanish without a trace, widths are as small as the answers allow, links stay on the host. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { argmax, chain, linear, named, rowsFor, treeLayer } from "../../../test/support/hand-made.js";
import { isReady, ready } from "../../../test/support/models.js";
import { convertRow } from "../../ir/conversion.js";
import type { Program } from "../../ir/op.js";
import type { Tensor } from "../../ir/types.js";
import { findOp } from "../../ops/registry.js";
import { evaluate, runHostChain } from "../evaluate.js";
import { labelOnly } from "../label-only.js";
import { dequantise, runProgram } from "../run-program.js";
import { quantise } from "./index.js";
import { splitHost } from "./prepare.js";

const options = { arithmetic: "int", inputType: "i16" } as const;
const input = (p: Program): Tensor => p.tensors[p.input] as Tensor;
const affine = (scale: readonly number[], offset: readonly number[]) => ({ op: "affine", outputs: scale.length, attrs: { scale: Float64Array.from(scale), offset: Float64Array.from(offset) } });

test("a scaler before trees changes no answer, whatever its scale", () => {
  for (const [scale, offset] of [[[2, 0.5, 3], [1, -1, 0.1]], [[1e-3, 1e3, 7], [0, 0, 0]], [[1, 1, 1], [0.5, 0.5, 0.5]]] as const) {
    const forest = treeLayer({ features: 3, width: 3, trees: 5, depth: 4, form: "full" });
    const graph = chain(3, [affine(scale, offset), forest, argmax], { labels: named(3) });
    const rows = rowsFor(3, 200).map((r) => r.map((v, i) => Math.fround((v - (offset[i] ?? 0)) / (scale[i] ?? 1))));
    const p = quantise(graph, { ...options, rows });
    assert.deepEqual(p.steps.map((s) => s.op), ["tree_ensemble", "argmax"]);
    // The integers stand for real numbers: asked with exactly those, the float model must say the same.
    for (const row of rows) {
      const x = convertRow(row, input(p));
      const q = input(p).quant!;
      const real = Float64Array.from(x, (v, i) => (q.scale[q.scale.length === 1 ? 0 : i] ?? 1) * (v - (q.zero[q.zero.length === 1 ? 0 : i] ?? 0)));
      const [got, want] = [runProgram(p, x), evaluate(graph, real)];
      const sorted = [...want.scores].sort((a, b) => b - a);
      if ((sorted[0] ?? 0) - (sorted[1] ?? 0) > 0.02) assert.equal(got.label, want.label);
      dequantise(p, got.scores).forEach((v, k) => assert.ok(Math.abs(v - (want.scores[k] ?? 0)) < 0.02, `score ${k}: ${v}, ${want.scores[k]}`));
    }
  }
});

test("two scalers in a row are one", () => {
  const graph = chain(2, [affine([2, 3], [1, 0]), affine([0.25, 1], [5, 2]), linear(2, 2), argmax], { labels: named(2) });
  const rows = rowsFor(2, 100);
  const p = quantise(graph, { ...options, rows });
  assert.equal(p.steps.filter((s) => s.op === "affine").length, 0);
  const right = rows.filter((r) => runProgram(p, convertRow(r, input(p))).label === evaluate(graph, r).label).length;
  assert.ok(right >= 99, `${right}`);
});

const twoByTwo = (values: readonly number[]) => ({ op: "linear", outputs: 2, attrs: { rows: 2, cols: 2, w: Float64Array.from(values), b: new Float64Array(2) } });

test("the finest width is not taken where a coarser one answers alike, and is where it must be", () => {
  const rows = rowsFor(2, 200);
  const easy = quantise(chain(2, [twoByTwo([1, 0, 0, 1]), argmax], { labels: named(2) }), { ...options, rows });
  assert.ok(easy.steps[0]?.params["w"] instanceof Int8Array);
  const fine = quantise(chain(2, [twoByTwo([1, 0.001, 1, -0.001]), argmax], { labels: named(2) }), { ...options, rows });
  assert.ok(fine.steps[0]?.params["w"] instanceof Int16Array, "weights of a thousandth need 16 bits");
});

test("one row of calibration, and equal rows, are enough", () => {
  for (const rows of [[Float64Array.of(1, 2, 3)], Array.from({ length: 5 }, () => Float64Array.of(0, 0, 0))]) {
    const graph = chain(3, [linear(3, 3), argmax], { labels: named(3) });
    const p = quantise(graph, { ...options, rows });
    for (const row of rows) assert.equal(runProgram(p, convertRow(row, input(p))).label, evaluate(graph, row).label);
  }
});

test("without rows trees tell their own range, and a linear model asks for some", () => {
  const graph = chain(2, [treeLayer({ features: 2, width: 3, trees: 3, depth: 4, form: "full" }), argmax], { labels: named(3) });
  const p = quantise(graph, { ...options, rows: null });
  const right = rowsFor(2, 200).filter((r) => runProgram(p, convertRow(r, input(p))).label === evaluate(graph, r).label).length;
  assert.ok(right >= 196, `${right}`);
  assert.throws(() => quantise(chain(2, [linear(2, 2), argmax], { labels: named(2) }), { ...options, rows: null }), { name: "CoincellError" });
});

test("links are cut off the path to the scores, in order", () => {
  const link = { op: "link", outputs: 3, attrs: { kind: "softmax" }, role: "scores" } as const;
  const graph = chain(3, [linear(3, 3), argmax, link], { labels: named(3) });
  const { device, host, scores } = splitHost(graph);
  assert.deepEqual(device.map((n) => n.op), ["linear", "argmax"]);
  assert.deepEqual(host.map((n) => n.attrs["kind"]), ["softmax"]);
  assert.equal(graph.nodes[0]?.outputs[0], scores);
  const rows = rowsFor(3, 100);
  const p = quantise(graph, { ...options, rows });
  for (const row of rows) {
    const printed = runHostChain(p.host, dequantise(p, runProgram(p, convertRow(row, input(p))).scores));
    evaluate(graph, row).scores.forEach((v, k) => assert.ok(Math.abs(v - (printed[k] ?? NaN)) < 0.02, `${v} ${printed[k]}`));
  }
});

test("a scale that turns order around, or none, is refused", () => {
  const graph = chain(2, [treeLayer({ features: 2, width: 2, trees: 1, depth: 2, form: "full" }), argmax], { labels: named(2) });
  for (const scale of [[-1], [0], [NaN], [Infinity], [1, -2]]) {
    assert.throws(() => quantise(graph, { ...options, rows: rowsFor(2, 10), inputQuant: { scale, zero: [0] } }), { name: "CoincellError" }, `${scale}`);
    if (scale.length === 1) assert.throws(() => findOp("affine").infer({ scale: Float64Array.of(scale[0] ?? 0), offset: new Float64Array(1) }, [[1]]), { name: "CoincellError" });
  }
});

test("numbers beyond float32 are refused", () => {
  const graph = chain(1, [{ op: "linear", outputs: 1, attrs: { rows: 1, cols: 1, w: Float64Array.of(1e300), b: Float64Array.of(0) } }], { task: "regression" });
  assert.throws(() => quantise(graph, { ...options, rows: rowsFor(1, 10) }), (e: Error) => e.name === "CoincellError" && e.message.includes("float32"));
});

test("the label form of a lone tree answers as the tree does", () => {
  for (const id of ["dt_str", "dt_deep", "dt_int"]) {
    const m = ready(`sklearn/${id}`, 80);
    assert.ok(isReady(m));
    const short = labelOnly(m.graph);
    assert.ok(short, `${id} has no label form`);
    for (const row of m.rows) assert.equal(evaluate(short, row).label, evaluate(m.graph, row).label);
  }
});
