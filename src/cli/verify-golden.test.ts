/** Golden vectors and certificates through the verb. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { call, fixture, scratch, without } from "./testing.js";

const folder = scratch();
const [model, golden] = [fixture("../shared/fixtures/int8/split.tflite"), fixture("../shared/fixtures/int8/split.json")];
const skip = existsSync(model) ? without("gcc") : "the fixtures are not here";

const read = (file: string): { equal: boolean; hash: string; boards: { golden: string; outputs: string; hash: string }[] } => JSON.parse(readFileSync(file, "utf8")) as never;
const fixtureOf = (name: string, type: string): string => fixture(`../shared/fixtures/int8/${name}.${type}`);

test("golden vectors of another runtime are proven, with a certificate that repeats", { skip }, async () => {
  const [first, second] = [join(folder, "a.json"), join(folder, "b.json")];
  for (const file of [first, second]) assert.equal((await call(["verify", model, "--golden", golden, "--board", "host", "--certificate", file])).code, 0);
  const [a, b] = [read(first), read(second)];
  assert.equal(a.equal, true);
  assert.equal(a.boards[0]?.golden, a.boards[0]?.outputs);
  assert.match(a.hash, /^[0-9a-f]{64}$/);
  assert.deepEqual(a, b);
});

test("exit 4 where the golden outputs differ, and a certificate that says so", { skip }, async () => {
  const doc = JSON.parse(readFileSync(golden, "utf8")) as { data: string };
  const raw = readFileSync(join(golden, "..", doc.data));
  raw[raw.length - 1] = (raw[raw.length - 1] ?? 0) ^ 1;
  writeFileSync(join(folder, "wrong.bin"), raw);
  writeFileSync(join(folder, "wrong.json"), JSON.stringify({ ...doc, data: "wrong.bin" }));
  const { code, err } = await call(["verify", model, "--golden", join(folder, "wrong.json"), "--board", "host", "--certificate", join(folder, "c.json")]);
  assert.equal(code, 4);
  assert.match(err, /the reference differs from the golden outputs first in row 16/);
  assert.deepEqual((JSON.parse(readFileSync(join(folder, "c.json"), "utf8")) as { equal: boolean; notProven: string[] }).notProven, ["host"]);
});

test("state: kept from case to case where the file says so, else every case starts from rest", { skip }, async (t) => {
  for (const name of ["svdf_stream", "lstm_seq"]) {
    await t.test(name, async () => {
      const { code, err } = await call(["verify", fixtureOf(name, "tflite"), "--golden", fixtureOf(name, "json"), "--board", "host"]);
      assert.equal(code, 0, err);
    });
  }
});

test("exit 2 where golden vectors and other rows are given", { skip }, async () => {
  assert.equal((await call(["verify", model, "--golden", golden, "--random", "3", "--board", "host"])).code, 2);
});
