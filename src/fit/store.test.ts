/** The store: what was finished survives a kill, a damaged file is named and left alone, one process writes at a time. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CoincellError } from "../ir/diagnostics.js";
import { clean, readDataset } from "../data/index.js";
import { makeAsker } from "./ask.js";
import type { Job, Outcome, Result, Setting, Validated } from "./jobs.js";
import { basesOf } from "./keys.js";
import { makeRows } from "./rows.js";
import { openStore, type Store } from "./store.js";
import { clouds, noLimits, scratch } from "./testing.js";

const code = (f: () => unknown): string => {
  try { f(); } catch (e) { return e instanceof CoincellError ? e.diagnostic.code : String(e); }
  return "no error";
};
const store = new URL("./store.ts", import.meta.url).href;

test("what was put is got, in this process and the next", () => {
  const file = join(scratch(), "deep", "fit.sqlite");
  const a = openStore(file);
  a.put("k", "a job", { ok: true, value: { score: 0.5, text: "µ" } });
  assert.deepEqual(a.get("k"), { ok: true, value: { score: 0.5, text: "µ" } });
  assert.equal(a.get("other"), null);
  a.close();
  const b = openStore(file);
  assert.deepEqual(b.get("k"), { ok: true, value: { score: 0.5, text: "µ" } });
  b.close();
});

test("kill -9 while it writes: every finished entry is there, and the lock left behind stops nobody", async () => {
  const file = join(scratch(), "fit.sqlite");
  const writer = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", `
    const { openStore } = await import(${JSON.stringify(store)});
    const s = openStore(${JSON.stringify(file)});
    for (let i = 0; ; i++) { s.put(String(i), "x", { ok: true, value: "y".repeat(2000) }); console.log(i); }`], { stdio: ["ignore", "pipe", "inherit"] });
  let last = -1;
  await new Promise<void>((resolve) => {
    writer.stdout.on("data", (d: Buffer) => { last = Number(d.toString().trim().split("\n").at(-1)); if (last > 20) writer.kill("SIGKILL"); });
    writer.on("exit", () => resolve());
  });
  // As if it had been killed inside a transaction.
  mkdirSync(`${file}.lock`, { recursive: true });
  const s = openStore(file);
  for (let i = 0; i <= last; i++) assert.notEqual(s.get(String(i)), null, `entry ${i} of ${last}`);
  s.put("after", "x", { ok: true, value: 1 });
  s.close();
});

test("a file that is no database, or half of one, is named and left as it is", () => {
  const folder = scratch();
  const file = join(folder, "fit.sqlite");
  writeFileSync(file, "this is a poem, not a database\n".repeat(100));
  assert.equal(code(() => openStore(file)), "fit/damaged-store");
  assert.match(readFileSync(file, "utf8"), /poem/);
  const other = join(folder, "other.sqlite");
  const s = openStore(other);
  for (let i = 0; i < 60; i++) s.put(String(i), "x", { ok: true, value: "z".repeat(3000) });
  s.close();
  const bytes = readFileSync(other);
  writeFileSync(other, bytes.fill(0x5a, 4096, bytes.length - 8192));
  assert.equal(code(() => openStore(other)), "fit/damaged-store");
});

test("two searches do not share a store; a dead owner is no owner", () => {
  const file = join(scratch(), "fit.sqlite");
  writeFileSync(`${file}.owner`, `${process.ppid} \n`);
  assert.equal(code(() => openStore(file)), "fit/store-in-use");
  const gone = spawnSync(process.execPath, ["-e", ""]).pid;
  writeFileSync(`${file}.owner`, `${gone} 1\n`);
  openStore(file).close();
});

test("a folder that cannot be made", () => {
  const file = join(scratch(), "taken");
  writeFileSync(file, "");
  assert.equal(code(() => openStore(join(file, "fit.sqlite"))), "fit/unwritable-store");
});

test("a full disk is called that, and what was stored before stays", (t) => {
  const mount = scratch();
  if (process.getuid?.() !== 0 || spawnSync("mount", ["-t", "tmpfs", "-o", "size=128k", "tmpfs", mount]).status !== 0) return t.skip("needs the right to mount a small disk");
  try {
    const file = join(mount, "fit.sqlite");
    const s = openStore(file);
    let n = 0;
    assert.equal(code(() => { for (; ; n++) s.put(String(n), "x", { ok: true, value: "y".repeat(4000) }); }), "fit/disk-full");
    assert.ok(n > 3);
    s.close();
    const again = openStore(file);
    for (let i = 0; i < n; i++) assert.notEqual(again.get(String(i)), null);
    again.close();
  } finally {
    spawnSync("umount", [mount]);
  }
});

test("SQLITE_FULL in the middle of a search: it is called that, what was finished stays, and the next search goes on from there", async () => {
  const file = join(scratch(), "fit.sqlite");
  const value: Validated = { score: 0.9, error: 0, readsF32: false, print: "p", bytes: 1, work: 1, right: null };
  const pool = { run: <J extends Job>(): Promise<Outcome<Result<J>> | null> => Promise.resolve({ ok: true, value: { ...value, print: "z".repeat(1500) } as Result<J> }), drop: () => {} };
  const jobs: readonly Job[] = Array.from({ length: 40 }, (_, i) => ({ kind: "validate", rung: 0, config: { family: "tree", hyper: { depth: i } } }));
  const forever = { begin: () => Infinity, wait: () => Infinity };
  const asked = async (on: Store): Promise<number> => {
    const asker = makeAsker(() => pool, on, { validate: "v", measure: "m" }, new AbortController().signal, 2);
    try {
      await asker.askAll(jobs, forever);
      return asker.counts.fromStore;
    } finally {
      on.close();
    }
  };
  await assert.rejects(asked(openStore(file, 12)), (e) => e instanceof CoincellError && e.diagnostic.code === "fit/disk-full" && /not computed again/.test(e.diagnostic.cure));
  const known = await asked(openStore(file));
  assert.ok(known > 3 && known < 40, `${known}`);
  assert.equal(await asked(openStore(file)), 40);
});

test("what other code, rows, seed or limits gave is not used", async () => {
  const data = clean(await readDataset(clouds(join(scratch(), "a.csv"), 60, 1))).data;
  const setting: Setting = { rows: makeRows(data, null, { seed: 1 }), board: "attiny85", limits: noLimits, seed: 1 };
  const [base, same] = [await basesOf(setting), await basesOf({ ...setting })];
  assert.deepEqual(same, base);
  const others = [await basesOf(setting, "other code"), await basesOf({ ...setting, seed: 2 }), await basesOf({ ...setting, rows: makeRows({ ...data, x: data.x.map((v, i) => (i === 0 ? v + 1 : v)) }, null, { seed: 1 }) })];
  for (const o of others) assert.ok(o.validate !== base.validate && o.measure !== base.measure);
  const limited = await basesOf({ ...setting, limits: { ...noLimits, flash: 4000 } });
  assert.ok(limited.validate === base.validate && limited.measure !== base.measure);
  assert.deepEqual(await basesOf({ ...setting, limits: { ...noLimits, latency: 5, stack: 9 } }), base);
});
