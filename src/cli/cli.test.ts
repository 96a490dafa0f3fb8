/** The verbs as a user meets them: exit status, documents on stdout, words on stderr. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { writeGraph } from "../importers/graph/index.js";
import type { Graph } from "../ir/types.js";
import { call, colour, fixture, scratch, spawned, without } from "./testing.js";
import { verbs } from "./verbs.js";

const noAvr = without("avr-gcc");
const noGcc = without("gcc");
const folder = scratch();
const path = (name: string): string => join(folder, name);

const linear = (r: number, c: number) => ({ rows: r, cols: c, w: Float64Array.from({ length: r * c }, (_, i) => ((i * 37) % 101) / 50 - 1), b: new Float64Array(r) });

/** Two linear steps whose weights alone exceed the ATtiny45's flash. */
function heavyModel(): string {
  const [rows, cols] = [400, 20];
  const graph: Graph = {
    name: "heavy", task: "regression", labels: [], featureNames: Array.from({ length: cols }, (_, i) => `f${i}`), input: 0, source: "made by a test", notes: [],
    tensors: [{ name: "input", dtype: "f64", shape: [cols] }, { name: "a", dtype: "f64", shape: [rows] }, { name: "b", dtype: "f64", shape: [1] }],
    nodes: [{ name: "a", op: "linear", attrs: linear(rows, cols), inputs: [0], outputs: [1] }, { name: "b", op: "linear", attrs: linear(1, rows), inputs: [1], outputs: [2] }],
    outputs: [{ role: "scores", tensor: 2 }],
  };
  writeFileSync(path("heavy.json"), writeGraph(graph));
  writeFileSync(path("heavy.csv"), Array.from({ length: 8 }, (_, r) => Array.from({ length: cols }, (__, i) => (r * 3 + i) % 7).join(",")).join("\n"));
  return path("heavy.json");
}

test("help: main, every verb, help VERB; unknown verbs are named with their neighbours", async () => {
  const { code, out } = spawned(["--help"]);
  assert.equal(code, 0);
  for (const verb of Object.keys(verbs)) {
    assert.match(out, new RegExp(`^  ${verb} `, "m"));
    const help = await call([verb, "--help"]);
    assert.equal(help.code, 0);
    assert.match(help.out, new RegExp(`^Usage: coincell ${verb}.*--json.*Examples:\n  coincell ${verb}`, "s"));
  }
  assert.equal((await call(["help", "run"])).out, (await call(["run", "-h"])).out);
  assert.equal((await call([])).code, 2);
  const wrong = spawned(["rnu"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /error \[cli\/unknown-verb\].*\n  cure: Did you mean run\? Verbs: check,/);
  assert.equal((await call(["constructor"])).code, 2);
});

test("exit 1 and a diagnostic where a file is missing or no model", async () => {
  assert.deepEqual(JSON.parse(spawned(["check", path("none.pkl"), "--json"]).out).error.code, "file/unreadable");
  writeFileSync(path("text.txt"), "hello");
  const { code, err, out } = await call(["check", path("text.txt")]);
  assert.equal(code, 1);
  assert.equal(out, "");
  assert.match(err, /^error \[import\/unknown-format\] .*\n  cure: Supported: /);
});

test("exit 2 for a board that does not exist", async () => {
  const { code, err } = await call(["run", colour.forest, "--board", "attiny84", "--data", colour.test]);
  assert.equal(code, 2);
  assert.match(err, /board\/unknown-board.*attiny85/s);
});

test("boards and doctor as JSON", async () => {
  const { boards } = JSON.parse((await call(["boards", "--json"])).out) as { boards: { name: string; flashBytes: number | null; measured: string[] }[] };
  assert.equal(boards.find((b) => b.name === "attiny85")?.flashBytes, 8192);
  assert.ok(boards.find((b) => b.name === "attiny85")?.measured.includes("cycles"));
  assert.match((await call(["boards"])).out, /atmega328p = uno/);
  const doctor = await call(["doctor", "--json"]);
  const { toolchains } = JSON.parse(doctor.out) as { toolchains: { toolchain: string; works: boolean; install: string | null }[] };
  assert.equal(doctor.code, toolchains.every((t) => t.works) ? 0 : 1);
  for (const t of toolchains) assert.equal(t.install === null, t.works);
});

test("check says what is in a file", async () => {
  const { code, out } = await call(["check", colour.forest, "--json"]);
  assert.equal(code, 0);
  const doc = JSON.parse(out);
  assert.equal(doc.supported, true);
  assert.equal(doc.features, 3);
  assert.equal(doc.labels.length, 8);
  assert.deepEqual(doc.nodes.map((n: { op: string; role: string }) => [n.op, n.role]), [["tree_ensemble", "device"], ["argmax", "device"]]);
  assert.deepEqual(doc.inputTypes.map((t: { type: string }) => t.type), ["u8", "i8", "i16", "f32"]);
  assert.match((await call(["check", fixture("test/fixtures/sklearn/pipe_standard_lr.pkl")])).out, /affine .*folded.*\n.*linear/);
});

test("import writes a graph that reads back as the same model", async () => {
  const { code, out } = await call(["import", colour.forest, "-o", path("deep/forest.json"), "--json"]);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(out).nodes, ["tree_ensemble", "argmax"]);
  const [a, b] = await Promise.all([colour.forest, path("deep/forest.json")].map(async (f) => JSON.parse((await call(["check", f, "--json"])).out)));
  assert.deepEqual({ ...b, file: "", name: "" }, { ...a, file: "", name: "" });
});

