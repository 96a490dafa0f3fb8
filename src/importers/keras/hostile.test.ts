/** Damaged and hostile Keras and TensorFlow.js files: a graph or a CoincellError, in bounded time, never anything else. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { unzipSync, zipSync } from "fflate";
import { CoincellError } from "../../ir/diagnostics.js";
import { importModel } from "../index.js";

const fixture = (name: string): URL => new URL(`../../../test/fixtures/keras/${name}`, import.meta.url);
const bytesOf = (name: string): Uint8Array => readFileSync(fixture(name));
const spent = (): number => process.cpuUsage().user / 1000;

function survives(bytes: Uint8Array, file: string, what: string): number {
  const started = spent();
  try {
    importModel(bytes, file);
  } catch (e) {
    assert.ok(e instanceof CoincellError, `${what}: ${e instanceof Error ? e.stack : String(e)}`);
  }
  return spent() - started;
}

type Next = (n: number) => number;
function random(seed: number): Next {
  let s = seed;
  return (n) => Math.floor(((s = (Math.imul(s, 1664525) + 1013904223) >>> 0) / 2 ** 32) * n);
}

const WORDS = ["null", "-1", "0", "1e9", "[]", "{}", "\"\"", "2147483648", "[[1,2],[3]]", "\"softmax\"", "true"];

/** Half of the places lie in the first part of the file, where HDF5 has its structure. */
function mutate(whole: Uint8Array, round: number, next: Next): Uint8Array {
  const bytes = Uint8Array.from(whole);
  const place = (n: number): number => next(next(2) ? bytes.length - n : Math.min(bytes.length - n, 12_000));
  switch (round % 5) {
    case 0:
      for (let k = 0; k <= next(8); k++) { const at = place(0); bytes[at] = (bytes[at] ?? 0) ^ (1 << next(8)); }
      return bytes;
    case 1: return bytes.subarray(0, next(bytes.length));
    case 2: {
      const length = next(64);
      bytes.copyWithin(place(length), place(length), place(length) + length);
      return bytes;
    }
    case 3: {
      const view = new DataView(bytes.buffer);
      const at = 8 * Math.floor(place(8) / 8);
      view.setBigUint64(at, [0n, 1n, 8n, 0xffff_ffff_ffff_ffffn, 0x7fff_ffffn, BigInt(bytes.length), BigInt(next(bytes.length)), view.getBigUint64(8 * next(Math.floor(bytes.length / 8)), true)][next(8)] ?? 0n, true);
      return bytes;
    }
    default: return words(bytes, next);
  }
}

/** Another value for some fields of the configuration, of the same length where it stands in a binary file. */
function words(bytes: Uint8Array, next: Next): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1");
  const fields = [...text.matchAll(/": (\[[^[\]{}]{1,40}\]|-?[\d.e-]+|"\w{1,20}"|null|true|false)/g)];
  const field = fields[next(Math.max(1, fields.length))];
  const old = field?.[1];
  if (!field || old === undefined) return bytes;
  const fresh = (WORDS[next(WORDS.length)] ?? "0").slice(0, old.length).padEnd(old.length);
  const at = field.index + field[0].length - old.length;
  bytes.set(Buffer.from(fresh, "latin1"), at);
  return bytes;
}

function storm(rounds: number, seed: number, file: (round: number, next: Next) => readonly [Uint8Array, string]): void {
  const next = random(seed);
  const times = Array.from({ length: rounds }, (_, r) => { const [bytes, name] = file(r, next); return survives(bytes, name, `seed ${seed} round ${r}`); });
  // A few slow ones may be the machine's fault.
  assert.ok((times.toSorted((a, b) => b - a)[4] ?? 0) < 500, `each in bounded time, not ${times.toSorted((a, b) => b - a).slice(0, 6).map(Math.round).join(", ")} ms`);
}

const ROUNDS = Number(process.env["FUZZ"] ?? 250);

test("mutated .h5 files", { timeout: 60_000 }, () => {
  const files = ["cnn_2.h5", "several_2.h5", "lstm_3.h5", "hdf5_old.h5"].map(bytesOf);
  storm(ROUNDS, 1, (r, next) => [mutate(files[next(files.length)] ?? new Uint8Array(), r, next), "m.h5"]);
});

test("mutated .keras files, and mutated entries of whole ones", { timeout: 60_000 }, () => {
  const names = ["functional_3.keras", "wide_3.keras", "both_ways_3.keras", "cnn_2.keras"];
  const files = names.map(bytesOf);
  const entries = files.map((f) => unzipSync(f));
  storm(ROUNDS, 2, (r, next) => [mutate(files[next(files.length)] ?? new Uint8Array(), r, next), "m.keras"]);
  storm(ROUNDS, 3, (r, next) => {
    const parts = { ...entries[next(entries.length)] };
    const name = next(2) ? "config.json" : "model.weights.h5";
    parts[name] = Uint8Array.from(mutate(parts[name] ?? new Uint8Array(), name === "config.json" && next(3) ? 4 : r, next));
    return [zipSync(parts, { level: 0 }), "m.keras"];
  });
});

test("mutated TensorFlow.js models, and mutated weights", { timeout: 60_000 }, () => {
  const name = "functional_2_tfjs/model.json";
  const whole = bytesOf(name);
  storm(ROUNDS, 4, (r, next) => [mutate(whole, next(2) ? 4 : r, next), fixture(name).pathname]);
  const folder = mkdtempSync(join(tmpdir(), "coincell-tfjs-"));
  for (const part of ["group1-shard1of2.bin", "group1-shard2of2.bin"]) writeFileSync(join(folder, part), bytesOf(`functional_2_tfjs/${part}`).subarray(0, 100));
  assert.throws(() => importModel(whole, join(folder, "model.json")), (e) => e instanceof CoincellError && /too short/.test(e.message));
  rmSync(folder, { recursive: true });
  assert.throws(() => importModel(whole, join(folder, "model.json")), (e) => e instanceof CoincellError && e.diagnostic.code === "tfjs/no-weights");
  for (const path of ["../../secret.bin", "/etc/passwd", "a/../../b", "", "..", "x\u0000"]) {
    const other = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(whole).toString()) as object, weightsManifest: [{ paths: [path], weights: [] }] }));
    assert.throws(() => importModel(other, fixture(name).pathname), (e) => e instanceof CoincellError && /no plain name|lacks/.test(e.message), path);
  }
});

