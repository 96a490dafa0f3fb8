/** Every container of one model gives equal trees; LZ4 and .npy vectors were made by lz4 4.4 and numpy 2.4. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { strToU8, unzipSync, zipSync } from "fflate";
import { CoincellError } from "../../ir/diagnostics.js";
import { type Foreign, type ForeignValue, isForeign, isObjectArray, isRecordArray } from "../../ir/foreign.js";
import { readNpy, readSklearn, sniffSklearn } from "./index.js";
import { decodeLz4Frame } from "./lz4.js";
import { bytes, field, foreign, fromBase64, fromHex, nd, refuses, shared } from "./testing.js";

const LZ4 = fromHex("04224d1868407900000000000000ec0d0000003f61626303005e50636162637800000000");

test("LZ4 frame: literals, overlapping match, size", () => {
  assert.equal(Buffer.from(decodeLz4Frame(LZ4, "x", 1000)).toString(), `${"abc".repeat(40)}x`);
  refuses("sklearn/too-large", () => decodeLz4Frame(LZ4, "x", 100));
  for (let cut = 0; cut < LZ4.length; cut++) refuses("sklearn/damaged-file", () => decodeLz4Frame(LZ4.subarray(0, cut), "x", 1000));
  const far = LZ4.slice();
  far[23] = 4;
  refuses("sklearn/damaged-file", () => decodeLz4Frame(far, "x", 1000));
});

const NPY = {
  c: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAIA/AAAAQAAAQEAAAIBA",
  f: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGk0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMiksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAAAAwAAAAIAAAAEAAAA",
  r: "k05VTVBZAQB2AHsnZGVzY3InOiBbKCdhJywgJ3xpMScpLCAoJycsICd8VjcnKSwgKCdiJywgJzxmOCcpXSwgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgIAoBAAAAAgAAAAAAAAAAAARA",
  u: "k05VTVBZAQB2AHsnZGVzY3InOiAnPFUyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAphAAAAYgAAAA==",
};

test(".npy: C and Fortran order, padded records, strings", () => {
  assert.deepEqual(readNpy(fromBase64(NPY.c), "x"), { kind: "ndarray", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) });
  assert.deepEqual(readNpy(fromBase64(NPY.f), "x"), { kind: "ndarray", shape: [2, 2], data: Int32Array.of(1, 2, 3, 4) });
  const r = readNpy(fromBase64(NPY.r), "x");
  assert.ok(r.kind === "records");
  assert.deepEqual([...r.columns].map(([k, v]) => [k, ...v.data]), [["a", 1], ["b", 2.5]]);
  assert.deepEqual(readNpy(fromBase64(NPY.u), "x"), { kind: "objects", shape: [1], data: ["ab"] });
});

const npy = (header: string) => bytes("\x93NUMPY\x01\0", header.length, 0, header, "\0\0\0\0");

test(".npy headers are parsed, not evaluated", () => {
  const good = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n";
  assert.deepEqual(readNpy(npy(good), "x"), { kind: "ndarray", shape: [1], data: Float32Array.of(0) });
  for (const bad of [
    good.replace("False", "exit()"), good.replace("(1,)", "(-1,)"), good.replace("(1,)", "(1e9,)"), good.replace("(1,)", "(9999999999,)"),
    good.replace("'<f4'", "'|O'"), good.replace("}", ""), `${good}x`, "[".repeat(100), "",
  ]) refuses("sklearn/damaged-file", () => readNpy(npy(bad), "x"));
});

const folder = shared("formats");
const skip = folder === undefined ? "../shared/fixtures/classical is not on this machine" : false;
const load = (name: string): Foreign => readSklearn(new Uint8Array(readFileSync(`${folder}/${name}`)), "m");
const MODELS = ["gbr", "gnb", "hgb", "knn", "linsvc", "mlp", "pipe_lr", "rf", "svc"];
const FORMS = ["p2.pkl", "p4.pkl", "p5.pkl", "joblib", "z.joblib", "lz4.joblib", "skops"];

/**
 * A tree without what may differ: a shared object's `where` is its first place, and pickle shares more than joblib does;
 * pickle and skops keep a numpy Generator in two forms, and no model needs it to predict.
 */
