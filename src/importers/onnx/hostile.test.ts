/** Damaged and hostile ONNX, XGBoost and LightGBM files: a CoincellError or a graph, in bounded time, never anything else. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { CoincellError } from "../../ir/diagnostics.js";
import { isNdArray, type ForeignValue, type NdArray } from "../../ir/foreign.js";
import { evaluate } from "../../passes/evaluate.js";
import { importModel } from "../index.js";
import { fixtures } from "../testing.js";
import { readOnnx, type OnnxModel } from "./index.js";
import { lowerOnnx } from "./lower.js";

function survives(bytes: Uint8Array, name: string): void {
  try {
    const g = importModel(bytes, name);
    evaluate(g, new Float64Array(g.tensors[g.input]?.shape[0] ?? 0));
  } catch (e) {
    assert.ok(e instanceof CoincellError, `${name}: ${e instanceof Error ? e.stack : String(e)}`);
  }
}

const ROUNDS = Number(process.env["FUZZ"] ?? 40);

for (const [folder, pattern] of [["onnx", /\.onnx$/], ["sklearn", /^(xgb|lgbm).*\.(json|ubj|txt|pkl|joblib)$/]] as const) {
  for (const file of readdirSync(fixtures(folder)).filter((f) => pattern.test(f) && !f.endsWith(".truth.json"))) {
    test(`damaged ${file}`, () => {
      const whole = readFileSync(new URL(file, fixtures(folder)));
      let s = file.length * 7919 + 1;
      const next = (n: number): number => (s = (Math.imul(s, 1664525) + 1013904223) >>> 0) % n;
      const started = performance.now();
      for (let r = 0; r < ROUNDS; r++) {
        const bytes = Uint8Array.from(whole);
        for (let k = 0; k <= r % 4; k++) bytes[next(bytes.length)] = next(256);
        survives(bytes, `${file} round ${r}`);
        survives(whole.subarray(0, next(whole.length)), `${file} cut ${r}`);
      }
      assert.ok(performance.now() - started < 500 * ROUNDS + 5000, "bounded time");
    });
  }
}

type Random = (n: number) => number;

const odd = [0, -1, 1, 2, 3, 1e9, -1e9, 2 ** 31, 0.5, NaN, Infinity];

/** Another value of the same kind: longer, shorter, of other numbers, of another shape. */
function other(v: ForeignValue, next: Random): ForeignValue {
  if (typeof v === "number") return odd[next(odd.length)] ?? 0;
  if (typeof v === "string") return ["", "LOGISTIC", "SOFTMAX", "NONE", "BRANCH_EQ", "LEAF", "RBF", "POLY", "MAX"][next(9)] ?? "";
  if (isNdArray(v)) {
    const data = Float64Array.from(v.data);
    const how = next(4);
    if (how === 0 && data.length > 0) data[next(data.length)] = odd[next(odd.length)] ?? 0;
    if (how === 1) return { ...v, shape: [data.length >> 1], data: data.subarray(0, data.length >> 1) };
    if (how === 2) return { ...v, shape: [1, data.length], data };
    return how === 3 ? { ...v, shape: [], data: Float64Array.of(odd[next(odd.length)] ?? 0) } : { ...v, data };
  }
  if (Array.isArray(v)) {
    const list: readonly ForeignValue[] = v;
    return list.length > 0 && next(2) === 0 ? list.map((x, i) => (i === next(list.length) ? other(x, next) : x)) : list.slice(0, list.length >> 1);
  }
  return v;
}

function changed(m: OnnxModel, next: Random): OnnxModel {
  const nodes = [...m.graph.nodes];
  const initializers = new Map(m.graph.initializers);
  const key = [...initializers.keys()][next(Math.max(1, initializers.size))];
  const tensor = key === undefined ? undefined : initializers.get(key);
  const at = next(nodes.length);
  const node = nodes[at];
  const how = next(5);
  if (how === 0 && key !== undefined && isNdArray(tensor)) initializers.set(key, other(tensor, next) as NdArray);
  else if (how === 1 && node) nodes[at] = { ...node, type: nodes[next(nodes.length)]?.type ?? node.type };
  else if (node) {
    const fields = new Map(node.fields);
    const names = [...fields.keys()];
    const name = how === 2 ? "__inputs__" : (names[next(names.length)] ?? "");
    const all = m.graph.nodes.slice(0, at).flatMap((n) => n.fields.get("__outputs__") as string[]);
    const value = fields.get(name);
    if (name === "__inputs__" && Array.isArray(value)) fields.set(name, value.map((x: ForeignValue) => (next(2) === 0 ? x : (all[next(Math.max(1, all.length))] ?? x))));
    else if (name !== "__outputs__" && value !== undefined) fields.set(name, other(value, next));
    nodes[at] = { ...node, fields };
  }
  return { ...m, graph: { ...m.graph, nodes, initializers } };
}

for (const file of readdirSync(fixtures("onnx")).filter((f) => f.endsWith(".onnx"))) {
  test(`changed ${file}`, () => {
    const whole = readOnnx(readFileSync(new URL(file, fixtures("onnx"))), file);
    let s = file.length * 104729 + 7;
    const next: Random = (n) => ((s = (Math.imul(s, 1664525) + 1013904223) >>> 0) >>> 8) % n;
    for (let r = 0; r < ROUNDS * 4; r++) {
      let m = whole;
      for (let k = 0; k <= r % 3; k++) m = changed(m, next);
      const started = performance.now();
      try {
        const g = lowerOnnx(m, file);
        evaluate(g, new Float64Array(g.tensors[g.input]?.shape[0] ?? 0));
      } catch (e) {
        assert.ok(e instanceof CoincellError, `${file} round ${r}: ${e instanceof Error ? e.stack : String(e)}`);
      }
      assert.ok(performance.now() - started < 5000, `${file} round ${r}: bounded time`);
    }
  });
}
