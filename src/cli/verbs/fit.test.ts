/** `coincell fit` as a user sees it: one JSON document, events as NDJSON, exit codes, a project and its lock. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { call, scratch, without } from "../testing.js";

const skip = without("avr-gcc");
const folder = scratch();
const at = (name: string): string => join(folder, name);
const data = at("wood.csv");

before(() => {
  const lines = Array.from({ length: 120 }, (_, i) => `${(i * 37) % 50 + (i % 2) * 30},${(i * 53) % 40 + (i % 2) * 25},${i % 2 === 0 ? "ash" : "oak"}`);
  writeFileSync(data, `r,g,wood\n${lines.join("\n")}\n`);
});

const usual = ["--board", "attiny85", "--models", "lda", "--jobs", "2"];
interface Event { readonly event: string; readonly seconds: number; readonly phase?: string; readonly done?: number; readonly result?: string; readonly family?: string; readonly flash?: number; readonly best?: string | null }
const eventsOf = (text: string): readonly Event[] => text.trim().split("\n").map((l) => JSON.parse(l) as Event);

function checkEvents(events: readonly Event[], best: string): void {
  const phases = events.filter((e) => e.event === "phase").map((e) => e.phase);
  assert.deepEqual(phases.slice(0, 3), ["trained on a part", "cross-validated", "compiled and run"]);
  const jobs = events.filter((e) => e.event === "job");
  assert.ok(jobs.length >= 10 && jobs.every((e) => e.family === "lda"));
  assert.ok(jobs.some((e) => e.result === "trained") && jobs.some((e) => e.result === "measured" && (e.flash ?? 0) > 20));
  assert.ok(events.every((e, i) => e.seconds >= (events[i - 1]?.seconds ?? 0)));
  assert.deepEqual([events.at(-1)?.event, events.at(-1)?.best], ["end", best]);
}

test("--json is one document on stdout; --events are NDJSON in a file or on stderr", { skip }, async () => {
  const file = at("events.ndjson");
  const { code, out, err } = await call(["fit", data, ...usual, "--json", "--events", file, "-o", at("a")]);
  const report = JSON.parse(out) as { best: { id: string }; candidates: readonly unknown[]; measure: string };
  assert.deepEqual([code, report.measure, report.candidates.length > 0], [0, "accuracy", true]);
  checkEvents(eventsOf(readFileSync(file, "utf8")), report.best.id);
  assert.match(err, /^wrote /);
  const again = await call(["fit", data, ...usual, "--json", "--events", "-", "-o", at("a")]);
  checkEvents(eventsOf(again.err), report.best.id);
  assert.equal((JSON.parse(again.out) as typeof report).best.id, report.best.id);
});

test("a limit nothing can meet: exit 3, the limit, by how much, the nearest; a set that cannot be learnt from is no 3", { skip }, async () => {
  const { code, out } = await call(["fit", data, ...usual, "--ram", "4", "-o", at("b")]);
  assert.equal(code, 3);
  assert.match(out, /nothing fits +of \d+ candidates none fits: RAM binds \d+/);
  assert.match(out, /nearest: lda .*RAM [\d,]+ bytes of 4 bytes, [\d,]+ bytes too many/);
  const same = at("same.csv");
  writeFileSync(same, `a,y\n${Array.from({ length: 40 }, (_, i) => `${i},1.5`).join("\n")}\n`);
  const failed = await call(["fit", same, "-b", "attiny85", "--models", "ridge,tree", "-o", at("c")]);
  assert.equal(failed.code, 1);
  assert.match(failed.out, /no candidate could be made/);
});

test("events that cannot be written, no board, no data: said before anything is searched", async () => {
  const bad = await call(["fit", data, ...usual, "--events", join(data, "x"), "-o", at("d")]);
  assert.match(bad.err, /file\/unwritable/);
  const none = await call(["fit", data, "-o", at("d")]);
  assert.deepEqual([none.code, /--board B is missing/.test(none.err)], [2, true]);
  assert.match((await call(["fit", "-b", "attiny85"])).err, /DATA is missing/);
  assert.ok(!existsSync(at("d/fit.sqlite")));
});

test("a project: limits from coincell.json, the lock is the same bytes twice, and another result is an error", { skip }, async () => {
  const lock = at("coincell.lock.json");
  writeFileSync(at("coincell.json"), JSON.stringify({ data: "wood.csv", board: "attiny85", seed: 3, fit: { models: ["lda"], ram: "300", first: true } }));
  const run = (): ReturnType<typeof call> => call(["fit", folder, "--json", "-j", "2", "-o", at("e")]);
  const first = await run();
  assert.equal(first.code, 0, first.err);
  const report = JSON.parse(first.out) as { seed: number; mode: string; stopped: string | null; limits: { ram: number }; best: { family: string } };
  assert.deepEqual([report.seed, report.mode, report.limits.ram, report.best.family, report.stopped], [3, "first", 300, "lda", null]);
  const bytes = readFileSync(lock, "utf8");
  const { fit: entry } = JSON.parse(bytes) as { fit: { c: string; seed: number; complete: boolean; chosen: { model: string } } };
  assert.deepEqual([entry.seed, entry.complete, entry.chosen.model, /^[0-9a-f]{64}$/.test(entry.c)], [3, true, "lda", true]);
  assert.equal((await run()).code, 0);
  assert.equal(readFileSync(lock, "utf8"), bytes);
  writeFileSync(lock, bytes.replace(entry.c, "0".repeat(64)));
  const wrong = await run();
  assert.equal(wrong.code, 1);
  assert.match(wrong.out + wrong.err, /lock\/other-result.*the same rows, seed and options gave another result of coincell fit: the C was 000000000000…/s);
  writeFileSync(lock, bytes);
  const other = JSON.parse((await call(["fit", folder, "--json", "--seed", "4", "-o", at("e")])).out) as { notes: readonly string[] };
  assert.match(other.notes.join(), /written anew, for these have changed: the rows .*the seed \(3 to 4\)/);
});
