/** One candidate's work: train and judge on splits of the training rows; or train, compile, and run on the simulated board. */
import { findBoard } from "../boards/index.js";
import { labelIndex } from "../data/table.js";
import { convertRow } from "../ir/conversion.js";
import { CoincellError } from "../ir/diagnostics.js";
import type { Program } from "../ir/op.js";
import type { Graph, Tensor } from "../ir/types.js";
import { evaluator, runHostChain } from "../passes/evaluate.js";
import { findOp } from "../ops/registry.js";
import { dequantise, runProgram } from "../passes/run-program.js";
import { compile, run, type Compiled } from "../pipeline.js";
import type { FitTask } from "../report/pareto-types.js";
import { orientedScore } from "../train/index.js";
import type { Learner, TrainingSet } from "../train/learner.js";
import { withChosenThreshold } from "./anomaly.js";
import { fingerprint, graphBound, graphBytes, graphWork, programBound, programBytes } from "./bounds.js";
import type { InputChoice, Job, Measured, MeasureJob, Outcome, Setting, Validated, ValidateJob } from "./jobs.js";
import { limitedBoard } from "./limits.js";
import { rowAt, rowsOf, selectRows, splitsOf } from "./rows.js";
import { agreementOf, figuresOf, NORMAL, scoreOf, STRANGE, type Answer } from "./score.js";
import type { Config } from "./space.js";

function learnerOf(learners: readonly Learner[], c: Config): Learner {
  const found = learners.find((l) => l.name === c.family);
  if (!found) throw new Error(`no learner ${c.family}`);
  return found;
}

const strangeness = (scores: Float64Array): number => orientedScore("anomaly", scores);

/** The float model's answers. */
function answers(task: FitTask, g: Graph, rows: readonly Float64Array[]): readonly Answer[] {
  const float = evaluator(g);
  return rows.map((row) => {
    const a = float(row);
    return task === "classification" ? (g.labels[a.label] ?? a.label) : task === "anomaly" ? strangeness(a.scores) : (a.scores[0] ?? NaN);
  });
}

const truth = (set: TrainingSet, r: number): Answer => (set.y === null ? NORMAL : (set.classes[set.y[r] ?? -1] ?? set.y[r] ?? 0));

/** Every operator on the raw input takes float32 as it comes. */
const readsF32 = (g: Graph): boolean => g.nodes.every((n) => !n.inputs.includes(g.input) || findOp(n.op).traits.readsF32 === true);

type AnswersOf = (task: FitTask, g: Graph, rows: readonly Float64Array[], learnt: TrainingSet) => readonly Answer[];

function validate(s: Setting, learner: Learner, { config, rung, integer }: ValidateJob): Validated {
  const answersOf = integer ? integerAnswers(integer) : answers;
  const { rows: { train, task }, seed } = s;
  const strange = s.rows.strange ? rowsOf({ ...train, ...s.rows.strange }) : [];
  const right = new Uint8Array(Math.ceil(train.rows / 8));
  const results = splitsOf(s.rows, rung, seed).map(({ learn, judge }) => {
    const part = selectRows(train, learn);
    const graph = learner.learn(part, task, config.hyper, { seed });
    const got = answersOf(task, graph, [...judge.map((r) => rowAt(train, r)), ...strange], part);
    judge.forEach((r, i) => { if (String(got[i]) === String(truth(train, r))) right[r >> 3]! |= 1 << (r & 7); });
    const score = scoreOf(task, got, [...judge.map((r) => truth(train, r)), ...strange.map(() => STRANGE)]) ?? 0;
    return { score, n: judge.length, bytes: graphBytes(graph), work: graphWork(graph), readsF32: readsF32(graph), print: fingerprint(graph) };
  });
  const n = results.reduce((a, r) => a + r.n, 0);
  const score = results.reduce((a, r) => a + r.score * r.n, 0) / Math.max(1, n);
  const error = task === "classification" ? Math.sqrt(Math.max(score * (1 - score), 1e-9) / Math.max(1, n)) : Math.sqrt(results.reduce((a, r) => a + (r.score - score) ** 2, 0) / Math.max(1, results.length - 1) / Math.max(1, results.length));
  return { score, error, bytes: Math.min(...results.map((r) => r.bytes)), work: Math.max(...results.map((r) => r.work)), right: task === "classification" ? Buffer.from(right).toString("base64") : null, readsF32: results.every((r) => r.readsF32), print: results.map((r) => r.print).join() };
}

/** Cycles that the thin run of a candidate may take, and rows it has at least. */
const THIN_CYCLES = 8_000_000;
const LEAST_ROWS = 48;
/** Cycles per byte of constants in the slowest kernels of a chip without multiplier. */
const CYCLES_PER_BYTE = 50;

function thinned<T>(list: readonly T[], n: number): readonly T[] {
  return list.length <= n ? list : Array.from({ length: n }, (_, i) => list[Math.floor((i * list.length) / n)] as T);
}

