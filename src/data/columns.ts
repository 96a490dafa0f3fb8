/** Cells of a table to a dataset: which line is the header, and which column is label, group, part or feature. */
import { fail } from "../ir/diagnostics.js";
import { NO_LABEL, isMissing, isNumber, parseCell, type Dataset, type Problem, type ReadOptions } from "./dataset.js";

export interface CellRow {
  readonly place: string;
  readonly cells: readonly (string | number)[];
}

export interface CellTable {
  readonly file: string;
  readonly header: readonly string[] | null;
  readonly rows: readonly CellRow[];
}

/** Rows that are looked at to tell a header from numbers. */
const PROBE = 20;

/** Whether the first line names the columns: it has a wanted name, texts above numbers, or the numbers 0, 1, 2 … pandas writes. */
function isHeader(first: readonly string[], next: readonly (readonly string[])[], wanted: readonly string[]): boolean {
  if (wanted.some((w) => first.includes(w))) return true;
  const counting = first.slice(0, -1);
  if (next.length > 0 && counting.length > 1 && counting.every((c, i) => c === String(i))) return true;
  const numeric = first.map((_, i) => next.filter((r) => isNumber(r[i] ?? "")).length * 2 > next.length);
  const above = first.filter((c, i) => numeric[i] && !isMissing(c));
  const texts = above.filter((c) => !isNumber(c)).length;
  if (above.length === 0) return first.every((c) => !isNumber(c) && !isMissing(c));
  return texts > 0 && texts * 2 >= above.length;
}

/** Takes the header off, if there is one. `place(line)` names a row. */
export function withHeader(file: string, records: readonly { readonly line: number; readonly cells: readonly string[] }[], options: ReadOptions): CellTable {
  const [first, ...rest] = records;
  const wanted = [options.label, options.group, options.part, ...(options.ignore ?? [])].filter((n): n is string => n !== undefined && n !== NO_LABEL);
  const named = isHeader(first?.cells ?? [], rest.slice(0, PROBE).map((r) => r.cells), wanted);
  const body = named ? rest : records;
  if (body.length === 0) fail("data/empty", file, "the file has a header but no rows", "Give at least one row of numbers.");
  return { file, header: named ? (first?.cells ?? []) : null, rows: body.map((r) => ({ place: `${file}: line ${r.line}`, cells: r.cells })) };
}

function column(names: readonly string[] | null, name: string, option: string, file: string): number {
  if (names === null) return fail("data/no-header", file, `the file has no header line, so there is no column "${name}"`, `Write the names of the columns in the first line, or leave ${option} away.`);
  const at = names.indexOf(name);
  return at >= 0 ? at : fail("data/no-column", file, `there is no column "${name}"`, `Columns: ${names.slice(0, 40).join(", ")}${names.length > 40 ? ", …" : ""}.`);
}

interface Roles {
  readonly label: number;
  readonly group: number;
  readonly part: number;
  readonly features: readonly number[];
}

function rolesOf(t: CellTable, width: number, o: ReadOptions): Roles {
  const find = (name: string | undefined, option: string): number => (name === undefined ? -1 : column(t.header, name, option, t.file));
  const [group, part] = [find(o.group, "--group"), find(o.part, "--split")];
  const ignored = (o.ignore ?? []).map((n) => find(n, "--ignore"));
  const taken = new Set([group, part, ...ignored]);
  const free = Array.from({ length: width }, (_, i) => i).filter((i) => !taken.has(i));
  // A column called label is the label wherever it stands.
  const called = t.header?.findIndex((h, i) => !taken.has(i) && /^(label|class|target|y)$/i.test(h)) ?? -1;
  const label = o.label === NO_LABEL ? -1 : o.label !== undefined ? find(o.label, "--label") : called >= 0 ? called : (free.at(-1) ?? -1);
  if (label >= 0 && taken.has(label)) fail("data/column-twice", t.file, `the label column is also named by --group, --split or --ignore`, "Give each column one use.");
  const features = free.filter((i) => i !== label);
  if (features.length === 0) fail("data/no-features", t.file, `${width} column${width === 1 ? "" : "s"}, none of them a feature`, "Give at least one numeric column beside the label; --label none where there is no label.");
  return { label, group, part, features };
}

function columnNames(t: CellTable, width: number): readonly string[] {
  const own = Array.from({ length: width }, (_, i) => { const h = t.header?.[i] ?? ""; return h === "" ? `f${i}` : h; });
  const twice = own.find((n, i) => own.indexOf(n) !== i);
  return twice === undefined ? own : fail("data/column-twice", t.file, `two columns are called "${twice}"`, "Give each column a name of its own.");
}

/** @throws CoincellError where a named column is absent; bad cells become problems of the dataset. */
export function datasetOf(t: CellTable, options: ReadOptions): Dataset {
  const width = t.header?.length ?? t.rows[0]?.cells.length ?? 0;
  const all = columnNames(t, width);
  const roles = rolesOf(t, width, options);
  const problems: Problem[] = [];
  const whole = t.rows.filter((r) => {
    if (r.cells.length === width) return true;
    problems.push({ kind: "ragged", row: -1, place: r.place, column: null, what: `${r.cells.length} columns where the ${t.header ? "header" : "first line"} has ${width}` });
    return false;
  });
  const x = new Float64Array(whole.length * roles.features.length);
  whole.forEach((r, row) => roles.features.forEach((c, f) => {
    const v = parseCell(r.cells[c] ?? "");
    x[row * roles.features.length + f] = typeof v === "number" ? v : NaN;
    if (typeof v !== "number") problems.push({ ...v, row, place: r.place, column: all[c] ?? null });
  }));
  const texts = (at: number): readonly string[] | null => (at < 0 ? null : whole.map((r) => String(r.cells[at] ?? "").trim()));
  const labels = texts(roles.label);
  labels?.forEach((l, row) => { if (l === "") problems.push({ kind: "no-label", row, place: whole[row]?.place ?? "", column: all[roles.label] ?? null, what: "the label is empty" }); });
  return {
    file: t.file, features: roles.features.map((c) => all[c] ?? ""), rows: whole.length, x, label: roles.label < 0 ? null : (all[roles.label] ?? ""),
    labels, groups: texts(roles.group), parts: texts(roles.part), places: whole.map((r) => r.place), problems,
  };
}
