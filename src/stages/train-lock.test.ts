/** The lock of a project: equal runs give equal bytes, changed inputs are named, another result for equal inputs is an error. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { CoincellError } from "../ir/diagnostics.js";
import { hashOf, keepLock, LOCK_FILE, type LockEntry } from "./train-lock.js";
import { train } from "./train-run.js";

const folder = mkdtempSync(join(tmpdir(), "coincell-lock-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const entry: LockEntry = { data: "d".repeat(64), seed: 1, options: { model: "tree", depth: 3 }, chosen: { depth: 3 }, c: "c".repeat(64), complete: true };
const codeOf = (e: unknown): boolean => e instanceof CoincellError && e.diagnostic.code === "lock/other-result" && /the C was cccccccccccc…, now it is eeee/.test(e.diagnostic.what);

it("equal runs write equal bytes; changed inputs are named; a changed result is an error and changes nothing", async () => {
  const file = join(folder, "a", LOCK_FILE);
  assert.deepEqual(await keepLock(file, "train", entry), []);
  const first = readFileSync(file);
  assert.deepEqual(await keepLock(file, "train", { ...entry, options: { depth: 3, model: "tree" } }), []);
  assert.deepEqual(readFileSync(file), first);
  await assert.rejects(keepLock(file, "train", { ...entry, c: "e".repeat(64) }), codeOf);
  assert.deepEqual(readFileSync(file), first);
  assert.match((await keepLock(file, "train", { ...entry, seed: 2, data: "f".repeat(64), c: null })).join(), /the rows \(dddddddddddd… to ffffffffffff…\), the seed \(1 to 2\)/);
  assert.match((await keepLock(file, "train", { ...entry, options: { model: "forest" } })).join(), /depth \(3 to null\), model \("tree" to "forest"\)/);
  await keepLock(file, "fit", entry);
  assert.deepEqual(Object.keys(JSON.parse(readFileSync(file, "utf8"))), ["fit", "format", "train"]);
});

it("a run that was cut by its budget neither breaks a complete lock nor is held to", async () => {
  const file = join(folder, "b", LOCK_FILE);
  await keepLock(file, "fit", { ...entry, complete: false });
  await keepLock(file, "fit", { ...entry, c: "e".repeat(64) });
  assert.match((await keepLock(file, "fit", { ...entry, complete: false })).join(), /left as it is/);
  assert.equal(JSON.parse(readFileSync(file, "utf8")).fit.c, "e".repeat(64));
});

it("a damaged lock is named and left alone; parts of a hash do not run together", async () => {
  const file = join(folder, LOCK_FILE);
  writeFileSync(file, "{\"format\": 1,");
  await assert.rejects(keepLock(file, "train", entry), /no lock file/);
  assert.equal(readFileSync(file, "utf8"), "{\"format\": 1,");
  assert.notEqual(hashOf(["ab", "c"]), hashOf(["a", "bc"]));
  assert.notEqual(hashOf([null]), hashOf([""]));
});

it("a training with a lock: the same bytes twice, then the changed row is noticed", async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 10},${i % 7},${i % 10 < 5 ? "x" : "y"}`);
  const data = join(folder, "rows.csv");
  const lock = join(folder, "c", LOCK_FILE);
  writeFileSync(data, `p,q,label\n${rows.join("\n")}\n`);
  const options = { data, model: "tree", set: { depth: 3 }, seed: 1, lock };
  await train(options);
  const first = readFileSync(lock);
  assert.ok(!(await train(options)).report.notes.some((n) => n.includes(LOCK_FILE)));
  assert.deepEqual(readFileSync(lock), first);
  writeFileSync(data, `p,q,label\n${["9,1,x", ...rows.slice(1)].join("\n")}\n`);
  assert.match((await train(options)).report.notes.join(), /written anew, for these have changed: the rows/);
});
