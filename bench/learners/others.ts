/** Support vectors, linear models, Bayes, neighbours and clusters beside scikit-learn: same splits, same settings, one core, turn by turn. Started by run-others.sh; writes docs/learners-others.md. */
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { learners as bayes } from "../../src/train/bayes/index.js";
import { learners as cluster } from "../../src/train/cluster/index.js";
import type { HyperValues } from "../../src/train/learner.js";
import { learners as linear } from "../../src/train/linear/index.js";
import { learners as neighbours } from "../../src/train/neighbours/index.js";
import { learners as svm } from "../../src/train/svm/index.js";
import { error, fitOurs, mean, show, startPeer, type Split } from "./frame.js";

interface Result { readonly score: number; readonly wall: number; readonly cpu: number; readonly coef: readonly number[] | null }
interface Run { readonly set: Split; readonly learner: string; readonly ours: Result; readonly peer: Result }

const all = [...svm, ...linear, ...bayes, ...neighbours, ...cluster];
const classifiers = ["svm", "svm linear", "svm poly", "nu-svm", "linear-svm", "logistic", "ridge", "naive-bayes", "lda", "knn", "centroid"];
const anomaly = ["one-class-svm", "kmeans"];
const settings: Readonly<Record<string, HyperValues>> = { "svm linear": { kernel: "linear" }, "svm poly": { kernel: "poly", coef0: 1 }, "nu-svm": { nu: 0.05 } };
const repeats = 3;

const learnersFor = (s: Split): readonly string[] =>
  s.classes === 0 ? ["svr", "ridge", "knn"] : s.name === "breast_cancer" ? [...classifiers, ...anomaly] : s.name === "made-5000x20" ? ["svm", "svm linear", "logistic", "lda"] : classifiers;

function runOurs(dir: string, set: Split, name: string, hyper: HyperValues, times: number): Result {
  const { graph, score, wall, cpu } = fitOurs(dir, set, all.find((l) => l.name === name.split(" ")[0]), anomaly.includes(name), hyper, times);
  const last = graph.nodes.findLast((n) => n.op === "linear")?.attrs;
  return { score, wall, cpu, coef: last ? [...(last["w"] as Float64Array), ...(last["b"] as Float64Array)] : null };
}

const range = (v: readonly number[]): string => `${Math.min(...v).toFixed(2)} to ${Math.max(...v).toFixed(2)}`;
const furthest = (a: readonly number[] | null, b: readonly number[] | null): number => (a && b && a.length === b.length ? Math.max(...a.map((v, i) => Math.abs(v - (b[i] ?? 0)))) : NaN);

function row(runs: readonly Run[]): string {
  const [first] = runs;
  const [ours, peer] = [runs.map((r) => r.ours.score), runs.map((r) => r.peer.score)];
  const apart = mean(ours) - mean(peer);
  // The larger standard error of the two; one row in a thousand is less than any test set here resolves.
  const within = apart >= -Math.max(error(ours), error(peer)) - 1e-9 ? "yes" : "no";
  const ratios = runs.map((r) => r.ours.cpu / r.peer.cpu);
  const coef = Math.max(...runs.map((r) => furthest(r.ours.coef, r.peer.coef)));
  return `| ${first?.set.name} | ${first?.learner} | ${show(ours)} | ${show(peer)} | ${within} | ${mean(ratios).toFixed(2)} (${range(ratios)}) | ${mean(runs.map((r) => r.ours.wall / r.peer.wall)).toFixed(2)} | ${Number.isNaN(coef) || first?.learner.includes("svm") ? "" : coef.toExponential(0)} |`;
}

function budgets(dir: string, sets: readonly Split[]): string[] {
  const names = [...new Set(sets.filter((s) => s.classes > 0 && s.name !== "made-5000x20").map((s) => s.name))];
  return names.map((name) => {
    const of = (hyper: HyperValues): string => {
      return show(sets.filter((s) => s.name === name).map((s) => runOurs(dir, s, "knn", hyper, 1).score));
    };
    return `| ${name} | ${of({})} | ${[16, 32, 128].flatMap((budget) => ["prototypes", "condensed"].map((method) => of({ budget, method }))).join(" | ")} |`;
  });
}

function report(groups: readonly (readonly Run[])[], few: readonly string[], loads: readonly number[]): string {
  return `# Learners beside scikit-learn: support vectors, linear models, Bayes, neighbours, clusters

Made by \`bash bench/learners/run-others.sh\` with scikit-learn 1.9.1. Five splits a set (70 / 30, stratified; for colour_fruit, synth_colour and
har_wisdm the published test part, and four fifths of the training rows by seed), the same rows on both sides, features standardised on both
sides (naive Bayes: as they are), scikit-learn's default settings (nu 0.05; poly with coef0 1). Score: accuracy; R² for diabetes and friedman1;
area under the curve for one-class-svm and kmeans, trained on the benign rows. Mean ± standard error of five.

Times are fitting alone, the best of ${repeats} fits in a warm process, both sides one thread, one after the other in the same run; each split gives one ratio ours / scikit-learn (below 1: ours is faster). Load of the machine
while this ran (one minute's mean, this bench's own 1 included): ${mean(loads).toFixed(1)}, at most ${Math.max(...loads).toFixed(1)}.
Within: our mean is at most one standard error (the larger of the two sides') below scikit-learn's. Coefficients: largest difference to scikit-learn's (logistic: to its minimum at tolerance 1e-10).

| set | learner | ours | scikit-learn | within | CPU ratio (lowest to highest) | wall ratio | coefficients |
|---|---|---|---|---|---|---|---|
${groups.map(row).join("\n")}

## Nearest neighbours within a budget of rows

Accuracy of all rows with five neighbours, then of so many stored rows with one.

| set | all rows | 16 prototypes | 16 condensed | 32 prototypes | 32 condensed | 128 prototypes | 128 condensed |
|---|---|---|---|---|---|---|---|
${few.join("\n")}
`;
}

const [python = "python3", shared = "../shared/datasets", only = ""] = process.argv.slice(2);
const peer = startPeer("peer_others.py", python, shared);
const sets = (await peer.next()) as Split[];
const groups = new Map<string, Run[]>();
const loads = [loadavg()[0] ?? 0];
for (const set of sets) for (const learner of learnersFor(set)) {
  const key = `${learner} ${set.name}`;
  if (!key.includes(only)) continue;
  const ours = runOurs(peer.dir, set, learner, settings[learner] ?? {}, repeats);
  groups.set(key, [...(groups.get(key) ?? []), { set, learner, ours, peer: (await peer.ask({ ...set, learner, repeats })) as Result }]);
  loads.push(loadavg()[0] ?? 0);
  if (set.seed === 4) process.stdout.write(`${row(groups.get(key) ?? [])}\n`);
}
if (only === "") writeFileSync(new URL("../../docs/learners-others.md", import.meta.url), report([...groups.values()], budgets(peer.dir, sets), loads));
peer.end();
