/** Trees, forests and boosting beside scikit-learn: same splits, same settings, same cores, turn by turn. Started by run.sh; writes docs/learners-trees.md. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Graph, Task } from "../../src/ir/types.js";
import { evaluate } from "../../src/passes/evaluate.js";
import type { HyperValues, TrainingSet } from "../../src/train/learner.js";
import { learners } from "../../src/train/trees/index.js";

interface DataSet { readonly name: string; readonly seed: number; readonly rows: number; readonly test: number; readonly features: number; readonly classes: number }
interface Peer { readonly score: number; readonly wall: number; readonly cpu: number; readonly parallel: number }
interface Run { readonly set: DataSet; readonly learner: string; readonly ours: Omit<Peer, "parallel">; readonly peer: Peer }

/** The settings of scikit-learn's defaults, and 100 trees or rounds. */
const settings: Readonly<Record<string, HyperValues>> = {
  tree: { depth: 0 },
  forest: { trees: 100, depth: 0 },
  "extra-trees": { trees: 100, depth: 0 },
  boosting: { rounds: 100, depth: 0, maxLeaves: 31, minLeaf: 20, rate: 0.1, bins: 255 },
  "isolation-forest": { trees: 100, samples: 256 },
};

function readPart(dir: string, set: DataSet, part: string): TrainingSet {
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
  if (g.task === "classification") return answers.filter((a, i) => a.label === y[i]).length / test.rows;
  const scores = Float64Array.from(answers, (a) => a.scores[0] ?? 0);
  if (g.task === "anomaly") return areaUnderCurve(y, scores);
  const mean = y.reduce((a, b) => a + b, 0) / y.length;
  return 1 - y.reduce((s, v, i) => s + (v - (scores[i] ?? 0)) ** 2, 0) / y.reduce((s, v) => s + (v - mean) ** 2, 0);
}

function runOurs(dir: string, set: DataSet, name: string, repeats: number): Omit<Peer, "parallel"> {
  const learner = learners.find((l) => l.name === name);
  if (!learner) throw new Error(name);
  const task: Task = name === "isolation-forest" ? "anomaly" : set.classes > 0 ? "classification" : "regression";
  const read = readPart(dir, set, "train");
  const train = task === "anomaly" ? normal(read) : read;
  let [wall, cpu] = [Infinity, Infinity];
  let graph: Graph | null = null;
  for (let r = 0; r < repeats; r++) {
    const [t, c] = [performance.now(), process.cpuUsage()];
    graph = learner.learn(train, task, settings[name] ?? {}, { seed: set.seed });
    const used = process.cpuUsage(c);
    wall = Math.min(wall, (performance.now() - t) / 1e3);
    cpu = Math.min(cpu, (used.user + used.system) / 1e6);
  }
  return { score: graph ? scoreOf(graph, readPart(dir, set, "test")) : 0, wall, cpu };
}

const mean = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0) / v.length;
const error = (v: readonly number[]): number => Math.sqrt(v.reduce((a, b) => a + (b - mean(v)) ** 2, 0) / Math.max(1, v.length - 1) / v.length);
const median = (v: readonly number[]): number => v.toSorted((a, b) => a - b)[v.length >> 1] ?? 0;

/** Of the difference of two means; a test set of `n` rows has an error of its own, which counts where splits do not vary. */
function within(ours: readonly number[], peer: readonly number[], rows: number, isShare: boolean): boolean {
  const p = mean(peer);
  const own = isShare ? Math.sqrt(Math.max(p * (1 - p), 1 / rows) / rows) : 0;
  return mean(ours) >= p - Math.max(Math.hypot(error(ours), error(peer)), own);
}

const show = (v: readonly number[]): string => `${mean(v).toFixed(4)} ± ${error(v).toFixed(4)}`;

