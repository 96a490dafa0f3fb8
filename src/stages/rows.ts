/** How much of a network runs row by row: a number of layers, or the one with the least memory; and how inferences are counted where the board is handed rows. */
import { runProgram, type Program as Built, type RunOptions, type RunResult } from "../boards/index.js";
import { fail } from "../ir/diagnostics.js";
import type { CpuFeature, Program } from "../ir/op.js";
import { withKernels } from "../passes/kernels.js";
import { rowForms, withRows } from "../passes/rows.js";
import { bytesMoved } from "../passes/rows-schedule.js";
import { placeTensors, type Placed } from "./arena.js";
import type { Compiled, RowChoice } from "./compile.js";

/** A cut point: what the activations take with so many layers run row by row, kernels of the CPU included. */
export interface RowCut {
  readonly layers: number;
  readonly program: Program;
  readonly placed: Placed;
}

const price = (layers: number, program: Program, features: ReadonlySet<CpuFeature>): RowCut => ({ layers, program, placed: placeTensors(withKernels(program, features)) });

/** All cut points, that without any rows first where the input is there as a whole. */
export function rowCuts(p: Program, { resident, each }: Omit<RowChoice, "layers">, features: ReadonlySet<CpuFeature> = new Set()): readonly RowCut[] {
  const forms = rowForms(p, { resident, each: each ?? 1 }).map((f) => price(f.rows?.steps ?? 0, f, features));
  return resident ? [price(0, p, features), ...forms] : forms;
}

/** What a number of layers run row by row takes and costs. */
export interface RowFact {
  readonly layers: number;
  /** Activations, the input among them where it is resident. */
  readonly bytes: number;
  /** Bytes moved from one place to another, for one inference. */
  readonly moved: number;
}

/** Cut points of which none takes more memory than another one with fewer moves, by falling memory; with the plain kernels. */
export function rowFront(p: Program, resident: boolean): readonly RowFact[] {
  const facts = rowCuts(p, { resident }).map(({ layers, program, placed }): RowFact => ({ layers, bytes: placed.arena.bytes, moved: program.rows ? bytesMoved(program.rows) : 0 }));
  return facts.toSorted((a, b) => a.moved - b.moved || a.bytes - b.bytes).filter((f, i, all) => all.slice(0, i).every((g) => f.bytes < g.bytes));
}

/** The cut point with the least memory; of equal ones that with the fewest rows. */
export const leastRam = (cuts: readonly RowCut[]): RowCut | null =>
  cuts.reduce<RowCut | null>((best, c) => (best === null || c.placed.arena.bytes < best.placed.arena.bytes ? c : best), null);

/** @throws CoincellError where the network's first layers cannot run row by row, or not so many */
function chosen(c: Compiled, { layers, resident, each = 1 }: RowChoice, features: ReadonlySet<CpuFeature>): Program {
  const where = `${c.graph.name}, --rows ${layers}`;
  if (!c.placed) return fail("rows/not-a-network", where, "this is a classical model", "Leave --rows away: it takes no memory to speak of.");
  const none = (): Program => (resident ? c.program : fail("rows/no-head", where, `its first layer, ${c.program.steps[0]?.op ?? "none"}, cannot run row by row`, "Supported: one input, then convolutions, pooling and element-wise layers over an image. Leave --by-row away."));
  if (layers === "auto") return leastRam(rowCuts(c.program, { resident, each }, features))?.program ?? none();
  const possible = rowForms(c.program, { resident, each }).map((f) => f.rows?.steps ?? 0);
  return withRows(c.program, layers, { resident, each }) ?? fail("rows/bad-cut", where, `the first ${layers} layers cannot run row by row`, possible.length > 0 ? `Possible: ${possible.join(", ")}, or auto.` : "Leave --rows away: the first layer of this network reads no image.");
}

/** The network as it was asked for: with its head row by row, its memory planned anew. */
export function inRows(c: Compiled, features: ReadonlySet<CpuFeature>): Compiled {
  if (!c.rows) return c;
  const program = chosen(c, c.rows, features);
  return program === c.program ? c : { ...c, program, placed: placeTensors(program) };
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
