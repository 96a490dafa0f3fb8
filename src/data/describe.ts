/** What is in a dataset, and what about it would mislead a model. */
import { classesOf, isNumber, type Dataset, type Problem, type ProblemKind } from "./dataset.js";
import { rowKey } from "./split.js";

export interface ColumnFacts {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly deviation: number;
  readonly missing: number;
  readonly distinct: number;
  readonly whole: boolean;
}

export interface Description {
  readonly file: string;
  readonly rows: number;
  readonly features: number;
  readonly label: string | null;
  /** What the labels look like; null without labels. */
  readonly task: "classification" | "regression" | null;
  readonly classes: readonly { readonly name: string | number; readonly rows: number }[];
  readonly target: { readonly min: number; readonly max: number; readonly mean: number } | null;
  readonly groups: number | null;
  readonly columns: readonly ColumnFacts[];
  readonly duplicates: { readonly rows: number; readonly conflicting: number; readonly examples: readonly string[] };
  readonly problems: { readonly counts: Readonly<Partial<Record<ProblemKind, number>>>; readonly first: readonly Problem[] };
  readonly warnings: readonly string[];
}

function facts(d: Dataset, f: number): ColumnFacts {
  const width = d.features.length;
  let [min, max, sum, n, whole] = [Infinity, -Infinity, 0, 0, true];
  const distinct = new Set<number>();
  for (let r = 0; r < d.rows; r++) {
    const v = d.x[r * width + f] ?? NaN;
    if (Number.isNaN(v)) continue;
    [min, max] = [Math.min(min, v), Math.max(max, v)];
    sum += v;
    n++;
    whole &&= Number.isInteger(v);
    distinct.add(v);
  }
  const mean = n > 0 ? sum / n : NaN;
  let squares = 0;
  for (let r = 0; r < d.rows; r++) { const v = d.x[r * width + f] ?? NaN; if (!Number.isNaN(v)) squares += (v - mean) ** 2; }
  return { name: d.features[f] ?? "", min, max, mean, deviation: n > 0 ? Math.sqrt(squares / n) : NaN, missing: d.rows - n, distinct: distinct.size, whole };
}

/** Rows in which one value must be found for a column to count as nearly constant. */
const NEAR = 0.99;

function commonest(d: Dataset, f: number): number {
  const counts = new Map<number, number>();
  let top = 0;
  for (let r = 0; r < d.rows; r++) {
    const v = d.x[r * d.features.length + f] ?? NaN;
    const n = (counts.get(v) ?? 0) + 1;
    counts.set(v, n);
    top = Math.max(top, n);
  }
  return top / Math.max(1, d.rows);
}

/** 0, 1, 2 … down the file: a row number, which tells a model nothing it will meet again. */
function countsRows(d: Dataset, f: number): boolean {
  const width = d.features.length;
  if (d.rows < 10) return false;
  for (let r = 1; r < d.rows; r++) if ((d.x[r * width + f] ?? NaN) - (d.x[(r - 1) * width + f] ?? NaN) !== 1) return false;
  return true;
}

function duplicates(d: Dataset): Description["duplicates"] {
  const first = new Map<string, number>();
  const conflicts = new Set<string>();
  const examples: string[] = [];
  let rows = 0;
  for (let r = 0; r < d.rows; r++) {
    const key = rowKey(d, r);
    const at = first.get(key);
    if (at === undefined) { first.set(key, r); continue; }
    rows++;
    if (d.labels && d.labels[r] !== d.labels[at]) conflicts.add(key);
    if (examples.length < 5) examples.push(`${d.places[r] ?? ""} equals ${(d.places[at] ?? "").replace(/^.*: /, "")}${d.labels && d.labels[r] !== d.labels[at] ? ` but is "${d.labels[r] ?? ""}", not "${d.labels[at] ?? ""}"` : ""}`);
  }
  return { rows, conflicting: conflicts.size, examples };
}

/** Numbers with a fraction, or very many of them, are a value to be predicted; all else are classes. */
export function taskOf(labels: readonly string[]): "classification" | "regression" {
  if (!labels.every(isNumber)) return "classification";
  const distinct = new Set(labels.map(Number));
  return [...distinct].some((v) => !Number.isInteger(v)) || distinct.size > Math.max(20, labels.length / 10) ? "regression" : "classification";
}

const named = (names: readonly string[]): string => `${names.slice(0, 6).join(", ")}${names.length > 6 ? `, … (${names.length})` : ""}`;

function warnings(d: Dataset, columns: readonly ColumnFacts[], classes: Description["classes"], twins: Description["duplicates"]): readonly string[] {
  const constant = columns.filter((c) => c.distinct <= 1).map((c) => c.name);
  const near = columns.filter((c, f) => c.distinct > 1 && commonest(d, f) >= NEAR).map((c) => c.name);
  const numbers = columns.filter((_, f) => countsRows(d, f)).map((c) => c.name);
  const sizes = classes.map((c) => c.rows);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const small = classes.filter((c) => c.rows < 5).map((c) => `${c.name} (${c.rows})`);
  return [
    ...(constant.length > 0 ? [`constant: ${named(constant)} ${constant.length === 1 ? "has" : "have"} one value only, which no model can use`] : []),
    ...(near.length > 0 ? [`nearly constant: ${named(near)} ${near.length === 1 ? "has" : "have"} the same value in ${NEAR * 100} % of the rows`] : []),
    ...(numbers.length > 0 ? [`${named(numbers)} counts the rows: leave it away with --ignore, else the model learns the order of the file`] : []),
    ...(classes.length === 1 ? [`all rows are of class "${classes[0]?.name ?? ""}": only an anomaly model can be learnt`] : []),
    ...(classes.length > 1 && most >= 5 * least ? [`unbalanced: the largest class has ${most} rows, the smallest ${least}; look at the balanced accuracy`] : []),
    ...(small.length > 0 ? [`few rows: ${named(small)}`] : []),
    ...(twins.rows > 0 ? [`${twins.rows} row${twins.rows === 1 ? " equals" : "s equal"} an earlier one; a split by hash keeps them in one part`] : []),
    ...(twins.conflicting > 0 ? [`${twins.conflicting} sample${twins.conflicting === 1 ? " has" : "s have"} more than one label: no model can get them right`] : []),
  ];
}

export function describe(d: Dataset): Description {
  const columns = d.features.map((_, f) => facts(d, f));
  const task = d.labels ? taskOf(d.labels.filter((l) => l !== "")) : null;
  const found = d.labels && task === "classification" ? classesOf(d.labels) : null;
  const sizes = new Map<number, number>();
  found?.y.forEach((c) => sizes.set(c, (sizes.get(c) ?? 0) + 1));
  const classes = found?.classes.map((name, i) => ({ name, rows: sizes.get(i) ?? 0 })) ?? [];
  const values = task === "regression" ? (d.labels ?? []).map(Number) : [];
  const target = values.length > 0 ? { min: values.reduce((a, b) => Math.min(a, b)), max: values.reduce((a, b) => Math.max(a, b)), mean: values.reduce((a, b) => a + b, 0) / values.length } : null;
  const twins = duplicates(d);
  const counted: Partial<Record<ProblemKind, number>> = {};
  for (const p of d.problems) counted[p.kind] = (counted[p.kind] ?? 0) + 1;
  return {
    file: d.file, rows: d.rows, features: d.features.length, label: d.label, task, classes, target, groups: d.groups ? new Set(d.groups).size : null,
    columns, duplicates: twins, problems: { counts: counted, first: d.problems.slice(0, 20) }, warnings: warnings(d, columns, classes, twins),
  };
}
