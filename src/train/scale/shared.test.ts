/** Learners on the recorded and modelled colour sets of ../shared/datasets, where that folder stands: no worse than the baselines named there. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { evaluate } from "../../passes/evaluate.js";
import type { HyperValues, Learner, TrainingSet } from "../learner.js";
import { learners as neighbours } from "../neighbours/index.js";
import { learners as svm } from "../svm/index.js";
import { rowsOf, seeded } from "./testing.js";

const folder = new URL("../../../../shared/datasets/", import.meta.url);
const skip = existsSync(new URL("colour_fruit.tar.gz", folder)) ? false : "../shared/datasets is not here";

/** The text of a file in a tar archive: blocks of 512 bytes, the name at 0 and the size in octal at 124 of each head. */
function fileIn(archive: Buffer, name: string): string {
  for (let at = 0; at + 512 <= archive.length;) {
    const size = Number.parseInt(archive.toString("latin1", at + 124, at + 135), 8) || 0;
    if (archive.toString("latin1", at, at + 100).replace(/\0.*$/s, "").endsWith(name)) return archive.toString("utf8", at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error(`${name} is not in the archive`);
}

/** Columns before the last two are features, then label and part. */
function parts(name: string): readonly [TrainingSet, TrainingSet] {
  const text = fileIn(gunzipSync(readFileSync(new URL(`${name}.tar.gz`, folder))), "public/data.csv");
  const [head = [], ...rows] = text.trim().split(/\r?\n/).map((line) => line.split(","));
  const features = head.slice(0, -2);
  const classes = [...new Set(rows.map((r) => r.at(-2)!))].toSorted();
  const of = (train: boolean): TrainingSet => {
    const kept = rows.filter((r) => (r.at(-1) === "train") === train);
    return { features, rows: kept.length, classes, x: Float64Array.from(kept.flatMap((r) => r.slice(0, -2).map((v) => Math.fround(Number(v))))), y: Float64Array.from(kept, (r) => classes.indexOf(r.at(-2)!)) };
  };
  return [of(true), of(false)];
}

function accuracy(l: Learner, name: string, hyper: HyperValues): number {
  const [train, validation] = parts(name);
  const g = l.learn(train, "classification", hyper, seeded);
  return rowsOf(validation).filter((r, i) => evaluate(g, r).label === validation.y![i]).length / validation.rows;
}

test("colour_fruit: 34 of 35, as every baseline", { skip }, () => {
  assert.ok(accuracy(svm[0]!, "colour_fruit", { C: 100 }) > 0.97);
  assert.ok(accuracy(neighbours[0]!, "colour_fruit", { budget: 32 }) > 0.97);
});

test("synth_colour: the baseline SVM's .971", { skip }, () => {
  assert.ok(accuracy(svm[0]!, "synth_colour", { C: 100 }) > 0.97);
});
