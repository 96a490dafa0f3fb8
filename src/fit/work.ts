/** One candidate's work: train and judge on splits of the training rows; or train, compile, and run on the simulated board. */
import { findBoard } from "../boards/index.js";
import { labelIndex } from "../data/table.js";
import { convertRow } from "../ir/conversion.js";
import { CoincellError } from "../ir/diagnostics.js";
import type { Program } from "../ir/op.js";
import type { Graph, Task, Tensor } from "../ir/types.js";
import { evaluate, runHostChain } from "../passes/evaluate.js";
import { findOp } from "../ops/registry.js";
import { dequantise, runProgram } from "../passes/run-program.js";
import { compile, run, type Compiled } from "../pipeline.js";
import type { Learner, TrainingSet } from "../train/learner.js";
import { fingerprint, graphBound, graphBytes, programBound, programBytes } from "./bounds.js";
import type { Job, Measured, MeasureJob, Outcome, Setting, Validated, ValidateJob } from "./jobs.js";
import { limitedBoard } from "./limits.js";
import { rowAt, selectRows, splitsOf } from "./rows.js";
import type { Config } from "./space.js";

function learnerOf(learners: readonly Learner[], c: Config): Learner {
  const found = learners.find((l) => l.name === c.family);
  if (!found) throw new Error(`no learner ${c.family}`);
  return found;
}

/** Share of right labels, or R²; never below -1, so that one wild fold does not drown the others. */
function scoreOf(task: Task, got: readonly (string | number)[], want: readonly (string | number)[]): number {
  if (task === "classification") return got.filter((g, i) => String(g) === String(want[i])).length / Math.max(1, want.length);
  const values = want.map(Number);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const [rest, total] = values.reduce(([r, t], v, i) => [r + (v - Number(got[i])) ** 2, t + (v - mean) ** 2], [0, 0]);
  return total > 0 ? Math.max(-1, 1 - rest / total) : 0;
}

const answer = (g: Graph, row: ArrayLike<number>): string | number => {
  const a = evaluate(g, row);
  return g.task === "classification" ? (g.labels[a.label] ?? a.label) : (a.scores[0] ?? NaN);
};

const truth = (set: TrainingSet, r: number): string | number => set.classes[set.y?.[r] ?? -1] ?? set.y?.[r] ?? 0;

/** Every operator on the raw input takes float32 as it comes. */
const readsF32 = (g: Graph): boolean => g.nodes.every((n) => !n.inputs.includes(g.input) || findOp(n.op).traits.readsF32 === true);

function validate(s: Setting, learner: Learner, job: ValidateJob): Validated {
  const { rows: { train, task }, seed } = s;
  const results = splitsOf(s.rows, job.rung, seed).map(({ learn, judge }) => {
    const graph = learner.learn(selectRows(train, learn), task, job.config.hyper, { seed });
    const score = scoreOf(task, judge.map((r) => answer(graph, rowAt(train, r))), judge.map((r) => truth(train, r)));
    return { score, n: judge.length, bytes: graphBytes(graph), readsF32: readsF32(graph), print: fingerprint(graph) };
  });
  const n = results.reduce((a, r) => a + r.n, 0);
  const score = results.reduce((a, r) => a + r.score * r.n, 0) / Math.max(1, n);
  const error = task === "classification" ? Math.sqrt(Math.max(score * (1 - score), 1e-9) / Math.max(1, n)) : Math.sqrt(results.reduce((a, r) => a + (r.score - score) ** 2, 0) / Math.max(1, results.length - 1) / Math.max(1, results.length));
  return { score, error, bytes: Math.min(...results.map((r) => r.bytes)), readsF32: results.every((r) => r.readsF32), print: results.map((r) => r.print).join() };
}

/** Cycles that the thin run of a candidate may take, and rows it has at least. */
const THIN_CYCLES = 8_000_000;
const LEAST_ROWS = 48;
/** Cycles per byte of constants in the slowest kernels of a chip without multiplier. */
const CYCLES_PER_BYTE = 50;

function thinned<T>(list: readonly T[], n: number): readonly T[] {
  return list.length <= n ? list : Array.from({ length: n }, (_, i) => list[Math.floor((i * list.length) / n)] as T);
}

/** The integer program itself on all rows kept apart: against their labels, and against the float model. */
function integerScores(c: Compiled, s: Setting): Pick<Measured, "tested" | "agreement" | "testRows"> {
  const p = c.labelProgram ?? c.program;
  const { test, task } = s.rows;
  const input = p.tensors[p.input] as Tensor;
  const got = test.rows.map((row) => {
    const raw = runProgram(p, convertRow(row, input));
    return task === "classification" ? raw.label : (runHostChain(p.host, dequantise(p, raw.scores))[0] ?? NaN);
  });
  const labels = test.labels ?? [];
  const tested = scoreOf(task, got, task === "classification" ? labels.map((l) => labelIndex(c.graph.labels, l)) : labels);
  const same = task === "classification" ? test.rows.filter((row, i) => evaluate(c.graph, row).label === got[i]).length : test.rows.length;
  return { tested, agreement: same / test.rows.length, testRows: test.rows.length };
}

const rowsFor = (p: Program, job: MeasureJob): number => (job.rows === "all" ? Infinity : Math.max(LEAST_ROWS, Math.floor(THIN_CYCLES / (programBytes(p) * CYCLES_PER_BYTE + 1000))));

async function measure(s: Setting, learner: Learner, job: MeasureJob): Promise<Measured> {
  const board = limitedBoard(findBoard(s.board), s.limits);
  const graph = learner.learn(s.rows.train, s.rows.task, job.config.hyper, { seed: s.seed });
  const early = graphBound(graph, board);
  if (early) return { report: null, bound: early, tested: 0, testRows: 0, agreement: 0 };
  const typical = Array.from({ length: s.rows.train.rows }, (_, r) => rowAt(s.rows.train, r));
  const compiled = compile(graph, { rows: typical, ...(job.input === "auto" ? {} : { inputType: job.input }) });
  const late = programBound(compiled.labelProgram ?? compiled.program, board);
  if (late) return { report: null, bound: late, tested: 0, testRows: 0, agreement: 0 };
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
