/** Rows of a CSV file in the model's own units, with the label column set apart. Nothing is dropped in silence. */
import Papa from "papaparse";
import { fail } from "../ir/diagnostics.js";

export interface Table {
  readonly features: readonly string[];
  /** Values rounded to float32, as a sketch holds them. */
  readonly rows: readonly Float64Array[];
  /** Text of the label column, or null where the file has none. */
  readonly labels: readonly string[] | null;
}

export interface TableOptions {
  /** Features the model takes; one column more is the label. */
  readonly features: number;
  /** Name of the label column; the last one when absent. */
  readonly label?: string;
  /** Columns that are left away; they need a header. Names that are absent are passed over. */
  readonly ignore?: readonly string[];
}

const isNumber = (s: string): boolean => s.trim() !== "" && Number.isFinite(Number(s));

function cells(text: string, file: string): string[][] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/).filter((l) => !l.startsWith("#")).join("\n");
  const parsed = Papa.parse<string[]>(lines, { skipEmptyLines: "greedy" });
  const [bad] = parsed.errors.filter((e) => e.code !== "UndetectableDelimiter");
  if (bad) fail("data/bad-csv", `${file}: row ${(bad.row ?? 0) + 1}`, bad.message, "Write plain comma-separated values, one sample a line.");
  if (parsed.data.length === 0) fail("data/empty", file, "the file has no rows", "Give at least one row of numbers.");
  return parsed.data;
}

/** What a table of another width may be. */
const OTHERS = "or leave columns that are no inputs away with --ignore NAME,NAME";

/** Position of the label column, -1 without one. */
function labelColumn(header: readonly string[] | null, columns: readonly number[], options: TableOptions, file: string): number {
  if (options.label !== undefined) {
    const at = header?.indexOf(options.label) ?? -1;
    return at >= 0 ? at : fail("data/no-label-column", file, `there is no column "${options.label}"`, header ? `Columns: ${header.join(", ")}.` : "The file has no header line; leave --label away when the label is the last column.");
  }
  const width = columns.length;
  if (width === options.features) return -1;
  if (width === options.features + 1) return columns.at(-1) ?? -1;
  return fail("data/wrong-width", file, `${width} columns, but the model takes ${options.features} features`, `Give ${options.features} columns, or ${options.features + 1} with the label last, name the label column with --label, ${OTHERS}.`);
}

/** Reads a table for a model of `options.features` inputs. @throws CoincellError naming the line of a bad value. */
export function readTable(text: string, file: string, options: TableOptions): Table {
  const all = cells(text, file);
  const first = all[0] ?? [];
  const hasHeader = first.filter((c) => !isNumber(c)).length > (first.length > options.features ? 1 : 0) || [options.label, ...(options.ignore ?? [])].some((n) => n !== undefined && first.includes(n));
  const header = hasHeader ? first.map((c) => c.trim()) : null;
  const given = first.map((_, i) => i).filter((i) => !options.ignore?.includes(header?.[i] ?? ""));
  const at = labelColumn(header, given, options, file);
  const body = all.slice(hasHeader ? 1 : 0);
  if (body.length === 0) fail("data/empty", file, "the file has a header but no rows", "Give at least one row of numbers.");
  const columns = given.filter((i) => i !== at);
  if (columns.length !== options.features) fail("data/wrong-width", file, `${columns.length} feature columns, but the model takes ${options.features}`, `Give one column for each feature of the model, ${OTHERS}.`);
  const rows = body.map((row, r) => numbers(row, columns, first.length, `${file}: line ${r + 1 + (hasHeader ? 1 : 0)}`));
  return {
    features: columns.map((c) => header?.[c] ?? `f${c}`), rows,
    labels: at < 0 ? null : body.map((row) => (row[at] ?? "").trim()),
  };
}

function numbers(row: readonly string[], columns: readonly number[], width: number, where: string): Float64Array {
  if (row.length !== width) fail("data/ragged-row", where, `${row.length} columns where the first line has ${width}`, "Give every line the same number of columns.");
  return Float64Array.from(columns, (c) => {
    const text = row[c] ?? "";
    return isNumber(text) ? Math.fround(Number(text)) : fail("data/not-a-number", `${where}, column ${c + 1}`, `"${text.slice(0, 40)}" is no finite number`, "Fill or remove missing values before running the model.");
  });
}

/** Index of a label text among a model's labels: equal text, or equal number. -1 when it is none of them. */
export function labelIndex(labels: readonly (string | number)[], text: string): number {
  const exact = labels.findIndex((l) => String(l) === text);
  if (exact >= 0) return exact;
  return isNumber(text) ? labels.findIndex((l) => Number(l) === Number(text)) : -1;
}
