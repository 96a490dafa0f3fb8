import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { CoincellError } from "../ir/diagnostics.js";
import { writeGraph } from "../importers/graph/index.js";
import { projectFields, readProject } from "./train-project.js";
import { readParts, train } from "./train-run.js";
import { parseThreshold } from "./train-threshold.js";
import { trainModel } from "./train.js";

const folder = mkdtempSync(join(tmpdir(), "coincell-train-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const colour = { data: "examples/colour/train.csv", test: "examples/colour/test.csv" };

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Two clouds, one in six rows far away; the same on every machine. */
function fan(rows: number): string {
  let s = 7;
  const next = (): number => { s = (Math.imul(s, 1664525) + 1013904223) >>> 0; return s / 2 ** 32 + 0; };
  const lines = Array.from({ length: rows }, (_, i) => {
    const bad = i % 6 === 0;
    return [next() * 4 + (bad ? 5 : 0), next() * 2, next() * (bad ? 6 : 2)].map((v) => v.toFixed(3)).join(",") + (bad ? ",worn" : ",ok");
  });
  return `a,b,c,state\n${lines.join("\n")}\n`;
}
const fanFile = write("fan.csv", fan(400));

it("the figures are those of the integer model, and the board agrees", async () => {
  const { report, trained, outcome } = await train({ ...colour, model: "forest", set: { depth: "6", trees: 8 }, seed: 1, board: "host", folds: 3 });
  assert.ok(report.integer.kind === "classification");
  assert.ok(report.integer.accuracy.value > 0.93 && report.integer.accuracy.low < report.integer.accuracy.value);
  assert.equal(outcome?.report.accuracy, report.integer.accuracy.value);
  assert.deepEqual(outcome?.report.confusion, report.integer.confusion);
  assert.deepEqual([report.hyper["depth"], report.hyper["trees"], report.folds?.values.length], [6, 8, 3]);
  assert.equal(report.data.leaked, 3);
  const again = await train({ ...colour, model: "forest", set: { depth: 6, trees: 8 }, seed: 1 });
  assert.equal(writeGraph(again.trained.graph), writeGraph(trained.graph));
});

it("regression has errors with intervals", async () => {
  const file = write("reg.csv", `t,h,y\n${Array.from({ length: 300 }, (_, i) => `${i % 40},${(i * 7) % 50},${(i % 40) * 2.5 + ((i * 7) % 50) * 0.3}`).join("\n")}\n`);
  const { report } = await train({ data: file, model: "tree", split: 0.3, seed: 2, set: { depth: 7 } });
  assert.ok(report.integer.kind === "regression" && report.integer.rSquared && report.integer.rSquared.value > 0.9);
  assert.ok(report.integer.meanAbsolute.low <= report.integer.meanAbsolute.value);
});

it("anomaly models learn from normal rows; a threshold moves the decision", async () => {
  const parts = await readParts({ data: fanFile, split: 0.4, seed: 3 });
  const request = { train: parts.train, test: parts.test, model: "isolation-forest", hyper: {}, seed: 3 } as const;
  const plain = trainModel(request);
  assert.equal(plain.training.rows, parts.train.labels?.filter((l) => l === "ok").length);
  assert.ok(plain.integer.kind === "classification" && plain.integer.roc && plain.integer.roc.auc.value > 0.8);
  const strict = trainModel({ ...request, threshold: parseThreshold("alarms=0.01") });
  assert.ok(strict.integer.kind === "classification" && strict.integer.roc);
  assert.ok(strict.integer.roc.own.falsePositive < 0.06, String(strict.integer.roc.own.falsePositive));
  const lax = trainModel({ ...request, threshold: parseThreshold("alarms=0.5") });
  assert.ok(lax.integer.kind === "classification" && (lax.integer.roc?.own.truePositive ?? 0) >= strict.integer.roc.own.truePositive);
  assert.throws(() => parseThreshold("alarms=2"), CoincellError);
  assert.throws(() => trainModel({ train: parts.train, test: parts.test, model: "tree", hyper: {}, seed: 0, threshold: parseThreshold("youden") }), /--threshold/);
});

it("test rows of an unknown class or other columns are said", async () => {
  const a = write("a.csv", `p,q,label\n${Array.from({ length: 40 }, (_, i) => `${i},${i % 7},${i < 20 ? "x" : "y"}`).join("\n")}\n`);
  const b = write("b.csv", "p,q,label\n1,2,x\n30,3,y\n31,2,z\n");
  const { report } = await train({ data: a, test: b, model: "tree" });
  assert.match(report.notes.join(), /1 test row of "z"/);
  assert.ok(report.integer.kind === "classification" && report.integer.accuracy.value < 0.7);
  await assert.rejects(train({ data: a, test: write("c.csv", "p,r,label\n1,2,x\n"), model: "tree" }), /feature 2 is "r"/);
});

it("is stopped by its signal", async () => {
  const c = new AbortController();
  const running = train({ data: fanFile, model: "forest", set: { trees: 3000, depth: 30 }, signal: c.signal });
  setTimeout(() => c.abort(), 300);
  await assert.rejects(running, { name: "AbortError" });
});

const project = (v: unknown): string => write("coincell.json", typeof v === "string" ? v : JSON.stringify(v));

it("a project is read strictly", async () => {
  assert.deepEqual(await readProject(project({ $schema: "s", data: "fan.csv", label: "state", model: "tree", set: { depth: 3 }, seed: 4 })), { data: fanFile, label: "state", model: "tree", set: { depth: 3 }, seed: 4 });
  for (const [v, text] of [
    [{ data: "x", modle: "tree" }, /Did you mean model/], [{ data: "x", seed: "1" }, /seed: a whole number is wanted/], [{ model: "tree" }, /data: the field is missing/],
    [{ data: "x", fit: { flahs: "6k" } }, /fit\.flahs.*Did you mean flash/s], [{ data: "x", fit: { ram: 200 } }, /fit\.ram: a text is wanted, found 200/],
    [{ data: "x", set: { a: null } }, /set\.a/], [{ data: "x", test: "y", split: 0.2 }, /both given/], ["{", /no JSON/], ["[]", /no object/], [{ data: "x", inputType: "i4" }, /u8, i8, i16, f32/],
  ] as const) await assert.rejects(readProject(project(v)), text);
});

it("the published schema knows the same fields", async () => {
  const { default: schema } = await import("../../schema/coincell.schema.json", { with: { type: "json" } }) as { default: { properties: Record<string, unknown> } };
  assert.deepEqual(Object.keys(schema.properties).toSorted(), [...projectFields].toSorted());
});
