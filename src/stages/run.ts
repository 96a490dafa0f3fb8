/** Every row through the simulated program, compared byte for byte with the reference, and all of it measured. */
import { runProgram as runOnBoard, type Board, type RunOptions } from "../boards/index.js";
import { labelIndex, type Table } from "../data/table.js";
import { convertRows, joinRows } from "../ir/conversion.js";
import type { Program } from "../ir/op.js";
import { bytesOf, count, makeArray, type DType, type Tensor, type TypedArray } from "../ir/types.js";
import { evaluator, runHostChain, type Answer } from "../passes/evaluate.js";
import { createRunner, dequantise, runProgram } from "../passes/run-program.js";
import type { Difference, Prediction, RunReport, Spread } from "../report/types.js";
import { build, chooseCandidate, type Candidate, type Goal } from "./candidates.js";
import type { Compiled } from "./compile.js";
import { choiceOf, memory } from "./measure.js";

export interface RunRequest {
  readonly compiled: Compiled;
  readonly board: Board;
  readonly table: Table;
  readonly goal: Goal;
  readonly notes?: readonly string[];
  readonly onProgress?: (done: number, total: number) => void;
}

export interface RunOutcome {
  readonly report: RunReport;
  readonly predictions: readonly Prediction[];
  readonly candidate: Candidate;
}

/** Typed view of one row of device output. */
function decode(dtype: DType, bytes: Uint8Array): TypedArray {
  const out = makeArray(dtype, bytes.length / bytesOf(dtype));
  new Uint8Array(out.buffer).set(bytes);
  return out;
}

const spread = (v: ArrayLike<number> | null): Spread | null => {
  if (!v || v.length === 0) return null;
  let [min, max, sum] = [Infinity, -Infinity, 0];
  for (let i = 0; i < v.length; i++) { const x = v[i] ?? 0; min = Math.min(min, x); max = Math.max(max, x); sum += x; }
  return { min, mean: sum / v.length, max };
};

interface DeviceRun {
  readonly outputs: readonly TypedArray[];
  readonly cycles: Float64Array | null;
  readonly stack: number | null;
  readonly nanoseconds: Float64Array | null;
}

async function runRows(candidate: Candidate, dtype: DType, rows: Uint8Array, options: RunOptions): Promise<DeviceRun> {
  const r = await runOnBoard(candidate.built, rows, options);
  return { outputs: r.outputs.map((o) => decode(dtype, o)), cycles: r.cycles, stack: r.stackBytes, nanoseconds: r.nanoseconds };
}

/** First element where device and reference differ; float programs may round differently in the last places. */
function compare(what: "answer" | "scores", device: readonly TypedArray[], reference: readonly TypedArray[], exact: boolean): Difference | null {
  for (let row = 0; row < device.length; row++) {
    const [d, r] = [device[row], reference[row]];
    for (let i = 0; i < (r?.length ?? 0); i++) {
      const [a, b] = [d?.[i] ?? NaN, r?.[i] ?? NaN];
      if (exact ? a !== b : !(Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(b)))) return { row, what, index: i, device: a, reference: b };
    }
  }
  return null;
}

const answerTensor = (p: Program): Tensor => p.tensors[p.label ?? p.scores] as Tensor;

/** `<m>_scores` tells something that `<m>_predict` does not: a label's scores, or the further outputs of a transform. */
const moreThanAnswer = (p: Program): boolean => p.label !== null || count(p.scoresView.shape) > 1 || p.moreOutputs.length > 0;

/** Scores are compared in their own type; several outputs of different types as the bytes that they are. */
const scoresType = (p: Program): DType => (p.moreOutputs.length > 0 ? "u8" : p.scoresView.dtype);

/** All outputs as one array of {@link scoresType}. */
const allOutputs = (p: Program, scores: TypedArray, more: readonly TypedArray[]): TypedArray =>
  p.moreOutputs.length === 0 ? scores : Uint8Array.from([scores, ...more].flatMap((a) => [...new Uint8Array(a.buffer, a.byteOffset, a.byteLength)]));

/** The scores alone, out of what {@link allOutputs} joined. */
const firstOutput = (p: Program, all: TypedArray): TypedArray =>
  p.moreOutputs.length === 0 ? all : decode(p.scoresView.dtype, new Uint8Array(all.buffer, all.byteOffset, count(p.scoresView.shape) * bytesOf(p.scoresView.dtype)));

/** What `<m>_predict` must return, and what `<m>_scores` must write, for each row. */
function references(c: Compiled, rows: readonly (readonly TypedArray[])[]): { readonly answers: TypedArray[]; readonly scores: TypedArray[] } {
  const dtype = answerTensor(c.program).dtype;
  const runner = createRunner(c.program);
  const scores = rows.map((row) => runner(...row));
  const answers = rows.map((row, i) => {
    const out = makeArray(dtype, 1);
    out[0] = c.program.label === null ? (scores[i]?.scores[0] ?? 0) : c.labelProgram ? runProgram(c.labelProgram, ...row).label : (scores[i]?.label ?? 0);
    return out;
  });
  return { answers, scores: scores.map((s) => allOutputs(c.program, s.scores, s.more)) };
}

interface Judged { readonly accuracy: number | null; readonly agreement: number; readonly error: RunReport["error"]; readonly confusion: RunReport["confusion"] }

