/** Damaged and changed ONNX networks: a CoincellError or a graph that runs, in bounded time, never anything else. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CoincellError } from "../../ir/diagnostics.js";
import { isNdArray, type Foreign, type ForeignValue } from "../../ir/foreign.js";
import { elements } from "../../ir/types.js";
import { verifyGraph } from "../../ir/verify.js";
import { knownOps } from "../../ops/registry.js";
import { evaluate } from "../../passes/evaluate.js";
import { simplify } from "../../passes/network/index.js";
import { prepareNetwork } from "../../passes/quantise/network.js";
import { readOnnx, type OnnxModel } from "./index.js";
import { readNetwork } from "./network.js";

type Random = (n: number) => number;
const random = (seed: number): Random => { let s = seed; return (n) => ((s = (Math.imul(s, 1664525) + 1013904223) >>> 0) >>> 8) % n; };
const ROUNDS = Number(process.env["FUZZ"] ?? 12);

const cases: readonly { readonly title: string; readonly model: string }[] = JSON.parse(readFileSync(new URL("../../../test/fixtures/onnx-networks.json", import.meta.url), "utf8"));

function survives(read: () => OnnxModel, what: string): void {
  const started = performance.now();
  try {
    const given = verifyGraph(readNetwork(read(), "x.onnx"), knownOps);
    const graph = verifyGraph(simplify(given), knownOps);
    const macs = elements(graph.tensors[graph.input]);
    if (macs < 10000) evaluate(graph, new Float64Array(macs + 100000));
    prepareNetwork(graph);
  } catch (e) {
    assert.ok(e instanceof CoincellError, `${what}: ${e instanceof Error ? e.stack : String(e)}`);
  }
  assert.ok(performance.now() - started < 10000, `${what}: bounded time`);
}

const odd = [0, -1, 1, 2, 3, 7, 1e9, -1e9, 2 ** 31, 0.5, NaN, Infinity];

function other(v: ForeignValue, next: Random): ForeignValue {
  const number = (): number => odd[next(odd.length)] ?? 0;
  if (typeof v === "number") return number();
  if (typeof v === "string") return ["", "SAME_UPPER", "linear", "reflect", "CRD", "floor"][next(6)] ?? "";
  if (isNdArray(v)) {
    const data = v.data.slice();
    const how = next(4);
    if (how === 0 && data.length > 0) data[next(data.length)] = number();
    if (how === 1) return { ...v, shape: [data.length >> 1], data: data.subarray(0, data.length >> 1) };
    if (how === 2) return { ...v, shape: [1, data.length] };
    return how === 3 ? { ...v, shape: [], data: data.subarray(0, 1) } : { ...v, data };
  }
  return v;
}

function changedNode(f: Foreign, before: readonly Foreign[], all: readonly Foreign[], next: Random): Foreign {
  const how = next(4);
  if (how === 0) return { ...f, type: all[next(all.length)]?.type ?? f.type };
  const fields = new Map(f.fields);
  const made = before.flatMap((n) => n.fields.get("__outputs__") as string[]);
  const keys = [...fields.keys()].filter((k) => k !== "__outputs__");
  const key = how === 1 ? "__inputs__" : (keys[next(keys.length)] ?? "");
  const value = fields.get(key);
  if (key === "__inputs__" && Array.isArray(value)) fields.set(key, value.map((x: ForeignValue) => (next(2) === 0 ? x : (made[next(Math.max(1, made.length))] ?? ""))).slice(0, 1 + next(value.length + 1)));
  else if (value !== undefined) fields.set(key, other(value, next));
  return { ...f, fields };
}

function changed(m: OnnxModel, next: Random): OnnxModel {
  const nodes = [...m.graph.nodes];
  const initializers = new Map(m.graph.initializers);
  const inputs = m.graph.inputs.map((v) => (next(8) === 0 ? { ...v, shape: v.shape?.map((d) => (next(3) === 0 ? ([null, "n", 1, 5, 70000][next(5)] ?? null) : d)) ?? null } : v));
  const key = [...initializers.keys()][next(Math.max(1, initializers.size))];
  const tensor = key === undefined ? undefined : initializers.get(key);
  const at = next(nodes.length);
  const node = nodes[at];
  if (next(3) === 0 && key !== undefined && isNdArray(tensor)) initializers.set(key, other(tensor, next) as typeof tensor);
  else if (node) nodes[at] = changedNode(node, nodes.slice(0, at), nodes, next);
  return { ...m, graph: { ...m.graph, inputs, nodes, initializers } };
}

for (const [i, c] of cases.entries()) {
  test(c.title, () => {
    const whole = Buffer.from(c.model, "base64");
    const model = readOnnx(whole, "x.onnx");
    const next = random(i * 104729 + 7);
    for (let r = 0; r < ROUNDS; r++) {
      const bytes = Uint8Array.from(whole);
      for (let k = 0; k <= r % 4; k++) bytes[next(bytes.length)] = next(256);
      survives(() => readOnnx(bytes, "x.onnx"), `bytes, round ${r}`);
      let m = model;
      for (let k = 0; k <= r % 3; k++) m = changed(m, next);
      survives(() => m, `changed, round ${r}`);
    }
  });
}