test("run on this computer: the report, predictions, page; --quiet is quiet", { skip: noGcc }, async () => {
  const argv = ["run", colour.forest, "--board", "host", "--data", colour.test, "--calibrate", colour.train, "--predictions", path("p.csv"), "--html", path("r.html"), "--json"];
  const { code, out, err } = await call(argv);
  assert.equal(code, 0);
  const r = JSON.parse(out);
  assert.equal(r.samples, 240);
  assert.equal(r.equal, true);
  assert.equal(r.agreement, 1);
  assert.ok(r.accuracy > 0.95);
  assert.match(err, /wrote .*r\.html/);
  const rows = readFileSync(path("p.csv"), "utf8").trim().split("\n");
  assert.equal(rows.length, 241);
  assert.equal(rows[0], `label,${Array.from({ length: 8 }, (_, i) => `score_${i}`).join(",")}`);
  assert.match(readFileSync(path("r.html"), "utf8"), /^<!doctype html>.*every byte equal to the reference/s);
  writeFileSync(path("run.json"), out);
  const drawn = await call(["report", path("run.json"), "-o", path("drawn.html"), "--json"]);
  assert.equal(drawn.code, 0);
  assert.equal(readFileSync(path("drawn.html"), "utf8"), readFileSync(path("r.html"), "utf8"));
  assert.equal((await call([...argv, "-q"])).err, "");
});

test("run on a simulated ATtiny85 has every field the issue names", { skip: noAvr }, () => {
  const { code, out } = spawned(["run", colour.forest, "--board", "attiny85", "--data", colour.test, "--calibrate", colour.train, "--json"]);
  assert.equal(code, 0);
  const r = JSON.parse(out);
  assert.equal(r.board, "attiny85");
  for (const [field, keys] of Object.entries({ flash: ["model", "harness", "total"], ram: ["static", "input", "stack"], cycles: ["min", "mean", "max"], microseconds: ["min", "mean", "max"] }))
    for (const k of keys) assert.equal(typeof r[field][k], "number", `${field}.${k}`);
  assert.deepEqual([r.fits, r.equal, r.difference], [true, true, null]);
});

test("exit 3 where the program does not fit, with the sizes", { skip: noAvr }, async () => {
  const model = heavyModel();
  const { code, out, err } = spawned(["run", model, "--board", "attiny45", "--data", path("heavy.csv"), "--optimise", "size", "--json"]);
  assert.equal(code, 3);
  assert.equal(JSON.parse(out).fits, false);
  assert.match(err, /attiny45: does not fit: [\d,]+ bytes of flash too many/);
  const compiled = await call(["compile", model, "--board", "attiny45", "--calibrate", path("heavy.csv"), "--optimise", "size", "-o", path("c")]);
  assert.equal(compiled.code, 3);
  assert.ok(existsSync(path("c/heavy.c")));
});

test("compile writes C; measured constants only with --data", { skip: noAvr }, async () => {
  const plain = await call(["compile", colour.forest, "--board", "attiny85", "--calibrate", colour.train, "--optimise", "size", "-o", path("plain")]);
  assert.equal(plain.code, 0);
  assert.match(plain.out, /wrote .*colour_forest\.h.*\nmade .*\nflash   model \d+ bytes/);
  assert.doesNotMatch(readFileSync(path("plain/colour_forest.h"), "utf8"), /_FLASH_BYTES/);
  const measured = await call(["compile", colour.forest, "--board", "attiny85", "--data", colour.test, "--optimise", "size", "-o", path("measured"), "--json"]);
  const doc = JSON.parse(measured.out);
  assert.match(readFileSync(path("measured/colour_forest.h"), "utf8"), new RegExp(`#define COLOUR_FOREST_FLASH_BYTES ${doc.flash.model}\n`));
});

test("verify proves board by board, in a table and as JSON", { skip: noAvr || noGcc }, async () => {
  const argv = ["verify", colour.forest, "--board", "uno,host", "--data", colour.test, "--optimise", "size"];
  const table = await call(argv);
  assert.equal(table.code, 0);
  assert.match(table.out, /atmega328p .*\n.*proven.*\n.*host .*\n.*proven/);
  const doc = JSON.parse((await call([...argv, "--json"])).out);
  assert.equal(doc.equal, true);
  assert.deepEqual(doc.boards.map((b: { board: string; error: unknown }) => [b.board, b.error]), [["atmega328p", null], ["host", null]]);
});

test("a label column that does not exist, a scale for the wrong number of features", async () => {
  const base = ["run", colour.forest, "--board", "host", "--data", colour.test];
  assert.match((await call([...base, "--label", "shade"])).err, /data\/no-label-column.*\n  cure: Columns: r, g, b, label/);
  const wrong = await call([...base, "--input-type", "u8", "--input-scale", "1,2"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /2 numbers, but the model takes 3 features/);
});

test("report: saved documents are checked field by field", async () => {
  writeFileSync(path("bad.json"), JSON.stringify({ board: 3 }));
  const { code, err } = await call(["report", path("bad.json"), "-o", path("x.html")]);
  assert.equal(code, 1);
  assert.match(err, /error \[report\/bad-field\]/);
  assert.equal((await call(["report", colour.forest, "--board", "host"])).code, 2);
});
