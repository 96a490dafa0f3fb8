/** Tasks beside plain classification: values, groups that stay together, anomalies. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { without } from "../boards/testing.js";
import { clean, readDataset } from "../data/index.js";
import { CoincellError } from "../ir/diagnostics.js";
import { paretoPage } from "../report/pareto-html.js";
import { paretoText } from "../report/pareto.js";
import { makeRandom } from "../train/random.js";
import { fit, type FitOptions } from "./index.js";
import { makeRows, rowAt, splitsOf } from "./rows.js";
import { agreementOf, scoreOf } from "./score.js";
import { noLimits, scratch } from "./testing.js";

const skip = without("avr-gcc");
const folder = scratch();
const small: Omit<FitOptions, "models"> = { board: "attiny85", limits: noLimits, seed: 1, effort: 0.12, jobs: 2, mode: "first" };
const codeOf = (e: unknown): string => (e instanceof CoincellError ? `${e.diagnostic.code} ${e.diagnostic.cure}` : String(e));

function write(name: string, header: string, lines: readonly string[]): string {
  const file = join(folder, name);
  writeFileSync(file, `${header}\n${lines.join("\n")}\n`);
  return file;
}

/** Flow by temperature, humidity and a valve that opens at 100; a little noise. */
function flow(rows: number): string {
  const random = makeRandom(3);
  return write("flow.csv", "t,h,p,flow", Array.from({ length: rows }, () => {
    const [t, h, p] = [random.below(40), 5 + random.below(90), random.below(200)];
    return [t, h, p, (2.5 * t - 0.4 * h + (p > 100 ? 20 : 0) + random.normal()).toFixed(2)].join();
  }));
}

test("values: every family that predicts them is compiled, run and scored by R², with its error in the target's unit", { skip }, async () => {
  const file = flow(260);
  for (const family of ["ridge", "svr", "forest", "tree", "boosting", "knn"]) {
    const { report, chosen } = await fit(file, { ...small, models: [family] });
    const { best } = report;
    assert.ok(best && chosen, `${family}: ${report.why.join()}`);
    assert.deepEqual([report.task, report.measure, best.task, best.accuracy, best.equal], ["regression", "R²", "regression", null, true], family);
    assert.ok((best.tested ?? 0) > 0.85 && best.validated > 0.85, `${family} ${best.tested} ${best.validated}`);
    const [error] = best.figures;
    assert.ok(error?.name === "RMSE" && error.unit === "target" && error.value > 0.5 && error.value < 15, `${family} ${error?.value}`);
    assert.ok(!report.pruned.some((p) => /components/.test(p.why)), "components that three features do not have are not tried");
    const text = paretoText(report, { colour: false, columns: 300 });
    assert.match(text, /R² 0\.\d{4}, RMSE [\d.]+ on \d+ rows kept apart/);
    assert.doesNotMatch(text, /accuracy|NaN|undefined/);
    assert.match(paretoPage(report), /R² 0\.\d{4}/);
  }
});

test("values: R² by hand; a wild answer is no worse than -1; the integer model's loss counts without labels", () => {
  assert.equal(scoreOf("regression", [1, 2, 3], ["1", "2", "3"]), 1);
  assert.equal(scoreOf("regression", [2, 2, 2], ["1", "2", "3"]), 0);
  assert.equal(scoreOf("regression", [99, -99, NaN], ["1", "2", "3"]), -1);
  assert.equal(agreementOf("regression", [1, 2, 3], [1, 2, 3]), 1);
  assert.equal(agreementOf("regression", [2, 2, 2], [1, 2, 3]), 0);
  assert.equal(agreementOf("regression", [5, 5], [5, 5]), 1);
});

test("a constant target is no matter of size: the reason is named", { skip }, async () => {
  const { report } = await fit(write("same.csv", "a,b,y", Array.from({ length: 40 }, (_, i) => `${i},${i % 7},2.5`)), { ...small, models: ["ridge", "tree"] });
  assert.equal(report.best, null);
  assert.match(report.why.join(), /no candidate could be made; \d+ of \d+ failed with/);
});

/** Each person has rows of every class, and an offset of their own. */
function people(name: string, persons: number): string {
  const random = makeRandom(5);
  return write(name, "a,b,person,label", Array.from({ length: persons * 12 }, (_, i) => `${random.below(50) + (i % 2) * 40},${Math.floor(i / 12) * 7 + random.below(5)},p${Math.floor(i / 12)},${i % 2 === 0 ? "on" : "off"}`));
}

/** The second column says whose row it is. */
const personOf = (row: ArrayLike<number>): number => Math.floor((row[1] ?? 0) / 7);

