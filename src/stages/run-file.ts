/** Model file, board and CSV in; measurements, predictions and the built program out. */
import { readFile } from "node:fs/promises";
import { findBoard } from "../boards/index.js";
import type { Table } from "../data/table.js";
import { fail } from "../ir/diagnostics.js";
import type { Goal } from "./candidates.js";
import { sha256 } from "./certificate.js";
import { compile, type Compiled, type CompileOptions } from "./compile.js";
import { importModel, importTable } from "./files.js";
import { goldenTable, readGolden, type Golden } from "./golden.js";
import { randomRows } from "./random-rows.js";
import { run, type RunOutcome } from "./run.js";

export interface RunFileOptions extends Omit<CompileOptions, "rows"> {
  readonly board: string;
  /** Rows in the model's own units; or ... */
  readonly data?: string;
  /** ... so many rows of random device input. */
  readonly random?: number;
  readonly seed?: number;
  /** ... or golden vectors: a JSON description beside a file of raw values. */
  readonly golden?: string;
  /** Networks: measure every layer. */
  readonly layers?: boolean;
  /** Typical rows the ranges and widths are chosen from; the test rows themselves (with a note) when absent. */
  readonly calibrate?: string;
  readonly label?: string;
  /** Columns of the rows that are no inputs. */
  readonly ignore?: readonly string[];
  readonly goal?: Goal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Rows of random input where neither data nor a number is given. */
const RANDOM_ROWS = 16;

interface Rows { readonly table: Table; readonly golden?: Golden; readonly random?: boolean; readonly notes: readonly string[] }

/** Random bytes are legal inputs but no pictures and no sounds. */
const RANDOM_NOTE = "the rows are random: they prove equal bytes, but say nothing of how well the model agrees with its float form";

async function rowsOf(o: RunFileOptions, c: Compiled, given: Table | null): Promise<Rows> {
  if (o.golden !== undefined) {
    if (!c.placed) fail("golden/not-a-network", o.golden, "golden vectors are for networks, this is a classical model", "Give --data test.csv.");
    const golden = await readGolden(o.golden, c.program);
    return { golden, table: goldenTable(golden, c.program), notes: [] };
  }
  if (!given) return { table: randomRows(c.program, o.random ?? RANDOM_ROWS, o.seed ?? 1), random: true, notes: [RANDOM_NOTE] };
  const chosen = c.placed === null ? o.inputType !== "f32" : c.graph.tensors[c.graph.input]?.dtype === "f32" && c.program.arithmetic === "int";
  const same = o.calibrate === undefined && chosen;
  return { table: given, notes: same ? ["ranges and widths were chosen from the test rows themselves; give --calibrate for an independent figure"] : [] };
}

/** `coincell run` as one call: model file, board and rows in; measurements, predictions and the built program out. */
export async function runFile(model: string, o: RunFileOptions): Promise<RunOutcome> {
  const board = findBoard(o.board);
  const graph = await importModel(model);
  const given = o.data === undefined ? null : await importTable(o.data, graph, o);
  const calibration = o.calibrate === undefined ? given : await importTable(o.calibrate, graph, o);
  const compiled = compile(graph, { ...o, rows: calibration?.rows ?? null });
  const rows = await rowsOf(o, compiled, given);
  const fresh = rows.golden?.stateful === false && compiled.program.tensors.some((t) => t.state);
  const certificate = { model: sha256(await readFile(model)) };
  return run({ compiled: fresh ? { ...compiled, fresh } : compiled, board, ...rows, goal: o.goal ?? "auto", layers: o.layers ?? true, certify: certificate, ...(o.onProgress ? { onProgress: o.onProgress } : {}) });
}
