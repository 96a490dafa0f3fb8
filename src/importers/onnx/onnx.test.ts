/** The .onnx border against hand-made byte streams, real files with outputs of onnxruntime, and damaged files. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { CoincellError } from "../../ir/diagnostics.js";
import { isForeign, isNdArray, isObjectArray, type Foreign, type ForeignValue } from "../../ir/foreign.js";
import { readOnnx, sniffOnnx, type OnnxModel } from "./index.js";

const shared = new URL("../../../../shared/fixtures/", import.meta.url);
const skip = existsSync(shared) ? false : "the shared fixtures are not on this machine";

// A writer of its own, so that the reader is not tested against itself.
type Part = readonly number[];
function varint(v: number | bigint): Part {
  const out: number[] = [];
  let n = BigInt.asUintN(64, BigInt(v));
  for (; n > 127n; n >>= 7n) out.push(Number(n & 127n) | 128);
  return [...out, Number(n)];
}
const int = (field: number, v: number | bigint): Part => [...varint(field * 8), ...varint(v)];
const chunk = (field: number, ...parts: readonly Part[]): Part => {
  const body = parts.flat();
  return [...varint(field * 8 + 2), ...varint(body.length), ...body];
};
const text = (field: number, s: string): Part => chunk(field, [...new TextEncoder().encode(s)]);
const f32 = (v: number): Part => [...new Uint8Array(Float32Array.of(v).buffer)];
const f64 = (v: number): Part => [...new Uint8Array(Float64Array.of(v).buffer)];
const i64 = (v: bigint): Part => [...new Uint8Array(BigInt64Array.of(v).buffer)];
const node = (op: string, inputs: readonly string[], outputs: readonly string[], ...attributes: readonly Part[]): Part =>
  chunk(1, ...inputs.map((i) => text(1, i)), ...outputs.map((o) => text(2, o)), text(4, op), ...attributes.map((a) => chunk(5, a)));
const attribute = (name: string, type: number, ...values: readonly Part[]): Part => [text(1, name), ...values, int(20, type)].flat();
const model = (...graph: readonly Part[]): Uint8Array =>
  Uint8Array.from([int(1, 8), text(2, "hand"), text(3, "1.0"), chunk(7, text(2, "g"), ...graph), chunk(8, text(1, ""), int(2, 17))].flat());
const input = (name: string): Part => chunk(11, text(1, name), chunk(2, chunk(1, int(1, 1), chunk(2, chunk(1, text(2, "N")), chunk(1, int(1, 4)), chunk(1)))));
const tensor = (type: number, dims: readonly number[], ...values: readonly Part[]): Part => [...dims.map((d) => int(1, d)), int(2, type), text(8, "t"), ...values].flat();

const load = (bytes: Uint8Array): OnnxModel => readOnnx(bytes, "hand.onnx");
const loadTensor = (t: Part): ForeignValue | undefined => load(model(chunk(5, t))).graph.initializers.get("t");
const values = (v: ForeignValue | undefined): unknown[] => {
  assert.ok(isNdArray(v) || isObjectArray(v));
  return [...v.data];
};
const code = (run: () => unknown): string => {
  try {
    run();
  } catch (e) {
    assert.ok(e instanceof CoincellError, String(e));
    return e.diagnostic.code;
  }
  return "no error";
};

test("a hand-made model: inputs, node, attributes of every kind", () => {
  const m = load(model(
    input("x"),
    node("Foo", ["x", ""], ["y"],
      attribute("i", 2, int(3, -5)), attribute("f", 1, [0x15, ...f32(0.1)]), attribute("s", 3, text(4, "hé")),
      attribute("ints", 7, chunk(8, varint(1), varint(-2), varint(300))), attribute("loose", 7, int(8, 7), int(8, 9)),
      attribute("floats", 6, chunk(7, f32(0.1), f32(-2))), attribute("strings", 8, text(9, "a"), text(9, "")),
      attribute("t", 4, chunk(5, tensor(1, [2], chunk(9, f32(1.5), f32(2.5))))), attribute("none", 7),
      attribute("long", 2, int(3, 2n ** 62n)), attribute("zero", 2)),
    chunk(12, text(1, "y")),
  ));
  assert.equal(m.producer, "hand 1.0");
  assert.deepEqual([...m.opsets], [["ai.onnx", 17]]);
  assert.deepEqual(m.graph.inputs, [{ name: "x", elemType: "float32", shape: ["N", 4, null] }]);
  const [n] = m.graph.nodes;
  assert.ok(n);
  assert.equal(n.type, "ai.onnx.Foo");
  assert.equal(n.where, "hand.onnx: node 0 (Foo)");
  const f = n.fields;
  assert.equal(f.get("i"), -5);
  assert.equal(f.get("f"), Math.fround(0.1));
  assert.equal(f.get("s"), "hé");
  assert.deepEqual(values(f.get("ints")), [1, -2, 300]);
  assert.deepEqual(values(f.get("loose")), [7, 9]);
  assert.deepEqual(values(f.get("floats")), [Math.fround(0.1), -2]);
  assert.deepEqual(f.get("strings"), ["a", ""]);
  assert.deepEqual(values(f.get("t")), [1.5, 2.5]);
  assert.deepEqual(values(f.get("none")), []);
  assert.equal(f.get("long"), 2n ** 62n);
  assert.equal(f.get("zero"), 0);
  assert.deepEqual(f.get("__inputs__"), ["x", ""]);
  assert.deepEqual(f.get("__outputs__"), ["y"]);
});

test("tensors: raw and typed, every element type", () => {
  assert.deepEqual(values(loadTensor(tensor(11, [1], chunk(10, f64(Math.PI))))), [Math.PI]);
  assert.deepEqual(values(loadTensor(tensor(1, [], chunk(4, f32(3))))), [3]);
  assert.deepEqual(values(loadTensor(tensor(7, [2], chunk(9, i64(-1n), i64(2n ** 53n - 1n))))), [-1, 2 ** 53 - 1]);
  assert.deepEqual(values(loadTensor(tensor(7, [2], chunk(9, i64(1n), i64(2n ** 63n - 1n))))), [1n, 2n ** 63n - 1n]);
  assert.deepEqual(values(loadTensor(tensor(13, [1], chunk(11, varint(2n ** 64n - 1n))))), [2n ** 64n - 1n]);
  assert.deepEqual(values(loadTensor(tensor(3, [2], chunk(5, varint(-128), varint(127))))), [-128, 127]);
  assert.deepEqual(values(loadTensor(tensor(9, [2], chunk(9, [0, 1])))), [0, 1]);
  // 1.0, the smallest subnormal, -65504, -infinity
  assert.deepEqual(values(loadTensor(tensor(10, [4], chunk(9, [0, 0x3c, 1, 0, 0xff, 0xfb, 0, 0xfc])))), [1, 2 ** -24, -65504, -Infinity]);
  assert.deepEqual(values(loadTensor(tensor(10, [1], chunk(5, varint(0x3555))))), [0.333251953125]);
  assert.deepEqual(values(loadTensor(tensor(16, [1], chunk(9, [0x80, 0x3f])))), [1]);
  assert.deepEqual(values(loadTensor(tensor(22, [3], chunk(9, [0x8f, 0x07])))), [-1, -8, 7]);
  assert.deepEqual(values(loadTensor(tensor(8, [2], text(6, "a"), text(6, "b")))), ["a", "b"]);
  assert.deepEqual(values(loadTensor(tensor(1, [0]))), []);
});

test("what cannot be read says so", () => {
  const t = (...a: Parameters<typeof tensor>): string => code(() => loadTensor(tensor(...a)));
  assert.equal(t(1, [2], chunk(9, f32(1))), "onnx/bad-tensor");
  assert.equal(t(1, [1e9, 1e9], chunk(9, f32(1))), "onnx/bad-tensor");
  assert.equal(t(1, [-1], chunk(9, f32(1))), "onnx/bad-tensor");
  assert.equal(t(1, [3]), "onnx/bad-tensor");
  assert.equal(t(3, [1], chunk(5, varint(200))), "onnx/bad-tensor");
  assert.equal(t(14, [1], chunk(9, f64(1))), "onnx/element-type");
  assert.equal(t(1, [1], chunk(13, text(1, "location"), text(2, "w.bin")), int(14, 1)), "onnx/external-data");
  assert.equal(code(() => load(Uint8Array.of())), "onnx/damaged");
  assert.equal(code(() => load(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))), "onnx/damaged");
  assert.equal(code(() => load(Uint8Array.of(8, 8, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f))), "onnx/damaged");
  assert.equal(code(() => load(Uint8Array.of(8, 8, 0x3b))), "onnx/damaged");
  assert.equal(code(() => load(Uint8Array.from([...int(1, 8), ...chunk(25)]))), "onnx/functions");
});

test("wiring: cycles, unknown inputs, double outputs and deep nesting are refused", () => {
  const out = chunk(12, text(1, "a"));
  assert.equal(code(() => load(model(node("A", ["b"], ["a"]), node("B", ["a"], ["b"]), out))), "onnx/bad-graph");
  assert.equal(code(() => load(model(input("x"), node("A", ["x"], ["a"]), node("B", ["x"], ["a"]), out))), "onnx/bad-graph");
  assert.equal(code(() => load(model(input("x"), out))), "onnx/bad-graph");
  const nest = (depth: number): Part => (depth === 0 ? text(2, "end") : node("If", ["x"], [`y${depth}`], attribute("body", 5, chunk(6, nest(depth - 1)))));
  assert.equal(code(() => load(model(input("x"), nest(5)))), "no error");
  assert.equal(code(() => load(model(input("x"), nest(12)))), "onnx/bad-graph");
  assert.equal(code(() => load(Uint8Array.from([...int(1, 8), ...chunk(7, Array.from({ length: 2_100_000 }, (_, i) => (i % 2 ? 0 : 0x5a)))]))), "onnx/too-large");
});

test("sub-graphs see the names around them and come as onnx.Graph", () => {
  const body = chunk(6, text(2, "body"), node("Add", ["x", "k"], ["inner"]), chunk(12, text(1, "inner")));
  const m = load(model(input("x"), chunk(5, [...int(1, 1), ...int(2, 1), ...text(8, "k"), ...chunk(9, f32(2))]), node("If", ["x"], ["y"], attribute("then_branch", 5, body)), chunk(12, text(1, "y"))));
  const g = m.graph.nodes[0]?.fields.get("then_branch");
  assert.ok(isForeign(g));
  assert.equal(g.type, "onnx.Graph");
  const nodes = g.fields.get("nodes");
  assert.ok(Array.isArray(nodes));
  assert.equal((nodes[0] as Foreign).type, "ai.onnx.Add");
});

interface Described { readonly inputs: readonly { readonly name: string }[]; readonly outputs: readonly { readonly name: string }[] }

test("the ONNX fixtures: every file reads, is recognised, and names the inputs of its description", { skip }, () => {
  const folder = new URL("onnx/", shared);
  const files = readdirSync(folder).filter((f) => f.endsWith(".onnx"));
  assert.equal(files.length, 18);
  for (const name of files) {
    const bytes = new Uint8Array(readFileSync(new URL(name, folder)));
    assert.ok(sniffOnnx(bytes), name);
    const m = readOnnx(bytes, name);
    const told = JSON.parse(readFileSync(new URL(name.replace(".onnx", ".json"), folder), "utf8")) as Described;
    assert.deepEqual(m.graph.inputs.map((i) => i.name), told.inputs.map((i) => i.name), name);
    assert.deepEqual(m.graph.outputs.map((i) => i.name), told.outputs.map((i) => i.name), name);
  }
  for (const other of ["classical/formats/rf.p4.pkl", "classical/formats/xgb.ubj", "classical/formats/m.h5", "classical/formats/a.npy"]) {
    assert.equal(sniffOnnx(new Uint8Array(readFileSync(new URL(other, shared)))), false, other);
  }
});

/** The mean of leaf weights of a TreeEnsembleClassifier, from its attributes alone. */
function ensemble(n: Foreign, row: readonly number[]): number[] {
  const list = (key: string): number[] => values(n.fields.get(key)).map(Number);
  const [trees, ids, features, thresholds, yes, no] = ["treeids", "nodeids", "featureids", "values", "truenodeids", "falsenodeids"].map((k) => list(`nodes_${k}`)) as [number[], number[], number[], number[], number[], number[]];
  const modes = n.fields.get("nodes_modes") as readonly string[];
  const at = new Map(ids.map((id, i) => [`${trees[i]}/${id}`, i]));
  const weights = list("class_weights");
  const [ct, cn, cc] = [list("class_treeids"), list("class_nodeids"), list("class_ids")];
  const scores = new Map<number, number>();
  for (const tree of new Set(trees)) {
    let i = at.get(`${tree}/0`) ?? 0;
    while (modes[i] !== "LEAF") {
      assert.equal(modes[i], "BRANCH_LEQ");
      i = at.get(`${tree}/${Math.fround(row[features[i] ?? 0] ?? 0) <= (thresholds[i] ?? 0) ? yes[i] : no[i]}`) ?? -1;
    }
    weights.forEach((w, k) => {
      if (ct[k] === tree && cn[k] === ids[i]) scores.set(cc[k] ?? 0, (scores.get(cc[k] ?? 0) ?? 0) + w);
    });
  }
  return [...scores].toSorted((a, b) => a[0] - b[0]).map((s) => s[1]);
}