test("groups: none is split between learning, judging and test, in any rung", async () => {
  const data = clean(await readDataset(people("people.csv", 12), { group: "person" })).data;
  for (const seed of [1, 2, 3]) {
    const rows = makeRows(data, null, { seed });
    const learn = new Set(Array.from({ length: rows.train.rows }, (_, r) => personOf(rowAt(rows.train, r))));
    const apart = new Set(rows.test.rows.map(personOf));
    assert.ok(learn.size > 1 && apart.size > 0 && learn.size + apart.size === 12);
    assert.ok(![...apart].some((p) => learn.has(p)), `seed ${seed}: a person stands on both sides`);
    for (const rung of [0, 1] as const) for (const s of splitsOf(rows, rung, seed)) {
      const known = new Set(s.learn.map((r) => personOf(rowAt(rows.train, r))));
      assert.ok(s.judge.length > 0 && s.judge.every((r) => !known.has(personOf(rowAt(rows.train, r)))), `seed ${seed}, rung ${rung}`);
    }
    // Without groups the same rows do mix, so that the test above can fail.
    const mixed = makeRows({ ...data, groups: null }, null, { seed });
    const some = splitsOf(mixed, 1, seed).some((s) => s.judge.some((r) => s.learn.some((l) => personOf(rowAt(mixed.train, l)) === personOf(rowAt(mixed.train, r)))));
    assert.ok(some);
  }
});

test("groups: one group alone cannot be validated", async () => {
  assert.match(await fit(people("one.csv", 1), { ...small, read: { group: "person" } }).then(() => "no error", codeOf), /^data\/one-group/);
  assert.match(await fit(people("two.csv", 2), { ...small, read: { group: "person" } }).then(() => "no error", codeOf), /^data\/one-group Give rows of at least two groups to learn from/);
});

/** A fan: b follows a, unless it is worn. */
function fan(name: string, rows: number, worn: number): string {
  const random = makeRandom(rows);
  return write(name, "a,b,c,state", Array.from({ length: rows }, () => {
    const bad = random.unit() < worn;
    const a = 40 + random.below(60);
    return [a, Math.round(a * 1.5 + random.below(8) + (bad ? (random.unit() > 0.5 ? 30 : -30) : 0)), 60 + random.below(20), bad ? "worn" : "ok"].join();
  }));
}

test("anomalies from normal rows alone: ranked by made-up ones, tested on real ones by ROC AUC", { skip }, async () => {
  const { report, chosen } = await fit(fan("normal.csv", 220, 0), { ...small, normal: "ok", test: fan("fan-test.csv", 150, 0.3) });
  const { best } = report;
  assert.ok(best && chosen && best.equal, report.why.join());
  assert.deepEqual([report.task, report.measure], ["anomaly", "ROC AUC"]);
  assert.ok((best.tested ?? 0) > 0.9, `${best.tested}`);
  assert.deepEqual(best.figures.map((f) => f.name), ["balanced accuracy", "anomalies found", "false alarms"]);
  assert.ok((best.figures[2]?.value ?? 1) <= 0.1, "the threshold allows 1 % of false alarms within the training rows");
  assert.match(report.notes.join("\n"), /made up from the normal rows/);
  assert.match(paretoText(report, { colour: false, columns: 200 }), /ROC AUC \d\.\d{4}, balanced accuracy/);
});

test("labelled anomalies in the training rows rank, and are never learnt from; the families are those of the task", { skip }, async () => {
  const { report } = await fit(fan("mixed.csv", 240, 0.25), { ...small, mode: "front", task: "anomaly" });
  assert.ok(report.best && report.best.validated > 0.9 && (report.best.figures[0]?.value ?? 0) > 0.8, JSON.stringify(report.best?.figures));
  const families = new Set([...report.candidates, ...report.pruned].map((c) => c.family));
  assert.ok([...families].every((f) => ["isolation-forest", "one-class-svm", "kmeans"].includes(f)) && families.size >= 2, [...families].join());
  assert.match(report.notes.join("\n"), /compared by \d+ labelled anomalies/);
});

test("anomalies: what cannot be done names the option that helps", async () => {
  const normal = fan("only.csv", 60, 0);
  assert.match(await fit(normal, small).then(() => "no error", codeOf), /^train\/one-class .*--normal "ok"/);
  assert.match(await fit(normal, { ...small, normal: "fine" }).then(() => "no error", codeOf), /^train\/no-normal Labels: ok/);
  assert.match(await fit(normal, { ...small, normal: "ok", threshold: { kind: "youden" } }).then(() => "no error", codeOf), /^fit\/no-anomalies .*alarms=0\.01/);
  assert.match(await fit(normal, { ...small, normal: "ok", task: "classification" }).then(() => "no error", codeOf), /^cli\/usage/);
  assert.match(await fit(normal, { ...small, normal: "ok", models: ["forest"] }).then(() => "no error", codeOf), /^cli\/unknown-model Supported: isolation-forest/);
});
