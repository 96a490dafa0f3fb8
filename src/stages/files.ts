/** Files in: a model of any supported format, a table in the model's own units. */
import { readFile } from "node:fs/promises";
import { readTable, type Table } from "../data/table.js";
import { importModel as importBytes } from "../importers/index.js";
import { fail } from "../ir/diagnostics.js";
import { elements, type Graph } from "../ir/types.js";

const unreadable = (file: string) => (e: NodeJS.ErrnoException) =>
  fail("file/unreadable", file, e.code === "ENOENT" ? "there is no such file" : e.code === "EISDIR" ? "this is a folder" : String(e.message), "Give the path of a readable file.");

/** Reads a model file of any supported format into a float graph. Nothing of the file is executed. */
export async function importModel(file: string): Promise<Graph> {
  return importBytes(await readFile(file).catch(unreadable(file)), file);
}

/** Reads a CSV of rows for a graph; `label` names the label column (else: one column more than features is the label). */
export async function importTable(file: string, graph: Graph, label?: string): Promise<Table> {
  const text = await readFile(file, "utf8").catch(unreadable(file));
  return readTable(text, file, { features: elements(graph.tensors[graph.input]), ...(label === undefined ? {} : { label }) });
}
