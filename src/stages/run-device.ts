/** What a board gave for each row, in the types of the program, beside what the reference gives. */
import { type RunOptions, type RunResult } from "../boards/index.js";
import type { Program } from "../ir/op.js";
import { bytesOf, count, makeArray, type DType, type Tensor, type TypedArray } from "../ir/types.js";
import { createRunner, runProgram } from "../passes/run-program.js";
import type { Difference } from "../report/types.js";
import { build, type Candidate } from "./candidates.js";
import type { Compiled } from "./compile.js";
import { runCandidate } from "./rows.js";

/** Typed view of one row of device output. */
function decode(dtype: DType, bytes: Uint8Array): TypedArray {
  const out = makeArray(dtype, bytes.length / bytesOf(dtype));
  new Uint8Array(out.buffer).set(bytes);
  return out;
}

const answerTensor = (p: Program): Tensor => p.tensors[p.label ?? p.scores] as Tensor;

/** `<m>_scores` tells something that `<m>_predict` does not: a label's scores, or the further outputs of a transform. */
const moreThanAnswer = (p: Program): boolean => p.label !== null || count(p.scoresView.shape) > 1 || p.moreOutputs.length > 0;

/** Scores are compared in their own type; several outputs of different types as the bytes that they are. */
const scoresType = (p: Program): DType => (p.moreOutputs.length > 0 ? "u8" : p.scoresView.dtype);

/** All outputs as one array of {@link scoresType}. */
export const allOutputs = (p: Program, scores: TypedArray, more: readonly TypedArray[]): TypedArray =>
  p.moreOutputs.length === 0 ? scores : Uint8Array.from([scores, ...more].flatMap((a) => [...new Uint8Array(a.buffer, a.byteOffset, a.byteLength)]));

/** The scores alone, out of what {@link allOutputs} joined. */
export const firstOutput = (p: Program, all: TypedArray): TypedArray =>
  p.moreOutputs.length === 0 ? all : decode(p.scoresView.dtype, new Uint8Array(all.buffer, all.byteOffset, count(p.scoresView.shape) * bytesOf(p.scoresView.dtype)));

export interface Answers {
  readonly answers: readonly TypedArray[];
  /** Null where no program with scores was run, because it does not fit. */
  readonly scores: readonly TypedArray[] | null;
}

export interface DeviceRun extends Answers {
  readonly result: RunResult;
}

/** What `<m>_predict` must return, and what `<m>_scores` must write, for each row. */
export function references(c: Compiled, rows: readonly (readonly TypedArray[])[]): { readonly answers: TypedArray[]; readonly scores: TypedArray[] } {
  const dtype = answerTensor(c.program).dtype;
  const runner = createRunner(c.program);
  const scores = rows.map((row) => (c.fresh ? runProgram(c.program, ...row) : runner(...row)));
  const answers = rows.map((row, i) => {
    const out = makeArray(dtype, 1);
    out[0] = c.program.label === null ? (scores[i]?.scores[0] ?? 0) : c.labelProgram ? runProgram(c.labelProgram, ...row).label : (scores[i]?.label ?? 0);
    return out;
  });
  return { answers, scores: scores.map((s) => allOutputs(c.program, s.scores, s.more)) };
}

/** A network gives outputs and answer in one run. */
async function runNetwork(p: Program, k: Candidate, rows: Uint8Array, options: RunOptions): Promise<DeviceRun> {
  const result = await runCandidate(k, rows, options);
  const last = bytesOf(answerTensor(p).dtype);
  const scores = result.outputs.map((o) => decode(scoresType(p), o.subarray(0, o.length - last)));
  return { result, scores, answers: result.outputs.map((o) => decode(answerTensor(p).dtype, o.subarray(o.length - last))) };
}

/** Runs the candidate, and for classical models a second program that returns scores: its bytes are checked too, but it is not measured. */
export async function runDevice(c: Compiled, k: Candidate, rows: Uint8Array, options: RunOptions): Promise<DeviceRun> {
  const p = c.program;
  if (c.placed) return runNetwork(p, k, rows, options);
  const result = await runCandidate(k, rows, options);
  const answers = result.outputs.map((o) => decode(answerTensor(p).dtype, o));
  if (!moreThanAnswer(p)) return { result, answers, scores: answers };
  const scored = await build(k.compiled, k.built.board, k.form, k.optimise, "scores");
  const second = scored.built.sizes.fits ? await runCandidate(scored, rows, {}) : null;
  return { result, answers, scores: second?.outputs.map((o) => decode(scoresType(p), o)) ?? null };
}

/** First element where two lists of rows differ; float programs may round differently in the last places. */
export function compare(what: Difference["what"], device: readonly TypedArray[], reference: readonly TypedArray[], exact: boolean): Difference | null {
  for (let row = 0; row < device.length; row++) {
    const [d, r] = [device[row], reference[row]];
    for (let i = 0; i < (r?.length ?? 0); i++) {
      const [a, b] = [d?.[i] ?? NaN, r?.[i] ?? NaN];
      if (exact ? a !== b : !(Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(b)))) return { row, what, index: i, device: a, reference: b };
    }
  }
  return null;
}
