/** The whole way of a model, as a table of contents: import, compile, emit, build, run. What is drawn from it stands in `report/`. */
import { readFile } from "node:fs/promises";
import { findBoard } from "./boards/index.js";
import { readTable, type Table } from "./data/table.js";
import { importModel as importBytes } from "./importers/index.js";
import { fail } from "./ir/diagnostics.js";
import type { Graph } from "./ir/types.js";
import type { Goal } from "./stages/candidates.js";
import { compile, type CompileOptions } from "./stages/compile.js";
import { run, type RunOutcome } from "./stages/run.js";

export { findBoard, boards } from "./boards/index.js";
export { build, chooseCandidate, emit, parseGoal, type Candidate, type Goal } from "./stages/candidates.js";
export { compile, type Compiled, type CompileOptions } from "./stages/compile.js";
export { run, type RunOutcome, type RunRequest } from "./stages/run.js";

const unreadable = (file: string) => (e: NodeJS.ErrnoException) =>
  fail("file/unreadable", file, e.code === "ENOENT" ? "there is no such file" : e.code === "EISDIR" ? "this is a folder" : String(e.message), "Give the path of a readable file.");

/** Reads a model file of any supported format into a float graph. Nothing of the file is executed. */
export async function importModel(file: string): Promise<Graph> {
  return importBytes(await readFile(file).catch(unreadable(file)), file);
}

/** Reads a CSV of rows for a graph; `label` names the label column (else: one column more than features is the label). */
export async function importTable(file: string, graph: Graph, label?: string): Promise<Table> {
  const text = await readFile(file, "utf8").catch(unreadable(file));
  return readTable(text, file, { features: graph.tensors[graph.input]?.shape[0] ?? 0, ...(label === undefined ? {} : { label }) });
}

export interface RunFileOptions extends Omit<CompileOptions, "rows"> {
  readonly board: string;
  readonly data: string;
  /** Typical rows the ranges and widths are chosen from; the test rows themselves (with a note) when absent. */
  readonly calibrate?: string;
  readonly label?: string;
  readonly goal?: Goal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** `coincell run` as one call: model file, board and CSV in; measurements, predictions and the built program out. */
export async function runFile(model: string, o: RunFileOptions): Promise<RunOutcome> {
  const board = findBoard(o.board);
  const graph = await importModel(model);
  const table = await importTable(o.data, graph, o.label);
  const calibration = o.calibrate === undefined ? table : await importTable(o.calibrate, graph, o.label);
  const notes = o.calibrate === undefined && o.inputType !== "f32" ? ["ranges and widths were chosen from the test rows themselves; give --calibrate for an independent figure"] : [];
  const compiled = compile(graph, { ...o, rows: calibration.rows });
  return run({ compiled, board, table, goal: o.goal ?? "auto", notes, ...(o.onProgress ? { onProgress: o.onProgress } : {}) });
}