function judgeLabels(c: Compiled, answers: readonly number[], truth: readonly Answer[], table: Table): Judged {
  const { labels } = c.graph;
  const agreement = answers.filter((a, i) => a === truth[i]?.label).length / answers.length;
  if (!table.labels) return { accuracy: null, agreement, error: null, confusion: null };
  const wanted = table.labels.map((l) => labelIndex(labels, l));
  const confusion = labels.map(() => labels.map(() => 0));
  wanted.forEach((w, i) => { const row = confusion[w]; const a = answers[i] ?? -1; if (row && a in row) row[a] = (row[a] ?? 0) + 1; });
  return { accuracy: answers.filter((a, i) => a === wanted[i]).length / answers.length, agreement, error: null, confusion };
}

function judgeValues(values: readonly number[], truth: readonly Answer[], table: Table): Judged {
  const float = truth.map((t) => t.scores[0] ?? 0);
  const range = Math.max(...float) - Math.min(...float);
  const close = values.filter((v, i) => Math.abs(v - (float[i] ?? 0)) <= 0.005 * range + 1e-9).length / values.length;
  const againstFloat = Math.max(...values.map((v, i) => Math.abs(v - (float[i] ?? 0))));
  const wanted = table.labels?.map(Number);
  if (!wanted) return { accuracy: null, agreement: close, error: { meanAbsolute: null, rSquared: null, againstFloat }, confusion: null };
  const mean = wanted.reduce((a, b) => a + b, 0) / wanted.length;
  const [total, rest, absolute] = values.reduce(([t, r, m], v, i) => [t + ((wanted[i] ?? 0) - mean) ** 2, r + ((wanted[i] ?? 0) - v) ** 2, m + Math.abs((wanted[i] ?? 0) - v)], [0, 0, 0]);
  return { accuracy: null, agreement: close, error: { meanAbsolute: absolute / values.length, rSquared: total > 0 ? 1 - rest / total : null, againstFloat }, confusion: null };
}

/** Scores as the source library prints them. */
const printed = (p: Program, raw: TypedArray): Float64Array => runHostChain(p.host, dequantise(p, raw));

/** Builds, runs and measures; a program too large for the board is reported with its sizes and `fits: false`. */
export async function run(request: RunRequest): Promise<RunOutcome> {
  const { compiled: c, board, table } = request;
  const given = [c.program.input, ...c.program.moreInputs].map((t) => c.program.tensors[t] as Tensor);
  const inputs = table.rows.map((r) => convertRows(r, given));
  const bytes = joinRows(inputs.flat());
  const options: RunOptions = request.onProgress ? { onProgress: request.onProgress } : {};
  const candidate = await chooseCandidate(c, board, request.goal, bytes);
  const reference = references(c, inputs);
  const runs = candidate.built.sizes.fits;
  const answerRun = runs ? await runRows(candidate, answerTensor(c.program).dtype, bytes, options) : null;
  const scoreRun = runs && moreThanAnswer(c.program) ? await scoresOn(c, board, candidate, bytes) : null;
  const exact = c.program.arithmetic === "int";
  const difference = answerRun ? (compare("answer", answerRun.outputs, reference.answers, exact) ?? (scoreRun ? compare("scores", scoreRun.outputs, reference.scores, exact) : null)) : null;
  const answers = (answerRun?.outputs ?? reference.answers).map((a) => a[0] ?? 0);
  const scores = (scoreRun?.outputs.map((o) => firstOutput(c.program, o)) ?? (answerRun && !moreThanAnswer(c.program) ? answerRun.outputs : reference.scores.map((s) => firstOutput(c.program, s)))).map((s) => printed(c.program, s));
  const float = evaluator(c.graph);
  const truth = table.rows.map((r) => float(r));
  const judged = c.program.label === null ? judgeValues(scores.map((s) => s[0] ?? 0), truth, table) : judgeLabels(c, answers, truth, table);
  const micros = answerRun?.cycles && board.clockHz ? answerRun.cycles.map((n) => (n * 1e6) / (board.clockHz ?? 1)) : (answerRun?.nanoseconds?.map((n) => n / 1000) ?? null);
  const report: RunReport = {
    model: c.graph.name, source: c.graph.source, task: c.graph.task, board: board.name, samples: table.rows.length, ...judged,
    equal: runs && difference === null, difference, ...memory(candidate, answerRun?.stack ?? null),
    cycles: spread(answerRun?.cycles ?? null), microseconds: spread(micros), choice: choiceOf(c, candidate.form, candidate.optimise), labels: c.graph.labels,
    notes: [...c.graph.notes, ...(request.notes ?? []), ...(scoreRun === null && runs && moreThanAnswer(c.program) ? ["with scores the program does not fit: scores are the reference's"] : [])],
  };
  const predictions = scores.map((s, i) => ({ answer: c.program.label === null ? (s[0] ?? 0) : (c.graph.labels[answers[i] ?? -1] ?? answers[i] ?? -1), scores: [...s] }));
  return { report, predictions, candidate };
}

/** A second program that returns scores: its bytes are checked too, but it is not the one that is measured. */
async function scoresOn(c: Compiled, board: Board, k: Candidate, rows: Uint8Array): Promise<DeviceRun | null> {
  const scored = await build(c, board, k.form, k.optimise, "scores");
  return scored.built.sizes.fits ? runRows(scored, scoresType(c.program), rows, {}) : null;
}
