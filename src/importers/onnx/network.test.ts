/** Networks in ONNX against ONNX Runtime: operators one by one (test/fixtures/onnx-networks.json), and whole networks of the shared fixtures. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { simplify } from "../../passes/network/index.js";
import { prepareNetwork } from "../../passes/quantise/network.js";
import { createRunner } from "../../passes/run-program.js";
import { count, elements, type Graph, type Shape, type Tensor } from "../../ir/types.js";
import { verifyGraph } from "../../ir/verify.js";
import { knownOps } from "../../ops/registry.js";
import { importModel } from "../index.js";
import { readOnnx } from "./index.js";
import { readNetwork } from "./network.js";
import { quantised, type Format } from "./scales.js";

interface Case { readonly title: string; readonly kind: "float" | "quantised"; readonly model: string; readonly shape: Shape; readonly x: readonly number[]; readonly yShape: Shape; readonly y: readonly number[]; readonly tolerance?: number; readonly scale?: number }

/** Channels last where the device has them so. */
function arranged(x: ArrayLike<number>, file: Shape, device: Shape): Float32Array {
  if (file.join() === device.join()) return Float32Array.from(x);
  const [channels = 1, inside] = [file[1], count(file.slice(2))];
  return Float32Array.from({ length: x.length }, (_, i) => x[(i % channels) * inside + Math.floor(i / channels)] ?? 0);
}

/** All outputs in real numbers, as the device computes them. */
function answers(graph: Graph, x: ArrayLike<number>, shape: Shape): { readonly values: Float64Array; readonly tensor: Tensor }[] {
  const program = prepareNetwork(graph);
  const input = graph.tensors[graph.input] as Tensor;
  const rows = arranged(x, shape, input.shape);
  const out = createRunner(program)(input.quant ? quantised(rows, input.shape, input as Format) : rows);
  return [program.scores, ...program.moreOutputs].map((t, i) => {
    const tensor = program.tensors[t] as Tensor;
    const [scale = 1, zero = 0] = [tensor.quant?.scale[0], tensor.quant?.zero[0]];
    return { tensor, values: Float64Array.from([out.scores, ...out.more][i] ?? [], (v) => (tensor.quant ? scale * (v - zero) : v)) };
  });
}

const worst = (got: Float64Array, want: ArrayLike<number>, unit: (v: number) => number): number => got.reduce((m, v, i) => Math.max(m, Math.abs(v - (want[i] ?? NaN)) / unit(want[i] ?? 0)), 0);

const cases: readonly Case[] = JSON.parse(readFileSync(new URL("../../../test/fixtures/onnx-networks.json", import.meta.url), "utf8"));

for (const c of cases) {
  test(c.title, () => {
    // Without the road's choice: some of these are tables of features as well.
    const given = verifyGraph(readNetwork(readOnnx(Buffer.from(c.model, "base64"), "network.onnx"), "network.onnx"), knownOps);
    for (const graph of [given, simplify(given)]) {
      const [y] = answers(graph, c.x, c.shape);
      assert.equal(y?.values.length, c.y.length);
      const { values } = y;
      assert.ok(values.every(Number.isFinite));
      if (c.scale === undefined) assert.ok(worst(values, c.y, (v) => Math.max(1, Math.abs(v))) <= (c.tolerance ?? 1e-5), `off by ${worst(values, c.y, (v) => Math.max(1, Math.abs(v)))}`);
      else assert.ok(worst(values, c.y, () => c.scale ?? 1) <= 1.01, `off by ${worst(values, c.y, () => c.scale ?? 1)} steps`);
    }
    // Outputs keep the file's order of axes.
    if (c.yShape.length > 0) assert.equal(elements(given.tensors[given.outputs[0]?.tensor ?? -1]), count(c.yShape));
  });
}

const shared = new URL("../../../../shared/fixtures/onnx/", import.meta.url);
interface Fixture { readonly model: string; readonly data: string; readonly inputs: readonly Block[]; readonly outputs: readonly Block[] }
interface Block { readonly shape: Shape; readonly offset: number; readonly byteLength: number }

for (const name of ["float_cnn", "qdq_cnn_s8_perchannel", "qdq_gemm_min", "qoperator_cnn_u8s8", "lstm", "gru_lbr1"]) {
  const there = existsSync(new URL(`${name}.json`, shared));
  test(name, { skip: there ? false : "../shared/fixtures/onnx is not there" }, () => {
    const fixture: Fixture = JSON.parse(readFileSync(new URL(`${name}.json`, shared), "utf8"));
    const bytes = readFileSync(new URL(fixture.data, shared));
    const block = (b: Block): Float32Array => new Float32Array(Uint8Array.from(bytes.subarray(b.offset, b.offset + b.byteLength)).buffer);
    const graph = simplify(importModel(readFileSync(new URL(fixture.model, shared)), fixture.model));
    const [x] = fixture.inputs as [Block];
    answers(graph, block(x), x.shape).forEach(({ values, tensor }, i) => {
      const want = block(fixture.outputs[i] as Block);
      const step = tensor.quant?.scale[0];
      assert.ok(worst(values, want, (v) => step ?? Math.max(1, Math.abs(v))) <= (step === undefined ? 1e-5 : 1.01));
      assert.equal(values.indexOf(Math.max(...values)), want.indexOf(Math.max(...want)));
    });
  });
}

const first = (title: string): ReturnType<typeof readOnnx> => readOnnx(Buffer.from(cases.find((c) => c.title === title)?.model ?? "", "base64"), "network.onnx");
const renamed = (m: ReturnType<typeof readOnnx>, from: string, to: string): typeof m => ({ ...m, graph: { ...m.graph, nodes: m.graph.nodes.map((f) => (f.type === from ? { ...f, type: to } : f)) } });

test("operators that nobody knows are named at once, with their nodes", () => {
  const m = renamed(renamed(first("residual block"), "ai.onnx.Relu", "ai.onnx.Mish"), "ai.onnx.Add", "com.acme.Add");
  assert.throws(() => readNetwork(m, "network.onnx"), /3 of 5 nodes .*Mish \(r1, y.*com\.acme\.Add \(a.*Supported: .*Conv/s);
});

test("scales that do not fit each other, and unknown shapes, are refused", () => {
  const m = first("int8 Gemm");
  const other = new Map(m.graph.initializers).set("c_s", { kind: "ndarray", shape: [], data: Float32Array.of(0) });
  assert.throws(() => readNetwork({ ...m, graph: { ...m.graph, initializers: other } }, "x"), /Scales must be positive/);
  const open = { ...m, graph: { ...m.graph, inputs: m.graph.inputs.map((i) => ({ ...i, shape: ["n", "m"] })) } };
  assert.throws(() => readNetwork(open, "x"), /fixed input shape/);
});

test("the batch of an input may be open; channels first is told", () => {
  const m = first("Conv, BatchNormalization, Relu");
  const g = readNetwork({ ...m, graph: { ...m.graph, inputs: m.graph.inputs.map((i) => ({ ...i, shape: ["n", ...(i.shape ?? []).slice(1)] })) } }, "x");
  assert.deepEqual(g.tensors[g.input]?.shape, [1, 5, 5, 2]);
  assert.match(g.notes.join(), /channels last/);
});

test("a perceptron over a table of features stays a classical model", () => {
  const g = importModel(Buffer.from(cases.find((c) => c.title === "MatMul and Add")?.model ?? "", "base64"), "x.onnx");
  assert.equal(g.tensors[g.input]?.dtype, "f64");
});