test("the forests of skl2onnx, evaluated from the parsed attributes, give the truth", { skip }, () => {
  for (const set of ["iris", "wine", "rgb"]) {
    for (const kind of ["dt", "rf", "et"]) {
      const folder = new URL(`classical/sk191/${set}/`, shared);
      const m = readOnnx(new Uint8Array(readFileSync(new URL(`${kind}.onnx`, folder))), `${kind}.onnx`);
      const n = m.graph.nodes[0];
      assert.equal(n?.type, "ai.onnx.ml.TreeEnsembleClassifier");
      const table = (name: string): number[][] => readFileSync(new URL(name, folder), "utf8").trim().split("\n").map((l) => l.split(",").map(Number));
      const truth = table(`${kind}.pred.csv`);
      table("test_raw.csv").forEach((row, r) => {
        ensemble(n, row).forEach((p, c) => assert.ok(Math.abs(p - (truth[r]?.[c + 1] ?? NaN)) < 1e-5, `${set} ${kind} row ${r}`));
      });
    }
  }
});

test("QDQ weights arrive as integers of the right type and shape", { skip }, () => {
  const m = readOnnx(new Uint8Array(readFileSync(new URL("onnx/qdq_gemm_min.onnx", shared))), "q.onnx");
  const kinds = [...m.graph.initializers.values()].map((t) => (isNdArray(t) ? t.data.constructor.name : "objects"));
  assert.ok(kinds.includes("Int8Array"));
  for (const t of m.graph.initializers.values()) assert.equal(t.shape.reduce((a, b) => a * b, 1), t.data.length);
});

test("damaged files end in a CoincellError", { skip }, () => {
  const bytes = new Uint8Array(readFileSync(new URL("onnx/skl_knn.onnx", shared)));
  let seed = 1;
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * n);
  };
  for (let i = 0; i < 1500; i++) {
    const b = i % 4 === 0 ? bytes.slice(0, random(bytes.length)) : bytes.slice();
    for (let k = 0; k < 1 + (i % 5); k++) b[random(b.length)] = random(256);
    try {
      sniffOnnx(b);
      readOnnx(b, "bad.onnx");
    } catch (e) {
      assert.ok(e instanceof CoincellError, String(e));
    }
  }
});
