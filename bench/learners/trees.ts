/** Trees, forests and boosting beside scikit-learn: same splits, same settings, same cores, turn by turn. Started by run.sh; writes docs/learners-trees.md. */
import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import type { HyperValues } from "../../src/train/learner.js";
import { learners } from "../../src/train/trees/index.js";
import { error, fitOurs, mean, show, startPeer, type Fit, type Split } from "./frame.js";

interface DataSet extends Split { readonly rows: number; readonly test: number }
interface Answer { readonly score: number; readonly wall: number; readonly cpu: number; readonly parallel: number }
interface Run { readonly set: DataSet; readonly learner: string; readonly ours: Fit; readonly peer: Answer }

/** The settings of scikit-learn's defaults, and 100 trees or rounds. */
const settings: Readonly<Record<string, HyperValues>> = {
  tree: { depth: 0 },
  forest: { trees: 100, depth: 0 },
  "extra-trees": { trees: 100, depth: 0 },
  boosting: { rounds: 100, depth: 0, maxLeaves: 31, minLeaf: 20, rate: 0.1, bins: 255 },
  "isolation-forest": { trees: 100, samples: 256 },
};

const runOurs = (dir: string, set: DataSet, name: string, repeats: number): Fit =>
  fitOurs(dir, set, learners.find((l) => l.name === name), name === "isolation-forest", settings[name] ?? {}, repeats);

const median = (v: readonly number[]): number => v.toSorted((a, b) => a - b)[v.length >> 1] ?? 0;

/** Of the difference of two means; a test set of `n` rows has an error of its own, which counts where splits do not vary. */
function within(ours: readonly number[], peer: readonly number[], rows: number, isShare: boolean): boolean {
  const p = mean(peer);
  const own = isShare ? Math.sqrt(Math.max(p * (1 - p), 1 / rows) / rows) : 0;
  return mean(ours) >= p - Math.max(Math.hypot(error(ours), error(peer)), own);
}

function line(runs: readonly Run[]): string {
  const [first] = runs;
  if (!first) return "";
  const [ours, peer] = [runs.map((r) => r.ours.score), runs.map((r) => r.peer.score)];
  const ratio = (f: (r: Run) => number): string => `${median(runs.map(f)).toFixed(2)}`;
  const ok = within(ours, peer, first.set.test, first.set.classes > 0) ? "yes" : "**no**";
  return `| ${first.learner} | ${first.set.name} | ${show(ours)} | ${show(peer)} | ${ok} | ${(1e3 * median(runs.map((r) => r.ours.wall))).toFixed(1)} | ${ratio((r) => r.peer.wall / r.ours.wall)} | ${ratio((r) => r.peer.cpu / r.ours.cpu)} | ${first.learner === "tree" ? "-" : (Math.min(first.peer.parallel, first.peer.wall) / first.ours.wall).toFixed(2)} |`;
}

function report(runs: readonly Run[], loads: readonly number[]): string {
  const keys = [...new Set(runs.map((r) => `${r.learner} ${r.set.name}`))];
  return `# Trees, forests and boosting beside scikit-learn

Written by \`bash bench/learners/run.sh\` (scikit-learn 1.9.1, Node ${process.version}, ${cpus().length} cores, ${cpus()[0]?.model ?? "unknown CPU"}). Do not edit.

Both sides learn the same rows with the same settings (scikit-learn's defaults; 100 trees or rounds), turn by turn in one run, best of a few repeats, median over the seeds.
Accuracy (R² for diabetes and friedman1, area under the curve for isolation-forest) is the mean ± standard error over 5 seeds (2 for made-6000x50) of the test part; ours is that of the graph.
Built-in sets: 70/30 splits, another for each seed; colour_fruit, synth_colour, har_wisdm: their own parts, the seed turns the learner only (gaps of har_wisdm: median).
"within": not below scikit-learn by more than one standard error (of the difference over the seeds, or of one test set, whichever is larger).
Ratios above 1: ours is faster. "1 thread": wall time, one thread each; "CPU": CPU time of those runs; "all cores": scikit-learn's faster run of seed 0, with 1 thread or with all cores (OMP_WAIT_POLICY=passive), against ours with one; wall times jump where the cores are shared with other work.
Load of the machine while this ran (one minute's mean, this bench's own 1 included): ${mean(loads).toFixed(1)}, at most ${Math.max(...loads).toFixed(1)}.

| learner | set | ours | scikit-learn | within | ours, ms | 1 thread | CPU | all cores |
|---|---|---|---|---|---|---|---|---|
${keys.map((k) => line(runs.filter((r) => `${r.learner} ${r.set.name}` === k))).join("\n")}
`;
}

const [python = "python3", shared = "", only = ""] = process.argv.slice(2);
const peer = startPeer("peer.py", python, shared);
const sets = (await peer.next()) as readonly DataSet[];
const runs: Run[] = [];
const loads = [loadavg()[0] ?? 0];
for (const learner of Object.keys(settings)) {
  for (const set of sets) {
    if (only && !`${learner} ${set.name}`.includes(only)) continue;
    if (learner === "isolation-forest" && set.name !== "breast_cancer") continue;
    const repeats = set.rows > 3000 || learner === "boosting" ? 3 : 5;
    // The first turn of each warms both sides up.
    if (set.seed === 0 && set.rows < 3000) runOurs(peer.dir, set, learner, repeats);
    const answer = (await peer.ask({ ...set, learner, repeats, parallel: set.seed === 0 && learner !== "tree" })) as Answer;
    runs.push({ set, learner, peer: answer, ours: runOurs(peer.dir, set, learner, repeats) });
    loads.push(loadavg()[0] ?? 0);
    const last = runs.filter((r) => r.learner === learner && r.set.name === set.name);
    if (last.length === sets.filter((s) => s.name === set.name).length) process.stdout.write(`${line(last)}\n`);
  }
}
peer.end();
if (!only) writeFileSync(join(import.meta.dirname, "../../docs/learners-trees.md"), report(runs, loads));