/** What the device answers, with the call that is flashed. */
function deviceAnswers(c: Compiled, task: FitTask, rows: readonly Float64Array[]): { readonly got: readonly Answer[]; readonly labels: readonly number[] } {
  const both = c.labelProgram !== null && task === "anomaly";
  const p = task === "classification" || !c.labelProgram ? (c.labelProgram ?? c.program) : c.program;
  const input = p.tensors[p.input] as Tensor;
  const found = rows.map((row) => {
    const q = convertRow(row, input);
    const raw = runProgram(p, q);
    const label = both && c.labelProgram ? runProgram(c.labelProgram, q).label : raw.label;
    const scores = task === "classification" ? null : runHostChain(p.host, dequantise(p, raw.scores));
    return { label, answer: scores === null ? label : task === "anomaly" ? strangeness(scores) : (scores[0] ?? NaN) };
  });
  return { got: found.map((f) => f.answer), labels: found.map((f) => f.label) };
}

const floatLabels = (g: Graph, rows: readonly Float64Array[]): readonly number[] => {
  const float = evaluator(g);
  return rows.map((row) => float(row).label);
};

/** Each fold's model is compiled from the fold's own rows, as the delivered one is from all of them. */
const integerAnswers = (input: InputChoice): AnswersOf => (task, graph, rows, learnt) => {
  const { got } = deviceAnswers(compile(graph, { rows: rowsOf(learnt), ...inputOf(input) }), task, rows);
  return task === "classification" ? got.map((label) => graph.labels[Number(label)] ?? label) : got;
};

const inputOf = (input: InputChoice): { readonly inputType?: Exclude<InputChoice, "auto"> } => (input === "auto" ? {} : { inputType: input });

type Scores = Pick<Measured, "tested" | "agreement" | "testRows" | "figures">;

/** The integer program itself on all rows kept apart: against their labels, and against the float model. */
function integerScores(c: Compiled, s: Setting): Scores {
  const { test, task } = s.rows;
  const { got, labels } = deviceAnswers(c, task, test.rows);
  const want: readonly Answer[] = task === "classification" ? (test.labels ?? []).map((l) => labelIndex(c.graph.labels, l)) : (test.labels ?? []);
  const float = task === "regression" ? answers(task, c.graph, test.rows) : floatLabels(c.graph, test.rows);
  return {
    tested: scoreOf(task, got, want), agreement: agreementOf(task, task === "regression" ? got : labels, float), testRows: test.rows.length,
    figures: figuresOf(task, got, want, labels.map((l) => String(c.graph.labels[l]) === STRANGE)),
  };
}

const rowsFor = (p: Program, job: MeasureJob): number => (job.rows === "all" ? Infinity : Math.max(LEAST_ROWS, Math.floor(THIN_CYCLES / (programBytes(p) * CYCLES_PER_BYTE + 1000))));

const unmeasured: Measured = { report: null, bound: null, tested: null, testRows: 0, agreement: 0, figures: [] };

/** The model of all rows to learn from, as it will be delivered. */
export const learnAll = (s: Setting, learner: Learner, { family, hyper }: Config): Graph =>
  s.rows.strange ? withChosenThreshold(family, hyper, s.seed, s.rows.strange) : learner.learn(s.rows.train, s.rows.task, hyper, { seed: s.seed });

async function measure(s: Setting, learner: Learner, job: MeasureJob): Promise<Measured> {
  const board = limitedBoard(findBoard(s.board), s.limits);
  const graph = learnAll(s, learner, job.config);
  const early = graphBound(graph, board);
  if (early) return { ...unmeasured, bound: early };
  const compiled = compile(graph, { rows: rowsOf(s.rows.train), ...inputOf(job.input) });
  const late = programBound(compiled.labelProgram ?? compiled.program, board);
  if (late) return { ...unmeasured, bound: late };
  const { test } = s.rows;
  const kept = thinned(test.rows.map((_, i) => i), rowsFor(compiled.labelProgram ?? compiled.program, job));
  const table = { ...test, rows: kept.map((i) => test.rows[i] as Float64Array), labels: test.labels && kept.map((i) => test.labels?.[i] ?? "") };
  const { report } = await run({ compiled, board, table, goal: job.goal === "size" ? "size" : "auto" });
  return { report, bound: null, ...integerScores(compiled, s) };
}

/** Never rejects for what the data or the configuration are to blame for. */
export async function work(learners: readonly Learner[], s: Setting, job: Job): Promise<Outcome<Validated | Measured>> {
  try {
    const learner = learnerOf(learners, job.config);
    return { ok: true, value: job.kind === "validate" ? validate(s, learner, job) : await measure(s, learner, job) };
  } catch (e) {
    if (e instanceof CoincellError) return { ok: false, error: e.diagnostic };
    return { ok: false, error: { code: "fit/fault", where: job.config.family, what: e instanceof Error ? e.message : String(e), cure: "This is a fault of coincell: please report it." } };
  }
}
