/** What is written as .tflite comes back as a network with the same bytes for every input: each layer case of each operator that can be written. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CoincellError } from "../../ir/diagnostics.js";
import type { AnyOp, LayerCase } from "../../ir/op.js";
import { elements, isInt, limits, makeArray, type Attrs, type Graph, type Quant, type Tensor, type TypedArray } from "../../ir/types.js";
import { allOps } from "../../ops/registry.js";
import { createRunner } from "../../passes/run-program.js";
import { prepareNetwork } from "../../passes/quantise/network.js";
import { readGraph } from "./index.js";
import { readTflite } from "./model.js";
import { writeGraphTflite } from "./write-graph.js";

/** A file holds scales in float32. */
const stored = <T extends { readonly quant?: Quant }>(t: T): T => (t.quant ? { ...t, quant: { ...t.quant, scale: t.quant.scale.map(Math.fround) } } : t);

/** One layer as a network of its own. */
function networkOf(op: AnyOp, c: LayerCase<Attrs>): Graph {
  const tensors: Tensor[] = c.inputs.map((t, i) => ({ ...stored(t), name: `operand ${i}` }));
  const [shape = []] = op.infer(c.attrs, tensors.map((t) => t.shape));
  const inputs = tensors.map((_, i) => i);
  const computed = inputs.filter((i) => !tensors[i]?.data);
  const [input = 0, ...moreInputs] = computed;
  tensors.push({ name: "result", shape, ...stored(c.output) });
  return {
    name: op.name, task: "transform", labels: [], featureNames: [], tensors, nodes: [{ name: "result", op: op.name, attrs: c.attrs, inputs, outputs: [tensors.length - 1] }],
    input, outputs: [{ role: "scores", tensor: tensors.length - 1 }], source: "", notes: [], ...(moreInputs.length > 0 ? { moreInputs } : {}),
  };
}

function rowFor(t: Tensor, seed: number): TypedArray {
  const out = makeArray(t.dtype, elements(t));
  let state = seed;
  for (let i = 0; i < out.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const r = state / 2 ** 32;
    const [lo, hi] = isInt(t.dtype) && t.dtype !== "i32" ? limits(t.dtype) : [-3, 3];
    out[i] = isInt(t.dtype) ? Math.floor(lo + r * (hi - lo + 1)) : lo + r * (hi - lo);
  }
  return out;
}

const given = (g: Graph): readonly Tensor[] => [g.input, ...(g.moreInputs ?? [])].map((t) => g.tensors[t] as Tensor);

function sameAnswers(a: Graph, b: Graph): void {
  const [p, q] = [a, b].map((g) => createRunner(prepareNetwork(g)));
  for (let seed = 1; seed <= 3; seed++) {
    const rows = given(a).map((t, i) => rowFor(t, seed * 7 + i));
    assert.deepEqual(q?.(...rows).scores, p?.(...rows).scores);
  }
}

const writable = allOps.filter((op) => op.write?.tflite && (op.layerCases ?? []).length > 0);

for (const op of writable) {
  test(`${op.name}: written and read back`, () => {
    let written = 0;
    for (const c of op.layerCases ?? []) {
      const graph = networkOf(op, c);
      let bytes: Uint8Array;
      try { bytes = writeGraphTflite(graph); } catch (e) {
        if (e instanceof CoincellError && e.diagnostic.code === "tflite/cannot-write") continue;
        throw e;
      }
      const back = readGraph(bytes, "case.tflite");
      assert.deepEqual(given(back), given(graph), c.title);
      assert.deepEqual(back.tensors[back.outputs[0]?.tensor ?? 0]?.quant, stored(c.output).quant, c.title);
      assert.deepEqual(writeGraphTflite(back), bytes, `${c.title}: written again`);
      sameAnswers(graph, back);
      written++;
    }
    assert.ok(written > 0, "no case could be written");
  });
}

test("an operator without a form is named", () => {
  const op = allOps.find((o) => o.write === undefined && (o.layerCases ?? []).length > 0) as AnyOp;
  const graph = networkOf(op, op.layerCases?.[0] as LayerCase<Attrs>);
  assert.throws(() => writeGraphTflite(graph), (e: unknown) => e instanceof CoincellError && e.diagnostic.what.includes(op.name));
});

test("a convolution without a bias is written with one of zeros: TFLite refuses it otherwise", () => {
  for (const name of ["conv_2d", "depthwise_conv_2d"]) {
    const op = allOps.find((o) => o.name === name) as AnyOp;
    const bare = op.layerCases?.find((c) => c.inputs.length === 2 && c.inputs[0]?.dtype === "i8") as LayerCase<Attrs>;
    const [file] = readTflite(writeGraphTflite(networkOf(op, bare)), "case.tflite").subgraphs;
    const bias = file?.tensors[file.operators.find((o) => o.name.endsWith("CONV_2D"))?.inputs[2] ?? -1];
    assert.ok(bias?.data && bias.data.every((v) => Number(v) === 0), `${name}: ${bias?.name}`);
  }
});
