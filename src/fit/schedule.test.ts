/** What a budget does: it cuts lists, always leaves time to compile and run the best so far, and waits for nothing that is slow. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { learners } from "../train/all.generated.js";
import { makeAsker } from "./ask.js";
import type { Job, Measured, Outcome, Result, Setting, Validated } from "./jobs.js";
import { Pool } from "./pool.js";
import { search, type Found } from "./search.js";
import { familiesFor, firstConfigs } from "./space.js";
import { noStore } from "./store.js";
import { noLimits } from "./testing.js";
import type { Rows } from "./rows.js";

const rows: Rows = { task: "classification", train: { features: ["a"], x: new Float64Array(0), rows: 0, y: null, classes: ["p", "q"] }, test: { features: ["a"], rows: [], labels: [] }, folds: new Int32Array(0), by: "", strange: null, notes: [] };
const setting: Setting = { rows, board: "attiny85", limits: noLimits, seed: 1 };

const validated = (i: number): Validated => ({ score: 0.5 + (i % 97) / 200, error: 0, readsF32: false, print: String(i), bytes: 100 + (i % 13), work: 10 + (i % 7), right: null });
const measured = { bound: null, tested: 0.9, testRows: 4, agreement: 1, figures: [], report: {
  fits: true, equal: true, difference: null, samples: 4, accuracy: 0.9, agreement: 1, flash: { model: 10, harness: 10, total: 20, limit: 8192 }, ram: { static: 0, input: 1, stack: 9, total: 10, limit: 512 },
  cycles: { min: 1, mean: 1, max: 1 }, microseconds: { min: 1, mean: 1, max: 1 }, choice: { form: "table", optimise: "-Os", inputType: "u8" },
} } as unknown as Measured;

interface Log { readonly kind: Job["kind"]; readonly at: number }

/** One process whose jobs take so long; every `stuck`th never ends by itself. */
function slowPool(milliseconds: number, stuck: number): { readonly pool: Pick<Pool, "run" | "drop">; readonly log: Log[]; readonly drops: () => number } {
  const log: Log[] = [];
  const open = new Set<() => void>();
  let [n, drops] = [0, 0];
  const start = Date.now();
  const run = <J extends Job>(job: J): Promise<Outcome<Result<J>> | null> => new Promise((resolve) => {
    const i = ++n;
    log.push({ kind: job.kind, at: Date.now() - start });
    const giveUp = (): void => resolve(null);
    open.add(giveUp);
    const value = (job.kind === "validate" ? validated(i) : measured) as Result<J>;
    if (i % stuck !== 0) setTimeout(() => { open.delete(giveUp); resolve({ ok: true, value }); }, milliseconds);
  });
  return { pool: { run, drop: () => { drops++; for (const f of open) f(); open.clear(); } }, log, drops: () => drops };
}

async function searched(pool: Pick<Pool, "run" | "drop">, budget: number): Promise<Found & { readonly cut: boolean }> {
  const start = Date.now();
  const stop = new AbortController();
  const asker = makeAsker(() => pool, noStore, { validate: "v", measure: "m" }, stop.signal, 2);
  const timer = setTimeout(() => { stop.abort(); pool.drop(); }, budget);
  const found = await search({ mode: "front", setting, families: familiesFor(learners, "classification", null), asker, signal: stop.signal, start, end: start + budget, jobs: 2, effort: 1 }).finally(() => clearTimeout(timer));
  return { ...found, cut: asker.cut() };
}

test("a slow machine: half of the budget is left to compile and run, and there is a best", async () => {
  const { pool, log } = slowPool(60, Infinity);
  const { best, candidates, cut } = await searched(pool, 3000);
  assert.ok(cut, "a list that was cut is called that, so that nobody takes the answer for that of the whole search");
  const first = log.find((l) => l.kind === "measure");
  assert.ok(best && candidates.length >= 8, `${candidates.length} candidates`);
  assert.ok(first && first.at < 1650, `first compiled after ${first?.at} ms`);
});

test("jobs that do not end are given up, and the phases after them still come", async () => {
  const { pool, log, drops } = slowPool(40, 5);
  const start = Date.now();
  const { best } = await searched(pool, 6000);
  assert.ok(best, "nothing was compiled");
  assert.ok(drops() >= 3 && log.some((l) => l.kind === "measure"));
  assert.ok(Date.now() - start < 6500);
});

test("where the better ones take too long to compile, a small one is compiled in the time that is left", async () => {
  const { pool } = slowPool(20, Infinity);
  let measures = 0;
  // The first two that are compiled never come to an end.
  const stuck: typeof pool = { drop: pool.drop, run: (job) => (job.kind === "measure" && ++measures <= 2 ? new Promise((resolve) => setTimeout(() => resolve(null), 2200)) : pool.run(job)) };
  const { best, cut } = await searched(stuck, 6000);
  assert.ok(cut && best, "nothing was compiled");
});

test("processes that are dropped are replaced, and answer again", async () => {
  const small: Rows = { ...rows, train: { ...rows.train, x: Float64Array.from({ length: 40 }, (_, i) => i), rows: 40, y: Float64Array.from({ length: 40 }, (_, i) => (i < 20 ? 0 : 1)) }, folds: Int32Array.from({ length: 40 }, (_, i) => i % 2) };
  const pool = new Pool({ ...setting, rows: small }, 1);
  try {
    const job: Job = { kind: "validate", rung: 0, config: { family: "tree", hyper: {} } };
    const [first, second] = [pool.run(job), pool.run(job)];
    pool.drop();
    assert.deepEqual([await first, await second], [null, null]);
    assert.equal((await pool.run(job))?.ok, true);
  } finally {
    pool.close();
  }
});

test("cheap and good families come first, slow ones have few turns, later", () => {
  const list = firstConfigs(familiesFor(learners, "classification", null), 24, 1).map((c) => c.family);
  assert.deepEqual(list.slice(0, 4), ["svm", "nu-svm", "logistic", "ridge"]);
  assert.ok(list.indexOf("bonsai") > list.lastIndexOf("tree", 40) && list.indexOf("bonsai") > 40, `${list.indexOf("bonsai")}`);
  assert.equal(new Set(list).size, familiesFor(learners, "classification", null).length);
});
