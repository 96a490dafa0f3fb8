/** Data in: a CSV, NPY, NPZ or Parquet file, or a folder of CSV files, as a {@link Dataset}. */
import { readFile, stat } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../ir/diagnostics.js";
import { readArchive, readArrays } from "./arrays.js";
import { datasetOf, withHeader } from "./columns.js";
import { readCsv } from "./csv.js";
import type { Dataset, ReadOptions } from "./dataset.js";
import { readFolder } from "./folder.js";
import { readParquet } from "./parquet.js";

export { classesOf, clean, select, NO_LABEL, type Classes, type Dataset, type Problem, type ReadOptions } from "./dataset.js";
export { describe, type ColumnFacts, type Description } from "./describe.js";
export { foldOf, leakage, splitOf, splitRows, type Split, type SplitOptions } from "./split.js";
export { writeCsv } from "./write.js";

const unreadable = (file: string) => (e: NodeJS.ErrnoException) =>
  fail("file/unreadable", file, e.code === "ENOENT" ? "there is no such file or folder" : e.code === "EACCES" ? "no permission" : e.message, "Give the path of a readable file.");

async function fromFile(file: string, options: ReadOptions): Promise<Dataset> {
  const bytes = await readFile(file).catch(unreadable(file));
  const start = Buffer.from(bytes.subarray(0, 6)).toString("latin1");
  if (start === "\x93NUMPY") return readArrays(file, bytes, options);
  if (start.startsWith("PK\x03\x04")) return readArchive(file, bytes, options);
  if (start.startsWith("PAR1")) return datasetOf(await readParquet(file, bytes), options);
  return datasetOf(withHeader(file, readCsv(bytes, file), options), options);
}

/**
 * Reads the rows of a file or folder. Cells that are no numbers are listed in `problems`, see {@link clean}.
 * @throws CoincellError where the file cannot be read or a named column is absent
 */
export async function readDataset(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const found = await stat(path).catch(unreadable(path));
  if (!found.isDirectory()) return fromFile(path, options);
  const array = ["x.npy", "X.npy"].map((n) => join(path, n)).find((p) => existsSync(p));
  if (array !== undefined) return fromFile(array, options);
  const { table, options: own } = await readFolder(path, options);
  return { ...datasetOf(table, own), ...(own.label === "(class)" ? { label: "class" } : {}) };
}
