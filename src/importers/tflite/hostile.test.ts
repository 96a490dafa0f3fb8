/** Damaged and hostile .tflite files: a CoincellError or a model, in bounded time and memory, never anything else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CoincellError } from "../../ir/diagnostics.js";
import { FlatBuilder } from "./builder.js";
import { write } from "./encode.js";
import { valuesOf } from "./element.js";
import { FlatReader } from "./flatbuffer.js";
import { readTflite } from "./model.js";
import { MODEL } from "./schema.js";
import { smallModel, tensor } from "./testing.js";
import { writeTflite } from "./write.js";

/** Milliseconds of processor time: other tests may run beside this one. */
const spent = (): number => process.cpuUsage().user / 1000;

/** Reads the file and every constant in it; gives milliseconds. */
function survives(bytes: Uint8Array, name: string): number {
  const started = spent();
  try {
    const m = readTflite(bytes, name);
    for (const g of m.subgraphs) for (const t of g.tensors) if (t.data) readConstant(t, name);
  } catch (e) {
    assert.ok(e instanceof CoincellError, `${name}: ${e instanceof Error ? e.stack : String(e)}`);
  }
  return spent() - started;
}

/** A constant that cannot be read must not hide the next. */
function readConstant(t: Parameters<typeof valuesOf>[0], name: string): void {
  try {
    valuesOf(t, name);
  } catch (e) {
    assert.ok(e instanceof CoincellError, `${name}: ${e instanceof Error ? e.stack : String(e)}`);
  }
}

const ROUNDS = Number(process.env["FUZZ"] ?? 2000);

function mutate(whole: Uint8Array, round: number, next: (n: number) => number): Uint8Array {
  const bytes = Uint8Array.from(whole);
  switch (round % 4) {
    case 0: // some bits
      for (let k = 0; k <= next(8); k++) { const at = next(bytes.length); bytes[at] = (bytes[at] ?? 0) ^ (1 << next(8)); }
      return bytes;
    case 1: // cut
      return bytes.subarray(0, next(bytes.length));
    case 2: { // one part over another
      const length = next(64);
      bytes.copyWithin(next(bytes.length), next(bytes.length), next(bytes.length) + length);
      return bytes;
    }
    default: { // a number that is too large, negative, zero
      const view = new DataView(bytes.buffer);
      view.setInt32(4 * next(bytes.length >> 2), [0, 1, 4, -1, -4, 0x7fffffff, 0x10000, bytes.length][next(8)] ?? 0, true);
      return bytes;
    }
  }
}

for (const buffersOutside of [false, true]) {
  test(`${ROUNDS} mutations of a small model${buffersOutside ? " with buffers outside" : ""}`, () => {
    const whole = writeTflite(smallModel(), { buffersOutside });
    let s = 20 + Number(buffersOutside);
    const next = (n: number): number => Math.floor(((s = (Math.imul(s, 1664525) + 1013904223) >>> 0) / 2 ** 32) * n);
    const times = Array.from({ length: ROUNDS }, (_, r) => survives(mutate(whole, r, next), `round ${r}`));
    // One slow one may be the machine's fault.
    assert.ok((times.toSorted((a, b) => b - a)[2] ?? 0) < 50, "each in bounded time");
  });
}

test("every truncation of a small model", () => {
  const whole = writeTflite(smallModel());
  for (let n = 0; n < whole.length; n++) survives(whole.subarray(0, n), `first ${n} bytes`);
});

const damaged = (bytes: Uint8Array, what: RegExp): void =>
  assert.throws(() => readTflite(bytes, "f"), (e) => e instanceof CoincellError && what.test(e.diagnostic.what));

