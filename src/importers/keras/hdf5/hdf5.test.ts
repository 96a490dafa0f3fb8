/** The HDF5 reader on files of h5py: every layout, filter and type that it claims, and clear words for the others. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CoincellError } from "../../../ir/diagnostics.js";
import { openHdf5 } from "./index.js";
import { halves } from "./types.js";

const open = (name: string) => openHdf5(readFileSync(new URL(`../../../../test/fixtures/keras/${name}`, import.meta.url)), name);
const values = Array.from({ length: 35 }, (_, i) => i / 4 - 3);

for (const file of ["hdf5_old.h5", "hdf5_new.h5"]) {
  const root = open(file);
  const dataset = (name: string) => root.at(`group/inner/${name}`)?.values() ?? assert.fail(name);

  test(`${file}: attributes`, () => {
    assert.deepEqual(root.texts("plain"), ["a text ü"]);
    assert.deepEqual(root.texts("list"), ["one", "three", ""]);
    assert.deepEqual(root.texts("long"), ["x".repeat(300), "y"]);
    assert.equal(root.texts("absent"), null);
    assert.equal(root.at("absent/too"), null);
    assert.equal(root.at("group")?.values(), null);
  });

  test(`${file}: types`, () => {
    assert.deepEqual(dataset("f64"), { shape: [5, 7], data: Float32Array.from(values) });
    assert.deepEqual([...dataset("f16").data], values);
    assert.deepEqual([...dataset("i16").data], values.map(Math.trunc).map((v) => v + 0));
    assert.deepEqual([...dataset("i64").data], values.map(Math.trunc).map((v) => v + 0));
    assert.deepEqual([...dataset("u8").data], values.map((v) => Math.trunc(Math.abs(v))));
    assert.deepEqual(dataset("scalar"), { shape: [], data: Float32Array.of(2.5) });
    assert.deepEqual([...dataset("never").data], [0, 0, 0]);
    assert.throws(() => dataset("big"), (e) => e instanceof CoincellError && /big-endian/.test(e.message));
  });
}

test("chunks, filters, wide groups", () => {
  const root = open("hdf5_old.h5");
  const inner = root.at("group/inner") ?? assert.fail();
  for (const name of ["chunks", "packed"]) assert.deepEqual(inner.at(name)?.values(), { shape: [5, 7], data: Float32Array.from(values) }, name);
  assert.deepEqual([...(inner.at("many")?.values()?.data ?? [])], Array.from({ length: 700 }, (_, i) => i));
  assert.throws(() => inner.at("lzf")?.values(), (e) => e instanceof CoincellError && /filter 32000/.test(e.message));
  assert.equal(root.at("wide")?.names().length, 300);
  assert.ok(root.at("wide/child_299"));
});

test("halves", () => {
  const bits = Uint16Array.of(0, 0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0xfc00, 0x8000, 0x3555);
  assert.deepEqual([...halves(new Uint8Array(bits.buffer))], [0, 1, -2, 2 ** -24, 65504, Infinity, -Infinity, -0, 0.333251953125]);
});
