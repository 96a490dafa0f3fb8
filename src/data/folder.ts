/** A folder of CSV files: each sub-folder is a class, or each file is one; every line is a sample of it. */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fail } from "../ir/diagnostics.js";
import { withHeader, type CellRow, type CellTable } from "./columns.js";
import { readCsv } from "./csv.js";
import { NO_LABEL, type ReadOptions } from "./dataset.js";

interface Recording { readonly path: string; readonly label: string }

const isCsv = (name: string): boolean => /\.(csv|tsv|txt)$/i.test(name);
const sorted = (names: readonly string[]): readonly string[] => names.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));

async function recordings(folder: string): Promise<readonly Recording[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter((e) => !e.name.startsWith("."));
  const folders = sorted(entries.filter((e) => e.isDirectory()).map((e) => e.name));
  const inside = await Promise.all(folders.map(async (label) => sorted(await readdir(join(folder, label))).filter(isCsv).map((f) => ({ path: join(folder, label, f), label }))));
  const found = inside.flat();
  if (found.length > 0) return found;
  return sorted(entries.filter((e) => e.isFile() && isCsv(e.name)).map((e) => e.name)).map((f) => ({ path: join(folder, f), label: f.replace(/\.[^.]*$/, "") }));
}

/** Columns of the first file; a further file must have as many, under the same names. */
function agree(first: CellTable, t: CellTable): void {
  const [a, b] = [first.header, t.header];
  if (a && b && (a.length !== b.length || a.some((h, i) => h !== b[i]))) fail("data/other-columns", t.file, `its columns are ${b.slice(0, 10).join(", ")}; those of ${first.file} are ${a.slice(0, 10).join(", ")}`, "Give all files of the folder the same columns.");
}

/** Rows of all files with two more columns: the class, and (where every class has several files) the recording. */
export async function readFolder(folder: string, o: ReadOptions): Promise<{ readonly table: CellTable; readonly options: ReadOptions }> {
  const files = await recordings(folder);
  if (files.length === 0) fail("data/empty-folder", folder, "the folder holds no CSV files", "Give a folder with a sub-folder of CSV files for each class, or one CSV file for each class.");
  const tables = await Promise.all(files.map(async ({ path }) => withHeader(path, readCsv(await readFile(path), path), { ...o, label: NO_LABEL })));
  const [first] = tables as [CellTable];
  tables.forEach((t) => agree(first, t));
  const width = first.header?.length ?? first.rows[0]?.cells.length ?? 0;
  const header = [...(first.header ?? Array.from({ length: width }, (_, i) => `f${i}`)), "(class)", "(recording)"];
  const rows = tables.flatMap((t, k): readonly CellRow[] => t.rows.map((r) => ({ place: r.place, cells: r.cells.length === width ? [...r.cells, files[k]?.label ?? "", files[k]?.path ?? ""] : r.cells })));
  const perClass = new Map<string, number>();
  for (const f of files) perClass.set(f.label, (perClass.get(f.label) ?? 0) + 1);
  const grouped = o.group === undefined && [...perClass.values()].every((n) => n > 1);
  const label = o.label === undefined ? "(class)" : o.label;
  // A label column inside the files wins over the name of the folder.
  const ignore = [...(o.ignore ?? []), ...(label === "(class)" ? [] : ["(class)"]), ...(grouped ? [] : ["(recording)"])];
  return { table: { file: folder, header, rows }, options: { ...o, label, ignore, ...(grouped ? { group: "(recording)" } : {}) } };
}
