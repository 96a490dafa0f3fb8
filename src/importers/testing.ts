/** What importer tests share: a fixture folder's truth against the imported graph. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { CoincellError } from "../ir/diagnostics.js";
import type { Graph } from "../ir/types.js";
import { evaluate } from "../passes/evaluate.js";
import { importModel } from "./index.js";

export interface Truth {
  readonly case: string;
  readonly file: string;
  readonly csv: string;
  readonly task: string | null;
  readonly expect: "same" | "refuse" | "either";
  readonly classes?: readonly (string | number)[];
  readonly label?: readonly (string | number)[];
  readonly proba?: readonly (readonly number[])[];
  readonly decision?: readonly (number | readonly number[])[];
  readonly value?: readonly number[];
  readonly close?: readonly number[];
}

export const fixtures = (folder: string): URL => new URL(`../../test/fixtures/${folder}/`, import.meta.url);
/** Material outside the repository; null on a machine that has none. */
export const shared = (path: string): URL | null => {
  const url = new URL(`../../../shared/fixtures/${path}`, import.meta.url);
  return existsSync(url) ? url : null;
};

export const readTruth = (file: URL): Truth => JSON.parse(readFileSync(file, "utf8")) as Truth;

export const readRows = (file: URL): number[][] =>
  readFileSync(file, "utf8").trim().split("\n").filter((l) => !/^[#a-zA-Z]/.test(l)).map((line) => line.split(",").map((v) => Math.fround(Number(v))));

export const importFile = (file: URL): Graph => importModel(readFileSync(file), file.pathname);

export function near(got: ArrayLike<number>, want: readonly number[], tolerance: number, where: string): void {
  assert.equal(got.length, want.length, `${where}: number of scores`);
  want.forEach((w, i) => {
    const g = got[i] ?? NaN;
    assert.ok(Math.abs(g - w) <= tolerance * Math.max(1, Math.abs(w)), `${where}: score ${i} is ${g}, the truth is ${w}`);
  });
}

/** What the library printed for one row, as the scores the graph must give; null where the truth holds none. */
function wanted(t: Truth, row: number): readonly number[] | null {
  const v = t.proba?.[row] ?? t.value?.[row] ?? t.decision?.[row];
  return v === undefined ? null : typeof v === "number" ? [v] : v;
}

/** Every row's label equal and scores within `tolerance` (relative above 1). */
export function compare(graph: Graph, t: Truth, rows: readonly number[][], tolerance = 1e-5): void {
  if (t.classes) assert.deepEqual(graph.labels, t.classes, `${t.case}: labels`);
  rows.forEach((row, i) => {
    const got = evaluate(graph, row);
    const where = `${t.case} row ${i}`;
    if (t.close?.includes(i)) return;
    const scores = wanted(t, i);
    if (scores) near(got.scores, scores, tolerance, where);
    if (t.label) assert.equal(String(graph.labels.length ? graph.labels[got.label] : got.label), String(t.label[i]), `${where}: label`);
  });
}

export function refused(run: () => unknown, code: RegExp, where: string): void {
  try {
    run();
  } catch (e) {
    assert.ok(e instanceof CoincellError, `${where}: ${String(e)}`);
    assert.match(e.diagnostic.code, code, where);
    assert.ok(e.diagnostic.cure.length > 10, `${where}: a cure`);
    return;
  }
  assert.fail(`${where}: was accepted`);
}
