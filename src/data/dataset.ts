/** Rows as they were recorded, in the user's units: numbers, labels, groups, and every cell that is no number named by its place. */
import { fail } from "../ir/diagnostics.js";

export type ProblemKind = "missing" | "not-finite" | "text" | "ragged" | "no-label";

/** A cell or row that a model cannot take. */
export interface Problem {
  readonly kind: ProblemKind;
  /** Row of the dataset, or -1 where the line could not become a row. */
  readonly row: number;
  readonly place: string;
  readonly column: string | null;
  readonly what: string;
}

export interface Dataset {
  /** File or folder it was read from. */
  readonly file: string;
  readonly features: readonly string[];
  readonly rows: number;
  /** (rows, features), row-major, float32 values; NaN where {@link problems} names the cell. */
  readonly x: Float64Array;
  /** Name of the label column, null where there is none. */
  readonly label: string | null;
  readonly labels: readonly string[] | null;
  /** Person, device or recording of each row. */
  readonly groups: readonly string[] | null;
  /** Part (train, test …) that the file itself gives each row. */
  readonly parts: readonly string[] | null;
  /** File and line of each row. */
  readonly places: readonly string[];
  readonly problems: readonly Problem[];
}

export interface ReadOptions {
  /** Name of the label column; the last one when absent; `none` where there is no label. */
  readonly label?: string;
  /** Name of the column whose rows belong together. */
  readonly group?: string;
  /** Name of the column that says train or test. */
  readonly part?: string;
  /** Names of columns that are left away. */
  readonly ignore?: readonly string[];
}

export const NO_LABEL = "none";

const missingWords: ReadonlySet<string> = new Set(["", "na", "n/a", "nan", "null", "none", "?"]);
const infinities: ReadonlySet<string> = new Set(["inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"]);

export const isMissing = (cell: string): boolean => missingWords.has(cell.trim().toLowerCase());
export const isNumber = (cell: string): boolean => cell.trim() !== "" && Number.isFinite(Number(cell));

/** A cell as a float32 number, or what is wrong with it. */
export function parseCell(cell: string | number): number | { readonly kind: ProblemKind; readonly what: string } {
  const v = typeof cell === "number" ? cell : Number(cell);
  if (typeof cell === "string" && isMissing(cell)) return { kind: "missing", what: cell.trim() === "" ? "the cell is empty" : `"${cell.trim()}" stands for a missing value` };
  if (typeof cell === "number" && Number.isNaN(cell)) return { kind: "missing", what: "NaN stands for a missing value" };
  if (typeof cell === "string" && infinities.has(cell.trim().toLowerCase())) return { kind: "not-finite", what: `"${cell.trim()}" is no finite number` };
  if (Number.isNaN(v)) return { kind: "text", what: `"${String(cell).slice(0, 40)}" is no number` };
  const single = Math.fround(v);
  return Number.isFinite(single) ? single + 0 : { kind: "not-finite", what: `${String(cell).slice(0, 40)} is too large for a float32 number` };
}

/** Some rows of a dataset, in the order of `rows`. Problems stay with their rows. */
export function select(d: Dataset, rows: ArrayLike<number>): Dataset {
  const width = d.features.length;
  const order = Array.from(rows);
  const x = new Float64Array(order.length * width);
  order.forEach((r, i) => x.set(d.x.subarray(r * width, (r + 1) * width), i * width));
  const pick = <T>(list: readonly T[]): readonly T[] => order.map((r) => list[r] as T);
  const at = new Map(order.map((r, i) => [r, i]));
  return {
    ...d, rows: order.length, x, places: pick(d.places),
    labels: d.labels && pick(d.labels), groups: d.groups && pick(d.groups), parts: d.parts && pick(d.parts),
    problems: d.problems.flatMap((p) => { const row = at.get(p.row); return row === undefined ? [] : [{ ...p, row }]; }),
  };
}

const cures: Readonly<Record<ProblemKind, string>> = {
  missing: "Fill the cell, or leave such rows away with --missing drop.",
  "not-finite": "Write finite numbers within the range of float32, or leave such rows away with --missing drop.",
  text: "Write numbers (with a decimal point), or leave such rows away with --missing drop.",
  ragged: "Give every line the same number of columns, or leave such lines away with --missing drop.",
  "no-label": "Give every row a label, or leave such rows away with --missing drop.",
};

/** A column in which most cells are text was never meant as a feature. */
function checkTextColumns(d: Dataset): void {
  const counts = new Map<string, number>();
  for (const p of d.problems) if (p.kind === "text" && p.column !== null) counts.set(p.column, (counts.get(p.column) ?? 0) + 1);
  for (const [column, n] of counts) {
    if (n * 2 <= d.rows) continue;
    const first = d.problems.find((p) => p.column === column && p.kind === "text");
    fail("data/text-column", `${first?.place ?? d.file}, column "${column}"`, `${first?.what ?? "text"}, and so on in ${n} of ${d.rows} rows: this is no feature`, `Is it the label (--label ${column}), whose rows belong together (--group ${column}), or of no use (--ignore ${column})?`);
  }
}

/**
 * A dataset without problems, and what was left away to get there.
 * @throws CoincellError data/… naming the first bad cell, and how many there are, unless rows may be dropped
 */
export function clean(d: Dataset, missing: "fail" | "drop" = "fail"): { readonly data: Dataset; readonly notes: readonly string[] } {
  checkTextColumns(d);
  const [first] = d.problems;
  if (!first) return { data: d, notes: [] };
  const places = [...new Set(d.problems.map((p) => p.place))];
  if (missing === "fail") {
    const others = d.problems.length - 1;
    const more = others === 0 ? "" : ` (and ${others} more in ${places.length} line${places.length === 1 ? "" : "s"})`;
    return fail(`data/${first.kind}`, `${first.place}${first.column === null ? "" : `, column "${first.column}"`}`, `${first.what}${more}`, cures[first.kind]);
  }
  const bad = new Set(d.problems.map((p) => p.row));
  const kept = d.places.map((_, i) => i).filter((i) => !bad.has(i));
  const named = places.slice(0, 5).map((p) => p.replace(/^.*: /, "")).join(", ");
  return { data: { ...select(d, kept), problems: [] }, notes: [`${places.length} of ${d.rows + places.length - (bad.size - (bad.has(-1) ? 1 : 0))} rows of ${d.file} were left away for missing or bad values (${named}${places.length > 5 ? ", …" : ""})`] };
}

export interface Classes {
  readonly classes: readonly (string | number)[];
  /** Class index per row. */
  readonly y: Float64Array;
}

/** Texts of labels as classes: whole numbers in their order where all are, else texts in the order of their characters. */
export function classesOf(labels: readonly string[]): Classes {
  const numeric = labels.every((l) => isNumber(l) && Number.isInteger(Number(l)));
  const keys = labels.map((l) => (numeric ? Number(l) + 0 : l));
  const distinct = [...new Set(keys)];
  const classes = numeric ? (distinct as number[]).toSorted((a, b) => a - b) : (distinct as string[]).toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const index = new Map<string | number, number>(classes.map((c, i) => [c, i]));
  return { classes, y: Float64Array.from(keys, (k) => index.get(k) ?? -1) };
}
