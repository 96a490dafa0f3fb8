/** The fixture models with the answers of the library that made them: what every cross-room test starts from. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { importModel } from "../../src/importers/index.js";
import type { Graph } from "../../src/ir/types.js";

type Cell = string | number | boolean;

/** `<case>.truth.json`; the form is told in test/fixtures/sklearn/README.md. */
export interface Truth {
  readonly case: string;
  readonly file: string;
  readonly files?: readonly string[];
  readonly csv: string;
  readonly class: string;
  readonly task: string | null;
  readonly expect: "same" | "refuse" | "either";
  readonly classes?: readonly Cell[];
  readonly label?: readonly Cell[];
  readonly proba?: readonly (readonly number[])[];
  readonly decision?: readonly (number | readonly number[])[];
  readonly score_samples?: readonly number[];
  readonly value?: readonly (number | readonly number[])[];
  readonly distance?: readonly (number | readonly number[])[];
  readonly margin?: readonly (number | readonly number[])[];
  readonly close?: readonly number[];
}

/** One model file of a case. */
export interface Fixture {
  /** `sklearn/dt_int`, `formats/forest.p2.pkl`: unique and short. */
  readonly id: string;
  readonly truth: Truth;
  readonly model: URL;
  readonly csv: URL;
}

const root = new URL("../fixtures/", import.meta.url);

function folder(path: string): Fixture[] {
  const at = new URL(`${path}/`, root);
  return readdirSync(at).filter((f) => f.endsWith(".truth.json")).sort().flatMap((name) => {
    const truth = JSON.parse(readFileSync(new URL(name, at), "utf8")) as Truth;
    const csv = new URL(truth.csv, at);
    return truth.files
      ? truth.files.map((f) => ({ id: `${path}/${f}`, truth, model: new URL(f, at), csv }))
      : [{ id: `${path}/${truth.case}`, truth, model: new URL(truth.file, at), csv }];
  });
}

const versions = (): string[] => readdirSync(new URL("versions/", root), { withFileTypes: true }).filter((d) => d.isDirectory()).map((d) => `versions/${d.name}`).sort();

export const allFixtures = (): Fixture[] => ["sklearn", ...versions(), "onnx", "formats"].flatMap(folder);

/** Files that are meant to be refused: `formats/bad_*`. */
export const badFiles = (): URL[] => readdirSync(new URL("formats/", root)).filter((f) => f.startsWith("bad_")).map((f) => new URL(`formats/${f}`, root));

export const fixture = (id: string): Fixture => {
  const [at, name] = [id.slice(0, id.lastIndexOf("/")), id];
  const found = folder(at).find((f) => f.id === name);
  if (!found) throw new Error(`no fixture ${id}`);
  return found;
};

/** Rows in the model's own units, each number as float32. */
export const rowsOf = (f: Fixture): Float64Array[] =>
  readFileSync(f.csv, "utf8").trim().split("\n").map((line) => Float64Array.from(line.split(","), (v) => Math.fround(Number(v))));

export const bytesOf = (f: Fixture): Uint8Array => readFileSync(f.model);
export const graphOf = (f: Fixture): Graph => importModel(bytesOf(f), f.model.pathname);
export const present = (f: Fixture): boolean => existsSync(f.model) && existsSync(f.csv);
