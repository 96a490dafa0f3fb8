/** The whole search on small data: the choice, its reasons, resuming after a kill, and the same answer for the same seed. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { without } from "../boards/testing.js";
import { CoincellError } from "../ir/diagnostics.js";
import type { FitCandidate } from "../report/pareto-types.js";
import { codeHash, hashOfCode } from "./code.js";
import { hyperText } from "../report/pareto.js";
import { fit, parseBattery, type FitOptions } from "./index.js";
import { clouds, noLimits, scratch } from "./testing.js";

const skip = without("avr-gcc");
const folder = scratch();
let [train, extra] = ["", ""];
before(() => { train = clouds(join(folder, "train.csv"), 150, 1); extra = clouds(join(folder, "test.csv"), 60, 2); });

const small: Omit<FitOptions, "mode"> = { board: "attiny85", limits: noLimits, seed: 1, models: ["tree", "logistic"], effort: 0.12, jobs: 2 };
const shown = (c: FitCandidate | null): unknown => c && [c.id, c.family, c.hyper, c.validated, c.tested, c.flash.total, c.cycles?.mean];
const codeOf = (e: unknown): string => (e instanceof CoincellError ? e.diagnostic.code : String(e));

test("the front: measured, proven, chosen by validation; the same seed gives the same answer", { skip }, async () => {
  const [a, b] = [await fit(train, { ...small, mode: "front", test: extra }), await fit(train, { ...small, mode: "front", test: extra, jobs: 1 })];
  const { report, chosen } = a;
  assert.deepEqual(b.report.candidates.map(shown), report.candidates.map(shown));
  assert.deepEqual(shown(b.report.best), shown(report.best));
  const best = report.best;
  assert.ok(best && best.fits && best.equal && best.front && best.samples === 60 && best.testRows === 60);
  assert.ok((best.accuracy ?? 0) > 0.85, `${best.accuracy}`);
  assert.ok(report.candidates.some((c) => c.goal === "speed") && report.candidates.some((c) => c.goal === "size"));
  assert.ok((best.energy?.microjoules.typical ?? 0) > 0);
  assert.ok([...(chosen?.files.keys() ?? [])].some((f) => f.endsWith(".c")));
  assert.equal(chosen?.graph.nodes.length === 0, false);
});

test("--first under limits: the better ones are named with the limit that binds", { skip }, async () => {
  const free = await fit(train, { ...small, mode: "first" });
  assert.ok(free.report.best?.fits);
  // Below every form of the best model, so that another one has to be chosen.
  const limit = Math.min(...free.report.candidates.filter((c) => c.family === free.report.best?.family).map((c) => c.flash.total)) - 1;
  const { report } = await fit(train, { ...small, mode: "first", limits: { ...noLimits, flash: limit } });
  assert.ok(report.best === null || report.best.flash.total <= limit);
  if (report.best) assert.ok(report.candidates.some((c) => c.binds[0]?.limit === "flash" && c.binds[0].over > 0) || report.pruned.length > 0);
});

test("limits nothing can meet: no best, the binding limit and the nearest candidate", { skip }, async () => {
  const { report, chosen } = await fit(train, { ...small, mode: "front", models: ["tree"], limits: { ...noLimits, flash: 50 } });
  assert.equal(report.best, null);
  assert.equal(chosen, null);
  assert.match(report.why.join("\n"), /none fits: flash binds \d+/);
  assert.match(report.why.join("\n"), /nearest: tree .* bytes too many/);
});

test("each limit that nothing can meet is named, with how much is lacking and the nearest candidate", { skip }, async () => {
  const cases = [
    ["ram", { ram: 3 }, /RAM (at least )?[\d,]+ bytes of 3 bytes, [\d,]+ bytes too many/], ["stack", { stack: 1 }, /stack [\d,]+ bytes of 1 bytes, [\d,]+ bytes too many/],
    ["latency", { latency: 1 }, /latency [\d.]+ [µm]s of 1 µs, [\d.]+ [µm]s too slow/],
    ["battery life", { battery: parseBattery("CR2032, 10 per second, 90 years") }, /battery life [\d,.]+ days of [\d,.]+ days, [\d,.]+ days too short/],
  ] as const;
  for (const [name, limits, text] of cases) {
    const { report, chosen } = await fit(train, { ...small, mode: "front", models: ["tree"], limits: { ...noLimits, ...limits } });
    assert.deepEqual([report.best, chosen], [null, null], name);
    assert.match(report.why[0] ?? "", new RegExp(`^of (\\d+) candidates none fits: .*${name === "ram" ? "RAM" : name} binds \\d+`));
    assert.match(report.why[1] ?? "", /^nearest: tree \(/);
    assert.match(report.why[1] ?? "", text);
    // The nearest is the one that lacks least.
    const over = report.candidates.flatMap((c) => c.binds.map((b) => b.over));
    const said = report.candidates.find((c) => report.why[1]?.includes(hyperText(c.hyper)) === true);
    if (over.length > 0) assert.equal(Math.min(...(said?.binds.map((b) => b.over) ?? [NaN])), Math.min(...over), name);
  }
});

test("killed with -9 and run again: nothing finished is computed again", { skip }, async (t) => {
  const out = join(folder, "killed");
  const index = new URL("./index.ts", import.meta.url).href;
  const options = JSON.stringify({ ...small, mode: "front", test: extra, out });
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", `
    const { fit } = await import(${JSON.stringify(index)});
    await fit(${JSON.stringify(train)}, { ...${options}, onProgress: (p, d) => console.log(p + " " + d) });`], { stdio: ["ignore", "pipe", "inherit"] });
  let seen = "";
  await new Promise<void>((resolve) => {
    child.stdout.on("data", (d: Buffer) => { seen += d.toString(); if (/compiled and run 2/.test(seen)) child.kill("SIGKILL"); });
    child.on("exit", () => resolve());
  });
  const again = await fit(train, { ...small, mode: "front", test: extra, out });
  const finished = seen.trim().split("\n").length;
  // Other code has another key, on purpose: while someone edits, two processes have no store in common.
  if (hashOfCode(fileURLToPath(new URL("..", import.meta.url))) !== codeHash()) return t.skip("the code was edited while the test ran");
  assert.ok(again.report.counts.fromStore >= finished, `${again.report.counts.fromStore} of ${finished}`);
  const third = await fit(train, { ...small, mode: "front", test: extra, out });
  assert.equal(third.report.counts.fromStore, third.report.counts.trained + third.report.counts.measured);
  assert.deepEqual(third.report.candidates.map(shown), again.report.candidates.map(shown));
});

test("an interrupted search gives what it has", { skip }, async () => {
  const stop = new AbortController();
  const { report } = await fit(train, { ...small, mode: "front", test: extra, signal: stop.signal, onProgress: (p, done) => { if (p === "compiled and run" && done === 2) stop.abort(); } });
  assert.equal(report.stopped, "interrupted");
  assert.ok(report.candidates.length >= 2 && report.best !== null);
});

test("bad input is named", async () => {
  const bad = (name: string, text: string): string => { const f = join(folder, name); writeFileSync(f, text); return f; };
  const one = bad("one.csv", "a,b,y\n1,2,x\n3,4,x\n5,6,x\n");
  const few = bad("few.csv", "a,b,y\n1,2,p\n3,4,q\n5,6,r\n");
  const nan = bad("nan.csv", "a,b,y\n1,nan,p\n3,4,q\n5,6,p\n1,2,q\n");
  const text = bad("text.csv", "a,b,y\n1,hello,p\n3,4,q\n5,6,p\n1,2,q\n");
  const inf = bad("inf.csv", "a,b,y\n1,inf,p\n3,4,q\n5,6,p\n1,2,q\n");
  const wide = bad("wide.csv", "a,b,c,y\n1,2,3,ash\n");
  const codes = await Promise.all([one, few, nan, text, inf, join(folder, "none.csv")].map((f) => fit(f, { ...small, mode: "first" }).then(() => "no error", codeOf)));
  assert.deepEqual(codes, ["train/one-class", "fit/too-few-rows", "data/missing", "data/text", "data/not-finite", "file/unreadable"]);
  assert.equal(await fit(train, { ...small, mode: "first", test: wide }).then(() => "no error", codeOf), "data/other-columns");
  assert.equal(await fit(train, { ...small, mode: "first", models: ["oracle"] }).then(() => "no error", codeOf), "cli/unknown-model");
  assert.equal(await fit(train, { ...small, mode: "first", board: "host", limits: { ...noLimits, latency: 5 } }).then(() => "no error", codeOf), "cli/bad-limit");
});
