/** The passes over networks: what they leave out, and that no answer changes. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { importModel } from "../../importers/index.js";
import type { AnyNode, Graph, Tensor, TypedArray } from "../../ir/types.js";
import { prepareNetwork } from "../quantise/network.js";
import { createRunner } from "../run-program.js";
import { foldConstants } from "./fold-constants.js";
import { simplify } from "./index.js";
import { mergeConstants } from "./merge-constants.js";
import { axesOf, direct, inOrder, orderOf, reordered, reshaped, stepsOf } from "./views.js";

const cases: readonly { readonly title: string; readonly model: string }[] = JSON.parse(readFileSync(new URL("../../../test/fixtures/onnx-networks.json", import.meta.url), "utf8"));

function operators(title: string): readonly string[] {
  const found = cases.find((c) => c.title === title);
  assert.ok(found, title);
  return simplify(importModel(Buffer.from(found.model, "base64"), "x.onnx")).nodes.map((n) => (["none", undefined].includes(n.attrs["activation"] as string) ? n.op : `${n.op} ${String(n.attrs["activation"])}`));
}

for (const [title, expected] of [
  ["residual block", "conv_2d relu, conv_2d, add relu, rearrange"],
  ["Concat, Pad and mean between convolutions", "conv_2d, sigmoid, concat, pad, conv_2d, reduce_sum"],
  ["squeeze and excite", "conv_2d, reduce_sum, conv_2d, rectify, mul, rearrange"],
  ["sequence network", "reshape, conv_2d relu, max_pool_2d, reshape, fully_connected, softmax, reshape, argmax"],
  ["reshape by a computed shape", "conv_2d, reshape, fully_connected"],
  ["channels last outside", "conv_2d"],
  ["Conv, BatchNormalization, Relu", "conv_2d relu, rearrange"],
  ["int8 Conv, Relu", "conv_2d relu, rearrange"],
] as const) test(`${title}: ${expected}`, () => assert.deepEqual(operators(title).join(", "), expected));

test("views: transposes and reshapes in any order meet their inverse", () => {
  const v = direct(0, [1, 4, 5, 3]);
  const first = reordered(axesOf(v)!, [0, 3, 1, 2]);
  assert.equal(inOrder(first), false);
  assert.deepEqual(orderOf(first), [0, 2, 3, 1]);
  assert.ok(inOrder(reordered(first, [0, 2, 3, 1])));
  const flat = reshaped(first, [60]);
  assert.equal(stepsOf(flat), null);
  assert.deepEqual(stepsOf(reshaped(flat, [3, 20])), [1, 3]);
  assert.deepEqual(stepsOf(reshaped(flat, [1, 3, 2, 2, 5])), [60, 1, 30, 15, 3]);
});

const graph = (tensors: readonly Tensor[], nodes: readonly AnyNode[]): Graph => ({ name: "g", task: "transform", labels: [], featureNames: [], source: "", notes: [], tensors, nodes, input: 0, outputs: [{ role: "scores", tensor: tensors.length - 1 }] });
const real = (name: string, data?: readonly number[]): Tensor => ({ name, dtype: "f32", shape: [2], ...(data ? { data: Float32Array.from(data) } : {}) });
const add = (inputs: readonly number[], output: number): AnyNode => ({ name: `n${output}`, op: "add", attrs: { subtract: false, activation: "none" }, inputs, outputs: [output] });

test("constants are folded, equal ones stored once", () => {
  const g = graph([real("x"), real("a", [1, 2]), real("b", [3, 4]), real("c"), real("y")], [add([1, 2], 3), add([0, 3], 4)]);
  const folded = foldConstants(g);
  assert.equal(folded.nodes.length, 1);
  assert.deepEqual([...(folded.tensors[3]?.data ?? [])], [4, 6]);
  const twice = graph([real("x"), real("a", [1, 2]), real("b", [1, 2]), real("c"), real("y")], [add([0, 1], 3), add([3, 2], 4)]);
  assert.deepEqual(mergeConstants(twice).nodes.map((n) => n.inputs), [[0, 1], [3, 1]]);
});

const shared = new URL("../../../../shared/fixtures/int8/", import.meta.url);
interface Block { readonly dtype: "int8" | "int16" | "int32"; readonly offset: number; readonly byteLength: number }
const arrays = { int8: Int8Array, int16: Int16Array, int32: Int32Array };

test("integer TensorFlow Lite networks answer with the same bytes", { skip: existsSync(shared) ? false : "../shared/fixtures/int8 is not there" }, () => {
  let checked = 0;
  for (const file of readdirSync(shared).filter((f) => f.endsWith(".json"))) {
    const about = JSON.parse(readFileSync(new URL(file, shared), "utf8")) as { readonly model?: string; readonly data: string; readonly cases: number; readonly inputs: readonly Block[] };
    if (about.model === undefined) continue;
    const given = importModel(readFileSync(new URL(about.model, shared)), about.model);
    const bytes = Uint8Array.from(readFileSync(new URL(about.data, shared)));
    const row = about.inputs.map((b): TypedArray => { const all = new arrays[b.dtype](bytes.slice(b.offset, b.offset + b.byteLength).buffer); return all.subarray(0, all.length / about.cases); });
    const [before, after] = [given, simplify(given)].map((g) => createRunner(prepareNetwork(g))(...row));
    assert.deepEqual([after?.scores, ...(after?.more ?? [])], [before?.scores, ...(before?.more ?? [])], file);
    checked++;
  }
  assert.ok(checked > 50);
});