function line(runs: readonly Run[]): string {
  const [first] = runs;
  if (!first) return "";
  const [ours, peer] = [runs.map((r) => r.ours.score), runs.map((r) => r.peer.score)];
  const ratio = (f: (r: Run) => number): string => `${median(runs.map(f)).toFixed(2)}`;
  const ok = within(ours, peer, first.set.test, first.set.classes > 0) ? "yes" : "**no**";
  return `| ${first.learner} | ${first.set.name} | ${show(ours)} | ${show(peer)} | ${ok} | ${(1e3 * median(runs.map((r) => r.ours.wall))).toFixed(1)} | ${ratio((r) => r.peer.wall / r.ours.wall)} | ${ratio((r) => r.peer.cpu / r.ours.cpu)} | ${first.learner === "tree" ? "-" : (Math.min(first.peer.parallel, first.peer.wall) / first.ours.wall).toFixed(2)} |`;
}

function report(runs: readonly Run[]): string {
  const keys = [...new Set(runs.map((r) => `${r.learner} ${r.set.name}`))];
  return `# Trees, forests and boosting beside scikit-learn

Written by \`bash bench/learners/run.sh\` (scikit-learn 1.9.1, Node ${process.version}, ${cpus().length} cores, ${cpus()[0]?.model ?? "unknown CPU"}). Do not edit.

Both sides learn the same rows with the same settings (scikit-learn's defaults; 100 trees or rounds), turn by turn in one run, best of a few repeats, median over the seeds.
Accuracy (R² for diabetes and friedman1, area under the curve for isolation-forest) is the mean ± standard error over 5 seeds (2 for made-6000x50) of the test part; ours is that of the graph.
Built-in sets: 70/30 splits, another for each seed; colour_fruit, synth_colour, har_wisdm: their own parts, the seed turns the learner only (gaps of har_wisdm: median).
"within": not below scikit-learn by more than one standard error (of the difference over the seeds, or of one test set, whichever is larger).
Ratios above 1: ours is faster. "1 thread": wall time, one thread each; "CPU": CPU time of those runs; "all cores": scikit-learn's faster run of seed 0, with 1 thread or with all cores (OMP_WAIT_POLICY=passive), against ours with one; wall times jump where the cores are shared with other work.

| learner | set | ours | scikit-learn | within | ours, ms | 1 thread | CPU | all cores |
|---|---|---|---|---|---|---|---|---|
${keys.map((k) => line(runs.filter((r) => `${r.learner} ${r.set.name}` === k))).join("\n")}
`;
}

async function main(): Promise<void> {
  const [python = "python3", shared = "", only = ""] = process.argv.slice(2);
  const dir = mkdtempSync(join(tmpdir(), "coincell-learners-"));
  const peer = spawn(python, [join(import.meta.dirname, "peer.py"), dir, shared], {
    // Threads that spin while they wait would make scikit-learn many times slower on cores shared with other work.
    stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, OMP_WAIT_POLICY: "passive" },
  });
  const lines = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => JSON.parse(String((await lines.next()).value)) as unknown;
  const sets = (await next()) as readonly DataSet[];
  const runs: Run[] = [];
  for (const learner of Object.keys(settings)) {
    for (const set of sets) {
      if (only && !`${learner} ${set.name}`.includes(only)) continue;
      if (learner === "isolation-forest" && set.name !== "breast_cancer") continue;
      const repeats = set.rows > 3000 ? 1 : learner === "boosting" ? 2 : 3;
      // The first turn of each warms both sides up.
      if (set.seed === 0 && set.rows < 3000) runOurs(dir, set, learner, repeats);
      peer.stdin.write(`${JSON.stringify({ ...set, learner, repeats, parallel: set.seed === 0 && learner !== "tree" })}\n`);
      runs.push({ set, learner, peer: (await next()) as Peer, ours: runOurs(dir, set, learner, repeats) });
      const last = runs.filter((r) => r.learner === learner && r.set.name === set.name);
      if (last.length === sets.filter((s) => s.name === set.name).length) process.stdout.write(`${line(last)}\n`);
    }
  }
  peer.stdin.end();
  rmSync(dir, { recursive: true });
  if (!only) writeFileSync(join(import.meta.dirname, "../../docs/learners-trees.md"), report(runs));
}

await main();