test("what no file may say", () => {
  const whole = writeTflite(smallModel());
  const patched = (at: number, value: number): Uint8Array => {
    const bytes = Uint8Array.from(whole);
    new DataView(bytes.buffer).setInt32(at, value, true);
    return bytes;
  };
  damaged(new Uint8Array(), /not "TFL3"/);
  damaged(patched(4, 0), /not "TFL3"/);
  damaged(patched(0, 0), /a reference of 0 bytes/);
  damaged(patched(0, -8), /announced/);
  damaged(patched(0, whole.length - 2), /announced/);
  const root = new DataView(whole.buffer).getInt32(0, true);
  damaged(patched(root, 0x7fffffff), /layout of a table lies outside/);
  damaged(patched(root, -whole.length), /layout of a table lies outside/);
  const m = smallModel();
  const g = m.subgraphs[0] ?? assert.fail();
  const damage = (more: Partial<typeof g>): Uint8Array => writeTflite({ ...m, subgraphs: [{ ...g, ...more }] });
  damaged(writeTflite({ ...m, version: 2 }), /schema version 2/);
  damaged(writeTflite({ ...m, subgraphs: [] }), /no graph/);
  damaged(damage({ inputs: [9] }), /tensor 9 of 9/);
  damaged(damage({ inputs: [-1] }), /tensor -1 of 9/);
  damaged(damage({ inputs: [1] }), /is a constant/);
  damaged(damage({ inputs: [] }), /nothing has computed/);
  damaged(damage({ outputs: [7], operators: [] }), /nothing computes/);
  damaged(damage({ operators: [...g.operators, ...g.operators] }), /already has a value/);
  damaged(damage({ tensors: g.tensors.with(3, tensor("conv", [1, -1, 5, 4])) }), /1x-1x5x4/);
  damaged(damage({ tensors: g.tensors.with(3, tensor("conv", [65536, 65536, 65536])) }), /elements/);
  const shared = new Uint8Array(100_000);
  damaged(damage({ tensors: [...g.tensors, ...Array.from({ length: 100 }, () => tensor("", [100_000], { data: shared }))] }), /share the bytes/);
  damaged(damage({ tensors: g.tensors.with(3, tensor("conv", [4], { scale: [NaN] })) }), /scale/);
  damaged(damage({ tensors: g.tensors.with(3, tensor("conv", [4], { scale: [1, 2, 3], zeroPoint: [0] })) }), /3 scales/);
  damaged(damage({ tensors: g.tensors.with(3, tensor("conv", [4], { zeroPoint: [2 ** 40] })) }), /zero point/);
});

test("many references to one table do not multiply work or memory", () => {
  const m = smallModel();
  const raw = { version: 3, operatorCodes: [], subgraphs: [], description: "", buffers: [], metadataBuffer: [], metadata: [], signatures: [] };
  for (const copies of [1000, 200_000]) {
    const b = new FlatBuilder();
    b.reserve(8, 4);
    const root = write(b, MODEL, raw);
    const list = b.references(copies);
    // One long name, shared by all.
    const layout = b.reserve(8, 2);
    [8, 8, 0, 4].forEach((w, i) => b.scalar(layout + 2 * i, "u16", w));
    const table = b.reserve(8, 4);
    b.scalar(table, "i32", table - layout);
    b.refer(table + 4, b.text("x".repeat(100_000)));
    for (let i = 0; i < copies; i++) b.refer(list + 4 + 4 * i, table);
    const bytes = b.finish();
    // The list of operator codes is the first that the root refers to.
    new DataView(bytes.buffer).setUint32(0, root, true);
    bytes.set([0x54, 0x46, 0x4c, 0x33], 4);
    const r = new FlatReader(bytes, "f");
    const at = r.field(r.table(root), 1, 4);
    new DataView(bytes.buffer).setUint32(at, list - at, true);
    const before = process.memoryUsage().heapUsed;
    const started = spent();
    damaged(bytes, /over and over/);
    assert.ok(spent() - started < 200, "bounded time");
    assert.ok(process.memoryUsage().heapUsed - before < 64 * 2 ** 20, "bounded memory");
  }
  // What really is that large is read.
  assert.equal(readTflite(writeTflite({ ...m, description: "y".repeat(200_000) }), "f").description.length, 200_000);
});
