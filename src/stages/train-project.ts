/** A project's `coincell.json`: what to learn from what, read strictly; its schema is `schema/coincell.schema.json`. */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { didYouMean } from "../ir/close.js";
import { fail } from "../ir/diagnostics.js";
import type { Task } from "../ir/types.js";
import { inputTypes } from "../passes/quantise/input.js";
import type { TrainOptions } from "./train-run.js";

const tasks: readonly Task[] = ["classification", "regression", "anomaly", "clustering", "transform"];

type Fields = Readonly<Record<string, unknown>>;
const isObject = (v: unknown): v is Fields => typeof v === "object" && v !== null && !Array.isArray(v);

const shown = (v: unknown): string => (JSON.stringify(v) ?? "nothing").slice(0, 40);

type Reading = (v: unknown, where: string) => unknown;

const wrong = (where: string, wanted: string, v: unknown): never => fail("project/bad-field", where, `${wanted} is wanted, found ${shown(v)}`, "See schema/coincell.schema.json of the package.");
const text: Reading = (v, where) => (typeof v === "string" && v !== "" ? v : wrong(where, "a text", v));
const whole: Reading = (v, where) => (Number.isSafeInteger(v) ? v : wrong(where, "a whole number", v));
const oneOf = (words: readonly string[]): Reading => (v, where) => (typeof v === "string" && words.includes(v) ? v : wrong(where, `one of ${words.join(", ")}`, v));
const texts: Reading = (v, where) => (Array.isArray(v) && v.every((t) => typeof t === "string" && t !== "") ? v : wrong(where, "a list of texts", v));
const shareOrColumn: Reading = (v, where) => ((typeof v === "number" && v > 0 && v < 1) || (typeof v === "string" && v !== "") ? v : wrong(where, "a share between 0 and 1, or the name of a column,", v));
const settings: Reading = (v, where) => {
  if (!isObject(v)) return wrong(where, "an object of options", v);
  for (const [k, x] of Object.entries(v)) if (typeof x !== "string" && !(typeof x === "number" && Number.isFinite(x))) wrong(`${where}.${k}`, "a number or text", x);
  return v;
};

const flag: Reading = (v, where) => (typeof v === "boolean" ? v : wrong(where, "true or false", v));

const fitFields: Readonly<Record<string, Reading>> = { flash: text, ram: text, stack: text, latency: text, battery: text, models: texts, first: flag };
const fitReading: Reading = (v, where) => {
  if (!isObject(v)) return wrong(where, "an object of limits", v);
  return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, (Object.hasOwn(fitFields, k) ? fitFields[k] : undefined)?.(x, `${where}.${k}`) ?? fail("project/unknown-field", `${where}.${k}`, "there is no field of this name", `${didYouMean(k, Object.keys(fitFields))}Fields: ${Object.keys(fitFields).join(", ")}.`)]));
};

const fields: Readonly<Record<string, Reading>> = {
  data: text, test: text, split: shareOrColumn, label: text, group: text, ignore: texts, missing: oneOf(["fail", "drop"]),
  task: oneOf(tasks), normal: text, model: text, set: settings, seed: whole, folds: whole, threshold: text, board: text, inputType: oneOf(inputTypes), fit: fitReading,
};

/** Editors name the schema here; it means nothing to us. */
const SCHEMA_KEY = "$schema";

function parse(source: string, file: string): Fields {
  let v: unknown;
  try {
    v = JSON.parse(source);
  } catch (e) {
    return fail("project/no-json", file, `this is no JSON document: ${e instanceof Error ? e.message.slice(0, 80) : ""}`, "Write an object such as { \"data\": \"train.csv\", \"model\": \"forest\" }.");
  }
  return isObject(v) ? v : fail("project/no-json", file, "the document is no object", "Write an object such as { \"data\": \"train.csv\", \"model\": \"forest\" }.");
}

/**
 * Paths in the file are relative to its folder.
 * @throws CoincellError project/… naming the field that is wrong
 */
export async function readProject(file: string): Promise<Partial<TrainOptions>> {
  const source = await readFile(file, "utf8").catch((e: NodeJS.ErrnoException) => fail("file/unreadable", file, e.code === "ENOENT" ? "there is no such file" : e.message, "Give the path of a coincell.json."));
  const v = parse(source, file);
  for (const key of Object.keys(v)) if (key !== SCHEMA_KEY && !Object.hasOwn(fields, key)) fail("project/unknown-field", `${file}: ${key}`, "there is no field of this name", `${didYouMean(key, Object.keys(fields))}Fields: ${Object.keys(fields).join(", ")}.`);
  const read = Object.fromEntries(Object.entries(v).filter(([k]) => k !== SCHEMA_KEY).map(([k, x]) => [k, fields[k]?.(x, `${file}: ${k}`)])) as Partial<TrainOptions>;
  if (read.data === undefined) fail("project/bad-field", `${file}: data`, "the field is missing", "Name the file or folder of rows.");
  if (read.test !== undefined && read.split !== undefined) fail("project/bad-field", `${file}: split`, "test and split are both given", "Give a file of test rows, or a share of the data.");
  const here = (path: string): string => join(dirname(file), path);
  return { ...read, ...(read.data === undefined ? {} : { data: here(read.data) }), ...(read.test === undefined ? {} : { test: here(read.test) }) };
}

export const projectFields: readonly string[] = [...Object.keys(fields), SCHEMA_KEY];
