/** Networks that run row by row, on the board: what a reader must know of their figures, and how inferences are counted where the board is handed rows. */
import { runProgram, type Program as Built, type RunOptions, type RunResult } from "../boards/index.js";
import type { Program } from "../ir/op.js";
import { rowForms } from "../passes/rows.js";
import { bytesMoved } from "../passes/rows-schedule.js";
import { placeTensors } from "./arena.js";
import type { Compiled } from "./compile.js";

/** What a number of layers run row by row takes and costs. */
export interface RowFact {
  readonly layers: number;
  /** Activations, the input among them where it is resident. */
  readonly bytes: number;
  /** Bytes moved from one place to another, for one inference. */
  readonly moved: number;
}

/** Numbers of layers of which none takes more memory than another one with fewer moves, by falling memory; with the plain kernels. */
export function rowFront(p: Program, resident: boolean): readonly RowFact[] {
  const forms = [...(resident ? [p] : []), ...rowForms(p, { resident })];
  const facts = forms.map((f): RowFact => ({ layers: f.rows?.steps ?? 0, bytes: placeTensors(f).arena.bytes, moved: f.rows ? bytesMoved(f.rows) : 0 }));
  return facts.toSorted((a, b) => a.moved - b.moved || a.bytes - b.bytes).filter((f, i, all) => all.slice(0, i).every((g) => f.bytes < g.bytes));
}

/** What a reader of the measurements must know. */
export function rowNotes({ program: { rows } }: Compiled): readonly string[] {
  if (!rows) return [];
  const [last, fed] = [rows.steps - 1, rows.resident ? "" : "; the input is handed over row by row and is in no memory of the board as a whole"];
  return [`layers 0 to ${last} run row by row${last > 0 ? `: what they cost stands with layer ${last}` : ""}${fed}`];
}

/** Calls of the board's program for one inference. */
export function callsOf({ program: { rows } }: Compiled): number {
  const [input] = rows && !rows.resident ? rows.lines : [];
  return input ? input.inside - input.above : 1;
}

/** The sums of each `n` figures one after the other. */
const sums = (all: Float64Array | null, n: number): Float64Array | null =>
  all && Float64Array.from({ length: all.length / n }, (_, i) => all.subarray(i * n, (i + 1) * n).reduce((a, b) => a + b, 0));

/** Runs the candidate; a network that is handed its input row by row gives one result for each whole input. */
export async function runCandidate(k: { readonly compiled: Compiled; readonly built: Built }, rows: Uint8Array, options: RunOptions): Promise<RunResult> {
  const n = callsOf(k.compiled);
  const progress = options.onProgress;
  const result = await runProgram(k.built, rows, progress && n > 1 ? { ...options, onProgress: (done, total) => progress(Math.floor(done / n), total / n) } : options);
  if (n === 1) return result;
  const { outputs, instructions, cycles, nanoseconds } = result;
  return { ...result, outputs: outputs.filter((_, i) => i % n === n - 1), instructions: sums(instructions, n), cycles: sums(cycles, n), nanoseconds: sums(nanoseconds, n) };
}
