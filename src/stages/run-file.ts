/** Model file, board and CSV in; measurements, predictions and the built program out. */
import { findBoard, type Limits } from "../boards/index.js";
import type { Table } from "../data/table.js";
import { fail } from "../ir/diagnostics.js";
import type { Goal } from "./candidates.js";
import type { Compiled } from "./compile.js";
import { goldenTable, readGolden, type Golden } from "./golden.js";
import { prepare, type PrepareOptions } from "./prepare.js";
import { randomRows } from "./random-rows.js";
import { run, type RunOutcome } from "./run.js";

/** Rows are those of `data`; or ... */
export interface RunFileOptions extends PrepareOptions {
  readonly board: string;
  /** ... so many rows of random device input; */
  readonly random?: number;
  readonly seed?: number;
  /** ... or golden vectors: a JSON description beside a file of raw values. */
  readonly golden?: string;
  /** Networks: measure every layer. */
  readonly layers?: boolean;
  readonly goal?: Goal;
  readonly limits?: Limits;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Rows of random input where neither data nor a number is given. */
const RANDOM_ROWS = 16;

interface Rows { readonly table: Table; readonly golden?: Golden; readonly random?: boolean; readonly notes: readonly string[] }

/** Random bytes are legal inputs but no pictures and no sounds. */
const RANDOM_NOTE = "the rows are random: they prove equal bytes, but say nothing of how well the model agrees with its float form";

async function rowsOf(o: Omit<RunFileOptions, "board">, c: Compiled, given: Table | null): Promise<Rows> {
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

export interface Ready extends Rows {
  readonly compiled: Compiled;
  /** SHA-256 of the model file. */
  readonly hash: string;
}

/** Model and rows, ready for any number of boards. */
export async function readyFor(model: string, o: Omit<RunFileOptions, "board" | "onProgress">): Promise<Ready> {
  const { compiled, table, hash } = await prepare(model, o);
  const rows = await rowsOf(o, compiled, table);
  const fresh = rows.golden?.stateful === false && compiled.program.tensors.some((t) => t.state);
  return { ...rows, compiled: fresh ? { ...compiled, fresh } : compiled, hash };
}

export function runReady({ hash, ...ready }: Ready, o: RunFileOptions): Promise<RunOutcome> {
  return run({ ...ready, board: findBoard(o.board), goal: o.goal ?? "auto", layers: o.layers ?? true, certify: { model: hash }, ...(o.limits ? { limits: o.limits } : {}), ...(o.onProgress ? { onProgress: o.onProgress } : {}) });
}

/** `coincell run` as one call: model file, board and rows in; measurements, predictions and the built program out. */
export async function runFile(model: string, o: RunFileOptions): Promise<RunOutcome> {
  findBoard(o.board);
  return runReady(await readyFor(model, o), o);
}
