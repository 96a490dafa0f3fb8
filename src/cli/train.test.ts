import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { call, colour, scratch } from "./testing.js";

const folder = scratch();
const path = (name: string): string => join(folder, name);

it("data describes, splits and writes the parts", async () => {
  const { code, out } = await call(["data", colour.train]);
  assert.equal(code, 0);
  assert.match(out, /480 rows of 3 features[\s\S]*8 classes[\s\S]*6 rows equal an earlier one/);
  const split = await call(["data", colour.train, "--split", "0.3", "--seed", "1", "-o", path("parts"), "--json"]);
  const found = JSON.parse(split.out) as { split: { train: number; test: number; leaked: number }; columns: unknown[] };
  assert.deepEqual([found.split.train + found.split.test, found.split.leaked, found.columns.length], [480, 0, 3]);
  assert.equal(readFileSync(path("parts/test.csv"), "utf8").trim().split("\n").length, found.split.test + 1);
  assert.equal((await call(["data", colour.train, "-o", path("x")])).code, 2);
});

it("train prints, draws, writes a model that run reads back to the same accuracy", async () => {
  const made = await call(["train", colour.train, "--test", colour.test, "--model", "tree", "--set", "depth=6", "--seed", "1", "-o", path("model.json"), "--html", path("page.html"), "--json"]);
  assert.equal(made.code, 0, made.err);
  const report = JSON.parse(made.out) as { integer: { accuracy: { value: number } }; hyper: { depth: number } };
  assert.equal(report.hyper.depth, 6);
  const ran = await call(["run", path("model.json"), "--board", "host", "--calibrate", colour.train, "--data", colour.test, "--json"]);
  assert.equal((JSON.parse(ran.out) as { accuracy: number }).accuracy, report.integer.accuracy.value);
  const page = readFileSync(path("page.html"), "utf8");
  assert.match(page, /<h1>Decision tree/);
  assert.match(page, /class="matrix"/);
  const text = await call(["train", colour.train, "--test", colour.test, "--model", "tree"]);
  assert.match(text.out, /accuracy +\d+(\.\d+)? % \(.* to .*\)[\s\S]*precision[\s\S]*true \\ answer/);
});

it("a project in the folder, and what is typed wins", async () => {
  writeFileSync(path("coincell.json"), JSON.stringify({ data: "d.csv", model: "tree", seed: 2, split: 0.4 }));
  writeFileSync(path("d.csv"), `a,b,label\n${Array.from({ length: 60 }, (_, i) => `${i},${i % 5},${i < 30 ? "x<b>" : "y"}`).join("\n")}\n`);
  const { out } = await call(["train", folder, "--seed", "7", "--model", "logistic", "--json", "--html", path("p.html")]);
  const report = JSON.parse(out) as { model: string; seed: number; data: { test: string } };
  assert.deepEqual([report.model, report.seed], ["logistic", 7]);
  assert.match(report.data.test, /share 0.4, seed 7/);
  const page = readFileSync(path("p.html"), "utf8");
  assert.ok(!page.includes("x<b>") && page.includes("x&lt;b&gt;") && page.includes("class=\"curve\""));
});

it("what is mistyped is a usage error with the near name", async () => {
  for (const [args, text] of [
    [[colour.train, "--model", "forrest"], /Did you mean forest/], [[colour.train, "--model", "tree", "--set", "dpth=3"], /Did you mean depth/],
    [[colour.train, "--model", "tree", "--set", "depth"], /NAME=VALUE/], [[colour.train], /--model is missing/], [[colour.train, "-m", "tree", "--split", "1.5"], /between 0 and 1/],
    [[colour.train, "-m", "tree", "--board", "attiny58"], /attiny85/], [[colour.train, "-m", "tree", "--test", "a", "--split", "0.1"], /both given/], [[colour.train, "-m", "tree", "--seed", "x"], /whole number/],
  ] as const) {
    const { code, err, out } = await call(["train", ...args]);
    assert.equal(code, 2, err);
    assert.match(err, text);
    assert.equal(out, "");
  }
});

it("bad rows are named by line and column", async () => {
  writeFileSync(path("bad.csv"), "a,b,label\n1,2,x\n3,oops,y\n5,6,x\n");
  const { code, err } = await call(["train", path("bad.csv"), "-m", "tree"]);
  assert.equal(code, 1);
  assert.match(err, /bad\.csv: line 3, column "b": "oops" is no number/);
});
