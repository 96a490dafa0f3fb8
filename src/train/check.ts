/** What no learner can learn from, said before it starts; and hyper-parameters read within their bounds. */
import { fail } from "../ir/diagnostics.js";
import type { Task } from "../ir/types.js";
import type { Hyper, HyperValues, TrainingSet } from "./learner.js";

const where = (data: TrainingSet, i: number): string => `row ${Math.floor(i / data.features.length) + 1}, column ${data.features[i % data.features.length]}`;

function checkValues(data: TrainingSet): void {
  const width = data.features.length;
  if (width === 0) fail("train/no-features", "training data", "there is no feature column", "Give at least one numeric column beside the label.");
  if (data.rows < 2) fail("train/too-few-rows", "training data", `${data.rows} rows`, "Give at least two rows; a useful model needs dozens for each class.");
  if (data.x.length !== data.rows * width) fail("train/bad-shape", "training data", `${data.x.length} values for ${data.rows} rows of ${width} features`, "Give one value for each row and feature.");
  const { x } = data;
  let varied = false;
  for (let i = 0; i < x.length; i++) {
    const v = Math.fround(x[i]!);
    if (v - v !== 0) fail("train/not-finite", where(data, i), `the value ${x[i]}`, "Fill in or leave out missing values and infinities before training: supported are finite float32 numbers.");
    if (!varied && i >= width && v !== Math.fround(x[i % width]!)) varied = true;
  }
  if (!varied) fail("train/constant-features", "training data", "every feature has one value only", "Record data in which at least one feature differs between rows.");
}

function checkClasses(data: TrainingSet, y: Float64Array): void {
  const seen = new Int32Array(data.classes.length);
  y.forEach((c, i) => {
    if (!(Number.isInteger(c) && c >= 0 && c < seen.length)) fail("train/bad-label", `row ${i + 1}`, `class index ${c} of ${seen.length} classes`, "Give each row the index of its class.");
    seen[c]! += 1;
  });
  const present = seen.filter((n) => n > 0).length;
  if (present < 2) fail("train/one-class", "training data", `all rows are of class "${data.classes[seen.findIndex((n) => n > 0)]}"`, "Give rows of at least two classes, or train an anomaly detector: isolation-forest.");
  if (data.rows < data.classes.length) fail("train/too-few-rows", "training data", `${data.rows} rows for ${data.classes.length} classes`, "Give at least one row of each class; is the label column really the label?");
}

/** @throws CoincellError naming the row and column of the first bad value. */
export function checkData(data: TrainingSet, task: Task): void {
  checkValues(data);
  if (task === "anomaly") return;
  const { y } = data;
  if (y === null || y.length !== data.rows) return fail("train/no-target", "training data", y === null ? "there is no target column" : `${y.length} targets for ${data.rows} rows`, "Name the column that is to be predicted.");
  if (task === "classification") return checkClasses(data, y);
  y.forEach((v, i) => { if (!Number.isFinite(v)) fail("train/not-finite", `row ${i + 1}, target`, `the value ${v}`, "Leave out rows without a finite target."); });
  if (y.every((v) => v === y[0])) fail("train/constant-target", "training data", `every target is ${y[0]}`, "Record data in which the target differs between rows.");
}

export interface HyperReader {
  /** A number within bounds. */
  number(key: string, low: number, high: number): number;
  /** A whole number within bounds. */
  whole(key: string, low: number, high: number): number;
  /** One of some words, or where `number` is given a number within these bounds. */
  word(key: string, words: readonly string[], number?: readonly [number, number]): string | number;
}

/** @throws CoincellError at a name the learner does not have; the reader's functions at a value out of bounds. */
export function readHyper(learner: string, table: Readonly<Record<string, Hyper>>, values: HyperValues): HyperReader {
  const bad = (key: string, value: unknown, cure: string): never => fail("train/bad-hyper", `${learner}.${key}`, `the value ${JSON.stringify(value)}`, `Supported: ${cure}.`);
  for (const key of Object.keys(values)) {
    if (!Object.hasOwn(table, key)) fail("train/unknown-hyper", `${learner}.${key}`, "no hyper-parameter of this name", `Supported: ${Object.keys(table).join(", ")}.`);
  }
  const value = (key: string): number | string => values[key] ?? table[key]?.default ?? 0;
  const number = (key: string, low: number, high: number): number => {
    const v = value(key);
    const n = typeof v === "string" && v.trim() !== "" ? Number(v) : v;
    return typeof n === "number" && n >= low && n <= high ? n : bad(key, v, `a number from ${low} to ${high}`);
  };
  return {
    number,
    whole: (key, low, high) => {
      const n = number(key, low, high);
      return Number.isInteger(n) ? n : bad(key, n, `a whole number from ${low} to ${high}`);
    },
    word: (key, words, bounds) => {
      const v = value(key);
      if (typeof v === "string" && words.includes(v)) return v;
      const also = bounds ? `, or a number from ${bounds[0]} to ${bounds[1]}` : "";
      return bounds && v !== "" && Number(v) >= bounds[0] && Number(v) <= bounds[1] ? Number(v) : bad(key, v, `${words.join(", ")}${also}`);
    },
  };
}
