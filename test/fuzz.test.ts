/** A short, always equal run of the fuzzer; `npm run fuzz` goes on for as long as you like. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz, seeds } from "./support/fuzz.js";
import { mutations } from "./support/mutate.js";
import { random } from "./support/random.js";

const FORMATS = ["graph", "gzip.joblib", "h5", "joblib", "json", "keras", "lz4.joblib", "onnx", "pkl", "raw.joblib", "skops", "tflite", "txt", "ubj", "zlib.joblib"];
const files = seeds();

test("every format has files to damage", () => {
  assert.deepEqual([...new Set(files.map((f) => f.format))].sort(), FORMATS);
});

test("every mutation damages, and is the same for the same seed", () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 7) & 255);
  for (const [name, m] of Object.entries(mutations)) {
    const made = Array.from({ length: 20 }, (_, i) => Buffer.from(m(bytes, random(i), bytes)).toString("hex"));
    assert.deepEqual(made, Array.from({ length: 20 }, (_, i) => Buffer.from(m(bytes, random(i), bytes)).toString("hex")), name);
    assert.ok(made.filter((h) => h !== Buffer.from(bytes).toString("hex")).length >= 10, name);
  }
});

/** Mutants; fewer where the machine is slow, so that the test stays short. */
const MOST = 1200;
const SECONDS = 18;

test("damaged files are answered or refused clearly", { timeout: 120_000 }, async () => {
  const end = Date.now() + SECONDS * 1000;
  const { mutants, faults } = await fuzz({ seed: 20, more: (n) => n < MOST && Date.now() < end, files });
  assert.ok(mutants >= 100, `only ${mutants} mutants`);
  assert.deepEqual(faults.map((f) => `${f.format} ${f.file} #${f.number} ${f.mutation}: ${f.what}`), []);
});
