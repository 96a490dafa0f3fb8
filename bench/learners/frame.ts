/** The common frame of this folder's benches: rows as the peer wrote them, timed fits of our learners, scores, and the peer as a process that answers line by line. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Graph, Task } from "../../src/ir/types.js";
import { evaluate } from "../../src/passes/evaluate.js";
import type { HyperValues, Learner, TrainingSet } from "../../src/train/learner.js";

/** One split of a set, in files of the peer's folder. */
export interface Split { readonly name: string; readonly seed: number; readonly features: number; readonly classes: number }
export interface Fit { readonly score: number; readonly wall: number; readonly cpu: number; readonly graph: Graph }

export function readPart(dir: string, set: Split, part: string): TrainingSet {
  const bytes = (ext: string): ArrayBuffer => new Uint8Array(readFileSync(join(dir, `${set.name}-${set.seed}-${part}.${ext}`))).buffer;
  const y = new Float64Array(bytes("y"));
  return {
    features: Array.from({ length: set.features }, (_, i) => `f${i}`), x: Float64Array.from(new Float32Array(bytes("x"))), rows: y.length, y,
    classes: Array.from({ length: set.classes }, (_, i) => i),
  };
}

/** Rows of class 1 only. */
function normal(d: TrainingSet): TrainingSet {
  const keep = [...(d.y ?? [])].flatMap((v, i) => (v === 1 ? [i] : []));
  const width = d.features.length;
  return { ...d, rows: keep.length, x: Float64Array.from(keep.flatMap((i) => [...d.x.subarray(i * width, (i + 1) * width)])), y: null };
}

function areaUnderCurve(y: Float64Array, scores: Float64Array): number {
  let [pairs, won] = [0, 0];
  scores.forEach((a, i) => scores.forEach((b, j) => {
    if (y[i] !== 1 || y[j] === 1) return;
    pairs++;
    won += a > b ? 1 : a === b ? 0.5 : 0;
  }));
  return won / pairs;
}

/** Accuracy, R² or the area under the curve, of the graph itself. */
function scoreOf(g: Graph, test: TrainingSet): number {
  const width = test.features.length;
  const y = test.y ?? new Float64Array(0);
  const answers = Array.from({ length: test.rows }, (_, i) => evaluate(g, test.x.subarray(i * width, (i + 1) * width)));
  if (g.task === "classification") return answers.filter((a, i) => g.labels[a.label] === y[i]).length / test.rows;
  const scores = Float64Array.from(answers, (a) => a.scores[0] ?? 0);
  if (g.task === "anomaly") return areaUnderCurve(y, scores);
  const middle = mean([...y]);
  return 1 - y.reduce((s, v, i) => s + (v - (scores[i] ?? 0)) ** 2, 0) / y.reduce((s, v) => s + (v - middle) ** 2, 0);
}

/** The best time of some fits; anomaly detectors learn from rows of class 1. */
export function fitOurs(dir: string, set: Split, learner: Learner | undefined, anomaly: boolean, hyper: HyperValues, times: number): Fit {
  if (!learner) throw new Error("no such learner");
  const task: Task = anomaly ? "anomaly" : set.classes > 0 ? "classification" : "regression";
  const read = readPart(dir, set, "train");
  const train = anomaly ? normal(read) : read;
  let [wall, cpu] = [Infinity, Infinity];
  let graph: Graph | null = null;
  for (let r = 0; r < times; r++) {
    const [t, c] = [performance.now(), process.cpuUsage()];
    graph = learner.learn(train, task, hyper, { seed: set.seed });
    const used = process.cpuUsage(c);
    wall = Math.min(wall, (performance.now() - t) / 1e3);
    cpu = Math.min(cpu, (used.user + used.system) / 1e6);
  }
  if (!graph) throw new Error("no fit");
  return { score: scoreOf(graph, readPart(dir, set, "test")), wall, cpu, graph };
}

export const mean = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0) / v.length;
/** Standard error of the mean. */
export const error = (v: readonly number[]): number => Math.sqrt(v.reduce((s, x) => s + (x - mean(v)) ** 2, 0) / Math.max(1, v.length - 1) / v.length);
export const show = (v: readonly number[]): string => `${mean(v).toFixed(4)} ± ${error(v).toFixed(4)}`;

export interface Peer {
  /** Where the peer put its rows. */
  readonly dir: string;
  next(): Promise<unknown>;
  ask(question: unknown): Promise<unknown>;
  end(): void;
}

export function startPeer(script: string, python: string, shared: string): Peer {
  const dir = mkdtempSync(join(tmpdir(), "coincell-learners-"));
  // Threads that spin while they wait would make scikit-learn many times slower on cores shared with other work.
  const child = spawn(python, [join(import.meta.dirname, script), dir, shared], { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, OMP_WAIT_POLICY: "passive" } });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => JSON.parse(((await lines.next()).value as string | undefined) ?? "null");
  return {
    dir, next,
    ask: (question) => {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      return next();
    },
    end: () => {
      child.stdin.end();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
