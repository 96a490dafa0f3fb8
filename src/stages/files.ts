/** Files in: a model of any supported format, a table in the model's own units. */
import { readFile } from "node:fs/promises";
import { NO_LABEL, readDataset } from "../data/index.js";
import { readTable, type Table } from "../data/table.js";
import { importModel as importBytes } from "../importers/index.js";
import { fail } from "../ir/diagnostics.js";
import { elements, type Graph } from "../ir/types.js";
import { inputsOf } from "../passes/evaluate.js";

export const unreadable = (file: string) => (e: NodeJS.ErrnoException) =>
  fail("file/unreadable", file, e.code === "ENOENT" ? "there is no such file" : e.code === "EISDIR" ? "this is a folder" : String(e.message), "Give the path of a readable file.");

export { importBytes };

/** @throws CoincellError file/unreadable */
export const readModel = (file: string): Promise<Uint8Array> => readFile(file).catch(unreadable(file));

/** Reads a model file of any supported format into a float graph. Nothing of the file is executed. */
export async function importModel(file: string): Promise<Graph> {
  return importBytes(await readModel(file), file);
}

export interface TableColumns {
  /** Name of the label column (else: one column more than the model takes is the label). */
  readonly label?: string;
  /** Columns that are no inputs. */
  readonly ignore?: readonly string[];
}

/** Rows of an array, or of an archive of arrays, which has its labels under another name. */
async function importArray(file: string, width: number, label?: string): Promise<Table> {
  const read = async (name: string | undefined) => readDataset(file, name === undefined ? {} : { label: name });
  const first = await read(label);
  const d = first.features.length === width - 1 && label === undefined ? await read(NO_LABEL) : first;
  if (d.features.length !== width) fail("data/wrong-width", file, `rows of ${d.features.length} values, the model takes ${width}`, "Give rows of the model's own inputs.");
  if (d.problems[0]) fail("data/not-a-number", file, `${d.problems[0].place}: ${d.problems[0].what}`, "Give finite numbers only.");
  return { features: d.features, rows: Array.from({ length: d.rows }, (_, i) => d.x.slice(i * width, (i + 1) * width).map(Math.fround)), labels: d.labels };
}

/** Reads rows for a graph from a CSV, .npy or .npz file; a network with several inputs takes them one after the other. */
export async function importTable(file: string, graph: Graph, columns: TableColumns = {}): Promise<Table> {
  const features = inputsOf(graph).reduce((n, t) => n + elements(graph.tensors[t]), 0);
  if (/\.np[yz]$/i.test(file)) return importArray(file, features, columns.label);
  const text = await readFile(file, "utf8").catch(unreadable(file));
  return readTable(text, file, { features, ...columns });
}
