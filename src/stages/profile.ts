/** What each layer of a network costs on a board, and which layer is the first that a board computes otherwise than the reference. */
import { buildProgram, runProgram, type Program as Built, type RunResult } from "../boards/index.js";
import { layerFlags, layerGlue, layerHash, layerRow, WINDOW, type LayerGlue } from "../emit/index.js";
import type { Program } from "../ir/op.js";
import { bytesOf, elements, makeArray, type Tensor, type TypedArray } from "../ir/types.js";
import { createRunner } from "../passes/run-program.js";
import { emit, wayOf, type Candidate, type Way } from "./candidates.js";
import type { Compiled } from "./compile.js";

export interface LayerCost { readonly instructions: number; readonly cycles: number | null }

interface Taken { readonly glue: LayerGlue; readonly built: Built }

/** The program again, with a door to each layer; the layers' own code is the same to the byte. */
async function takenApart(c: Compiled, way: Way, watch: boolean): Promise<Taken | null> {
  const { program, placed } = c;
  if (!placed) return null;
  const glue = layerGlue(program, placed.arena, watch);
  const files = new Map([...emit(c, way.form)].map(([path, text]) => [path, path.endsWith(".c") ? `${text}${glue.extra}` : text]));
  files.set("entry.c", glue.entry);
  const built = await buildProgram({ board: way.board, files, inBytes: glue.inBytes, outBytes: glue.outBytes, optimise: way.optimise });
  return built.sizes.fits ? { glue, built } : null;
}

function joined(rows: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(rows.reduce((n, r) => n + r.length, 0));
  let at = 0;
  for (const r of rows) { out.set(r, at); at += r.length; }
  return out;
}

const bytesIn = (a: TypedArray): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);

/**
 * One inference, layer by layer; null where the board counts nothing or has no room for the frame.
 * @param row bytes of all inputs, one after the other
 */
export async function profileLayers(c: Compiled, way: Way, row: Uint8Array): Promise<readonly LayerCost[] | null> {
  const apart = await takenApart(c, way, false);
  if (!apart) return null;
  const { glue, built } = apart;
  const n = c.program.steps.length;
  const feed = layerRow(glue, n, layerFlags.feed | layerFlags.start, row);
  const rows = [feed, ...Array.from({ length: n + 1 }, (_, i) => layerRow(glue, i, 0, null))];
  const { instructions, cycles } = await runProgram(built, joined(rows));
  if (!instructions) return null;
  // The last row called no layer: what it took is the way there and back.
  const net = (all: Float64Array, i: number): number => Math.max(0, (all[i + 1] ?? 0) - (all[n + 1] ?? 0));
  return Array.from({ length: n }, (_, i) => ({ instructions: net(instructions, i), cycles: cycles ? net(cycles, i) : null }));
}

/** The first layer, and in it the first element, where board and reference differ. */
export interface LayerDifference {
  /** Number of the layer in the program. */
  readonly layer: number;
  readonly name: string;
  readonly op: string;
  /** Element of the layer's output, counted through its whole shape. */
  readonly index: number;
  readonly device: number;
  readonly reference: number;
}

/** What the reference makes of the last of `rows`, layer by layer. */
function traced(p: Program, rows: readonly (readonly TypedArray[])[]): readonly TypedArray[] {
  const made: TypedArray[] = [];
  const runner = createRunner(p, (step, y) => { made[step] = y.slice(); });
  for (const row of rows) runner(...row);
  return made;
}

/** Bytes of a tensor as it lies in memory. */
const wholeBytes = (p: Program, t: number): number => elements(p.tensors[t]) * bytesOf(p.tensors[t]?.dtype ?? "i8");

const windows = (bytes: number): number => Math.ceil(bytes / WINDOW);

/** The output of one layer, read window by window after that layer has run. */
async function outputOf({ glue, built }: Taken, before: readonly Uint8Array[], layer: number, t: Tensor, bytes: number): Promise<TypedArray> {
  const looks = Array.from({ length: windows(bytes) }, (_, w) => layerRow(glue, layer, layerFlags.still, null, w * WINDOW));
  const { outputs } = await runProgram(built, joined([...before, ...looks]));
  const all = joined(outputs.slice(before.length).map((o) => o.subarray(4)));
  const y = makeArray(t.dtype, bytes / bytesOf(t.dtype));
  bytesIn(y).set(all.subarray(0, bytes));
  return y;
}

const far = (a: number, b: number, exact: boolean): boolean => (exact ? a !== b : !(Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(b))));

/**
 * @param reference the plain program; the candidate's own may have other kernels for the same steps
 * @param rows all rows up to and including the one that differs; networks without state need that one only.
 * @returns null where every layer is as it should be, or the frame does not fit the board
 */
export async function firstDifferingLayer(k: Candidate, reference: Program, rows: readonly (readonly TypedArray[])[]): Promise<LayerDifference | null> {
  const apart = await takenApart(k.compiled, wayOf(k), true);
  if (!apart) return null;
  const p = k.compiled.program;
  const needed = p.tensors.some((t) => t.state) ? rows : rows.slice(-1);
  const made = traced(reference, needed);
  const calls = needed.flatMap((row, r) => p.steps.map((_, i) => layerRow(apart.glue, i, i > 0 ? 0 : layerFlags.feed | (r === 0 ? layerFlags.start : 0), i > 0 ? null : joined(row.map(bytesIn)))));
  const before = calls.length - p.steps.length;
  const exact = p.arithmetic === "int";
  const run: RunResult = await runProgram(apart.built, joined(calls));
  for (const [i, s] of p.steps.entries()) {
    const want = made[i] as TypedArray;
    // Layers that run row by row never hold their output as a whole, but for those that the layers behind them read.
    if (p.rows && i < p.rows.steps && want.byteLength !== wholeBytes(p, s.outputs[0] ?? 0)) continue;
    const out = run.outputs[before + i] as Uint8Array;
    if (new DataView(out.buffer, out.byteOffset).getUint32(0, true) === layerHash(bytesIn(want))) continue;
    const have = await outputOf(apart, calls.slice(0, before + i + 1), i, p.tensors[s.outputs[0] ?? 0] as Tensor, want.byteLength);
    const index = have.findIndex((v, e) => far(v, want[e] ?? NaN, exact));
    if (index >= 0) return { layer: i, name: s.name, op: s.op, index, device: have[index] ?? NaN, reference: want[index] ?? NaN };
  }
  return null;
}
