/** Every row through the simulated program, compared byte for byte with the reference, and all of it measured. */
import type { Board, Limits, RunOptions } from "../boards/index.js";
import type { Table } from "../data/table.js";
import { convertRows, joinRows } from "../ir/conversion.js";
import type { Program } from "../ir/op.js";
import type { Tensor, TypedArray } from "../ir/types.js";
import { evaluate, evaluator, runHostChain } from "../passes/evaluate.js";
import { dequantise } from "../passes/run-program.js";
import type { Difference, Prediction, RunReport, Spread } from "../report/types.js";
import { wayOf, type Candidate, type Goal } from "./candidates.js";
import { certify } from "./certificate.js";
import { chooseCandidate } from "./choose.js";
import type { Compiled } from "./compile.js";
import type { Golden } from "./golden.js";
import { choiceOf, memory } from "./measure.js";
import { layersOf, memoryMapOf, networkMemory } from "./measure-network.js";
import { firstDifferingLayer, profileLayers } from "./profile.js";
import { allOutputs, compare, firstOutput, references, runDevice, type Answers, type DeviceRun } from "./run-device.js";
import { rowNotes } from "./rows.js";
import { judge } from "./run-judge.js";

export interface RunRequest {
  readonly compiled: Compiled;
  readonly board: Board;
  readonly table: Table;
  readonly goal: Goal;
  /** Below those of the board; what exceeds them is an error. */
  readonly limits?: Limits;
  readonly notes?: readonly string[];
  /** Device inputs and the outputs that another runtime gave for them; the table holds the same inputs in real units. */
  readonly golden?: Golden;
  /** The rows are random device input. */
  readonly random?: boolean;
  /** Networks: also measure every layer. */
  readonly layers?: boolean;
  /** SHA-256 of the model file: a certificate is wanted. */
  readonly certify?: { readonly model: string | null };
  readonly onProgress?: (done: number, total: number) => void;
}

export interface RunOutcome {
  readonly report: RunReport;
  readonly predictions: readonly Prediction[];
  readonly candidate: Candidate;
}

type Row = readonly TypedArray[];

const spread = (v: ArrayLike<number> | null): Spread | null => {
  if (!v || v.length === 0) return null;
  let [min, max, sum] = [Infinity, -Infinity, 0];
  for (let i = 0; i < v.length; i++) { const x = v[i] ?? 0; min = Math.min(min, x); max = Math.max(max, x); sum += x; }
  return { min, mean: sum / v.length, max };
};

/** The first difference of board and reference, with the layer it begins in; else of reference and golden outputs. */
async function differenceOf(c: Compiled, k: Candidate, device: DeviceRun | null, reference: Answers, golden: readonly TypedArray[] | null, inputs: readonly Row[]): Promise<Difference | null> {
  const exact = c.program.arithmetic === "int";
  const scores = reference.scores ?? [];
  const ofAnswer = (): Difference | null => (device ? compare("answer", device.answers, reference.answers, exact) : null);
  const ofScores = (): Difference | null => (device?.scores ? compare("scores", device.scores, scores, exact) : null);
  // The measured program of a classical model is the one that gives the answer; a network's answer is made of its outputs.
  const found = c.placed ? (ofScores() ?? ofAnswer()) : (ofAnswer() ?? ofScores());
  if (!found) return golden ? compare("golden", scores, golden, exact) : null;
  if (!c.placed) return found;
  const layer = await firstDifferingLayer(k, c.program, inputs.slice(c.fresh ? found.row : 0, found.row + 1));
  return { ...found, layer };
}

/** Scores as the source library prints them. */
const printed = (p: Program, raw: TypedArray): Float64Array => runHostChain(p.host, dequantise(p, raw));

/** Times of a call: simulated cycles at the board's clock, or measured on the host. */
function microseconds(device: DeviceRun | null, board: Board): Spread | null {
  const { cycles, nanoseconds } = device?.result ?? { cycles: null, nanoseconds: null };
  const { clockHz } = board;
  return spread(cycles && clockHz ? cycles.map((n) => (n * 1e6) / clockHz) : (nanoseconds?.map((n) => n / 1000) ?? null));
}

/** What only networks have. */
async function networkParts(request: RunRequest, k: Candidate, device: DeviceRun | null, inputs: readonly Row[]): Promise<Pick<RunReport, "perLayer" | "memoryMap">> {
  const map = memoryMapOf(k.compiled);
  if (!map) return {};
  const costs = request.layers && device?.result.instructions && inputs[0] ? await profileLayers(k.compiled, wayOf(k), joinRows(inputs[0])) : null;
  return { perLayer: layersOf(k.compiled, costs, k.weighed), memoryMap: map };
}

/** Builds, runs and measures; a program too large for the board is reported with its sizes and `fits: false`. */
export async function run(request: RunRequest): Promise<RunOutcome> {
  const { compiled: c, board, table, golden } = request;
  const { program: p } = c;
  const given = [p.input, ...p.moreInputs].map((t) => p.tensors[t] as Tensor);
  const inputs = golden?.inputs ?? table.rows.map((r) => convertRows(r, given));
  const bytes = joinRows(inputs.flat());
  const options: RunOptions = request.onProgress ? { onProgress: request.onProgress } : {};
  const candidate = await chooseCandidate(c, board, request.goal, bytes, request.limits);
  const reference = references(c, inputs);
  const device = candidate.built.sizes.fits ? await runDevice(c, candidate, bytes, options) : null;
  const wanted = golden?.outputs.map(([first, ...more]) => allOutputs(p, first as TypedArray, more)) ?? null;
  const difference = await differenceOf(c, candidate, device, reference, wanted, inputs);
  const answers = (device?.answers ?? reference.answers).map((a) => a[0] ?? 0);
  const scores = (device?.scores ?? reference.scores).map((s) => printed(p, firstOutput(p, s)));
  const session = evaluator(c.graph);
  const float = (row: Float64Array) => (c.fresh ? evaluate(c.graph, row) : session(row));
  const judged = judge(c, answers, scores, table.rows.map((r) => float(r)), table);
  const equal = device !== null && difference === null;
  const proven = { candidate, inputs: bytes, outputs: device ? (device.scores ?? device.answers) : null, reference: reference.scores, golden: wanted, rows: inputs.length, equal };
  const sizes = memory(candidate, device?.result.stackBytes ?? null);
  const instructions = spread(device?.result.instructions ?? null);
  const report: RunReport = {
    model: c.graph.name, source: c.graph.source, task: c.graph.task, board: board.name, samples: inputs.length, ...judged,
    equal, difference, ...sizes, ...networkMemory(candidate, sizes), ...(instructions ? { instructions } : {}),
    cycles: spread(device?.result.cycles ?? null), microseconds: microseconds(device, board), choice: choiceOf(candidate.compiled, candidate.form, candidate.optimise), labels: c.graph.labels,
    notes: [...c.graph.notes, ...rowNotes(candidate.compiled), ...(request.notes ?? []), ...(device && device.scores === null ? ["with scores the program does not fit: scores are the reference's"] : [])],
    ...(request.random ? { random: true as const } : {}), ...(await networkParts(request, candidate, device, inputs)), ...(request.certify ? { certificate: await certify({ ...request.certify, ...proven }) } : {}),
  };
  const predictions = scores.map((s, i) => ({ answer: p.label === null ? (s[0] ?? 0) : (c.graph.labels[answers[i] ?? -1] ?? answers[i] ?? -1), scores: [...s] }));
  return { report, predictions, candidate };
}
