/** The examples: their rows are what the scripts make, nobody's rows are learnt from and asked at once, and the device can compute the columns. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { without } from "../src/boards/testing.js";
import { readDataset } from "../src/data/index.js";
import { random } from "./support/random.js";

const load = async (path: string): Promise<unknown> => import(pathToFileURL(path).href);

for (const name of ["colour", "gesture"]) {
  test(`${name}: the rows are those of make-data.mjs`, () => {
    assert.match(execFileSync("node", [`examples/${name}/make-data.mjs`, "--check"], { encoding: "utf8" }), /train\.csv.* as the script makes it\n.*test\.csv.* as the script makes it/);
    for (const part of ["train", "test"]) assert.ok(statSync(`examples/${name}/${part}.csv`).size < 150_000);
  });
}

test("random numbers are NumPy's: default_rng(2024), written by numpy 2.3.5", async () => {
  const { randomOf } = (await load("examples/random.mjs")) as { readonly randomOf: (seed: number) => { uniform(): number; normal(): number; permutation(n: number): readonly number[] } };
  const r = randomOf(2024);
  assert.equal(r.uniform(), 0.6758313379812818);
  for (const want of [1.6419200406711503, 1.1467195295966137]) assert.ok(Math.abs(r.normal() - want) < 1e-12);
  assert.deepEqual(r.permutation(10), [1, 9, 5, 7, 6, 8, 0, 2, 3, 4]);
});

const people = async (part: string): Promise<ReadonlySet<string>> => new Set((await readDataset(`examples/gesture/${part}.csv`, { group: "person" })).groups ?? []);

test("gesture: no person stands in both files", async () => {
  const [train, tested] = [await people("train"), await people("test")];
  assert.deepEqual([train.size, tested.size], [14, 10]);
  assert.ok([...tested].every((p) => !train.has(p)));
});

/** Windows of every kind: quiet, loud, clipped, constant. */
function windows(count: number): readonly (readonly number[])[] {
  const r = random(11);
  return Array.from({ length: count }, (_, k) => {
    const [centre, wide] = [r.between(-128, 127), [0, 2, 8, 60, 300][k % 5] ?? 0];
    return Array.from({ length: 100 }, () => Math.min(127, Math.max(-128, Math.round(r.between(centre - wide / 2, centre + wide / 2)))));
  });
}

test("gesture: features.c computes what features.mjs does", { skip: without("gcc") }, async () => {
  const { axisFeatures } = (await load("examples/gesture/features.mjs")) as { readonly axisFeatures: (x: readonly number[]) => readonly number[] };
  const all = windows(500);
  const folder = mkdtempSync(join(tmpdir(), "coincell-gesture-"));
  const main = "#include <stdio.h>\n#include \"features.c\"\nint main(void) { int8_t x[100]; int16_t f[7]; while (fread(x, 1, 100, stdin) == 100) { gesture_features(x, 100, f); for (int i = 0; i < 7; i++) printf(\"%d%c\", f[i], i < 6 ? ',' : '\\n'); } return 0; }\n";
  try {
    writeFileSync(join(folder, "main.c"), main);
    execFileSync("gcc", ["-std=c99", "-Wall", "-Wextra", "-Werror", "-fsanitize=undefined", "-fno-sanitize-recover", "-Iexamples/gesture", join(folder, "main.c"), "-o", join(folder, "main")]);
    const text = execFileSync(join(folder, "main"), { input: Buffer.from(Int8Array.from(all.flat()).buffer), encoding: "utf8" });
    assert.deepEqual(text.trim().split("\n"), all.map((x) => axisFeatures(x).join(",")));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