function bare(v: ForeignValue): unknown {
  if (v instanceof Map) return new Map([...v as ReadonlyMap<ForeignValue, ForeignValue>].filter(([k]) => k !== "_feature_subsample_rng").map(([k, x]) => [k, bare(x)]));
  if (Array.isArray(v)) return v.map((x) => bare(x as ForeignValue));
  if (isObjectArray(v)) return { ...v, data: v.data.map(bare) };
  return isForeign(v) ? { type: v.type, fields: bare(v.fields as ReadonlyMap<ForeignValue, ForeignValue>) } : v;
}

for (const model of MODELS) {
  test(`all forms of ${model} are equal`, { skip }, () => {
    const truth = bare(load(`${model}.p4.pkl`));
    for (const form of FORMS) {
      const name = `${model}.${form}`;
      assert.ok(sniffSklearn(new Uint8Array(readFileSync(`${folder}/${name}`))), name);
      assert.deepEqual(bare(load(name)), truth, name);
    }
    refuses("sklearn/unsupported-compression", () => load(`${model}.xz.joblib`));
  });
}

const at = (v: ForeignValue, ...path: readonly (string | number)[]): ForeignValue =>
  path.reduce<ForeignValue>((x, key) => {
    if (typeof key === "string") return field(foreign(x), key);
    return Array.isArray(x) ? x[key] as ForeignValue : assert.fail("not a list");
  }, v);

test("values equal those that Python printed", { skip }, () => {
  const truth = JSON.parse(readFileSync(`${folder}/truth.json`, "utf8")) as { lr_coef: number[][]; rf_thr: number[]; svc_dual: number[] };
  assert.deepEqual([...nd(at(load("pipe_lr.joblib"), "steps", 1, 1, "coef_")).data], truth.lr_coef.flat());
  const nodes = at(load("rf.skops"), "estimators_", 0, "tree_", "nodes");
  assert.ok(isRecordArray(nodes));
  assert.deepEqual([...nodes.columns.get("threshold")?.data ?? []].slice(0, 5), truth.rf_thr);
  const dual = nd(field(load("svc.p5.pkl"), "_dual_coef_"));
  const first = Array.from(dual.data.subarray(0, 3), Math.abs);
  assert.deepEqual(first, truth.svc_dual.map(Math.abs));
});

for (const set of ["iris", "rgb", "wine"]) {
  const sk191 = shared(`sk191/${set}`);
  test(`pickle and joblib of scikit-learn 1.9.1 are equal on ${set}`, { skip: sk191 === undefined ? "../shared is not on this machine" : false }, () => {
    for (const name of readdirSync(sk191 ?? "").filter((f) => f.endsWith(".pkl"))) {
      const read = (n: string) => readSklearn(new Uint8Array(readFileSync(`${sk191}/${n}`)), "m");
      const a = read(name);
      assert.deepEqual(bare(read(name.replace(/pkl$/, "joblib"))), bare(a), name);
    }
  });
}

test("skops: mutated schemas give a value or a diagnostic", { skip }, () => {
  const files = unzipSync(new Uint8Array(readFileSync(`${folder}/pipe_lr.skops`)));
  const schema = Buffer.from(files["schema.json"] ?? []).toString();
  const words = schema.match(/"[^"]{1,30}"/g) ?? [];
  let seed = 7;
  const random = (n: number): number => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % n;
  for (let i = 0; i < 300; i++) {
    const from = words[random(words.length)] ?? "";
    const to = words[random(words.length)] ?? "";
    const start = schema.indexOf(from, random(schema.length));
    const mutated = start < 0 ? schema.replaceAll(from, "3") : schema.slice(0, start) + to + schema.slice(start + from.length);
    const file = zipSync({ ...files, "schema.json": strToU8(mutated) }, { level: 0 });
    try {
      readSklearn(file, "m");
    } catch (e) {
      assert.ok(e instanceof CoincellError, String(e));
    }
  }
});