test("every truncation, in steps", () => {
  for (const name of ["mlp_2.h5", "rnn_3.keras", "hdf5_new.h5"]) {
    const whole = bytesOf(name);
    for (let n = 1; n < whole.length; n += 331) survives(whole.subarray(0, n), name, `${name}: first ${n} bytes`);
  }
});

const model = (config: unknown): Uint8Array => Buffer.from(JSON.stringify({ format: "layers-model", modelTopology: config, weightsManifest: [] }));

const dense = (name: string, from: string) => ({ class_name: "Dense", name, config: { name, units: 1 }, inbound_nodes: [[[from, 0, 0, {}]]] });
const functional = (layers: readonly object[]) => ({ class_name: "Functional", config: { layers, input_layers: [["x", 0, 0]], output_layers: [["b", 0, 0]] } });

test("nested, endless and enormous configurations", () => {
  const input = { class_name: "InputLayer", name: "x", config: { name: "x", batch_input_shape: [null, 3] }, inbound_nodes: [] };
  let deep: object = { class_name: "Sequential", config: { layers: [] } };
  for (let k = 0; k < 20; k++) deep = { class_name: "Sequential", config: { name: `m${k}`, layers: [deep] } };
  const grow = Array.from({ length: 60 }, (_, k) => ({ class_name: "UpSampling1D", config: { name: `u${k}`, size: 32767, batch_input_shape: [null, 9, 1] } }));
  for (const [what, config] of [
    ["a circle", functional([input, dense("a", "b"), dense("b", "a")])],
    ["itself", functional([input, dense("b", "b")])],
    ["nobody", functional([input, dense("b", "nobody")])],
    ["twice", functional([input, dense("b", "x"), dense("b", "x")])],
    ["models in models", deep],
    ["growth", { class_name: "Sequential", config: { layers: grow } }],
    ["layers", { class_name: "Sequential", config: { layers: Array.from({ length: 3000 }, (_, k) => ({ class_name: "ReLU", config: { name: `r${k}`, batch_input_shape: [null, 9] } })) } }],
    ["constructor", { class_name: "constructor", config: {} }], ["prototype", { class_name: "Sequential", config: { layers: [{ class_name: "constructor", config: { batch_input_shape: [null, 2] } }] } }],
    ["proto", { class_name: "Sequential", config: { layers: [{ class_name: "__proto__", config: { batch_input_shape: [null, 2] } }] } }],
  ] as const) {
    const started = spent();
    assert.throws(() => importModel(model(config), "m.json"), (e) => e instanceof CoincellError, what);
    assert.ok(spent() - started < 1000, `${what}: bounded time`);
  }
  const brackets = Buffer.from(`{"format":"layers-model","modelTopology":${"[".repeat(1_000_000)}`);
  assert.throws(() => importModel(brackets, "m.json"), (e) => e instanceof CoincellError && /nested/.test(e.message));
});
