/** k nearest neighbours, of all rows or of as few as a budget allows. */
import { fail } from "../../ir/diagnostics.js";
import type { Task } from "../../ir/types.js";
import { kMeans } from "../cluster/k-means.js";
import { makeGraph, type GraphMaker, type Value } from "../graph.js";
import type { Learner, LearnOptions, TrainingSet } from "../learner.js";
import { makeRandom, type Random } from "../random.js";
import { classesOf, gather, sortedByClass } from "../scale/classes.js";
import { noteAbsent, tick } from "../scale/decide.js";
import { componentsHyper, makeFront, scalingHyper, type Front } from "../scale/front.js";
import { checkData, readHyper, type HyperReader } from "../check.js";
import { condensed, prototypes, type Labelled } from "./condense.js";

/** What the operator's indices can name. */
const MOST_ROWS = 65535;

const hyper = {
  k: { default: 5, values: [1, 3, 5, 9], doc: "neighbours that vote; where the rows are condensed it is 1" },
  budget: { default: 0, values: [8, 16, 32, 64, 128, 0], doc: "rows that are stored, each of one number a feature; 0 keeps all" },
  method: { default: "prototypes", values: ["prototypes", "condensed"], doc: "how a budget is met. prototypes: class centres moved towards the borders; condensed: chosen rows" },
  scaling: scalingHyper,
  components: componentsHyper,
} as const;

interface Stored { readonly points: Float64Array; readonly kind: "classes" | "values"; readonly target: Float64Array }

function search(g: GraphMaker, front: Front, stored: Stored, k: number): Value {
  const rows = stored.points.length / front.features;
  if (rows > MOST_ROWS) fail("train/too-many-rows", "knn", `${rows} rows would be stored`, `Supported: ${MOST_ROWS}. Give a budget, for example 256.`);
  return g.add("neighbours", { rows, features: front.features, k, power: 2, weighted: false, ...stored }, [front.add(g)]);
}

function voters(data: TrainingSet, h: HyperReader, budget: number): number {
  const k = h.whole("k", 1, 255);
  if (budget > 0) return 1;
  return k <= data.rows ? k : fail("train/too-few-rows", "knn.k", `${k} neighbours of ${data.rows} rows`, "Give more rows, or a smaller k.");
}

function classify(data: TrainingSet, task: Task, h: HyperReader, options: LearnOptions): ReturnType<Learner["learn"]> {
  const classes = classesOf(data);
  const front = makeFront(data, h);
  const budget = h.whole("budget", 0, MOST_ROWS);
  if (budget > 0 && budget < classes.labels.length) fail("train/bad-hyper", "knn.budget", `${budget} rows for ${classes.labels.length} classes`, "Supported: 0 (all rows), or at least one row for each class.");
  const order = sortedByClass(classes);
  const all: Labelled = { x: gather(front.x, front.features, order), y: Int32Array.from(order, (r) => classes.y[r]!), features: front.features };
  const random = makeRandom(options.seed);
  const onPart = (part: number): void => tick(options, part);
  onPart(0);
  const reduce = h.word("method", ["prototypes", "condensed"]) === "condensed" ? condensed : prototypes;
  const kept = budget === 0 || budget >= data.rows ? all : reduce(all, budget, random, onPart);
  const k = voters(data, h, budget);
  const g = makeGraph({ learner: "knn", task, featureNames: data.features, labels: classes.labels });
  const ends = Float64Array.from(classes.labels, (_, c) => kept.y.reduce((n, v) => n + (v <= c ? 1 : 0), 0));
  const votes = search(g, front, { points: kept.x, kind: "classes", target: ends }, k);
  g.output("label", g.add("argmax", { smallest: false }, [votes]));
  g.output("scores", votes);
  noteAbsent(g, classes);
  return g.finish();
}

/** Centres of rows that are alike in features and target, with the mean target of each. */
function centres(front: Front, y: Float64Array, budget: number, random: Random, options: LearnOptions): { readonly points: Float64Array; readonly target: Float64Array } {
  const [rows, d] = [y.length, front.features];
  const mean = y.reduce((s, v) => s + v, 0) / rows;
  const spread = Math.sqrt(y.reduce((s, v) => s + (v - mean) ** 2, 0) / rows);
  // The target weighs as much as all features together.
  const weight = Math.sqrt(d) / spread;
  const joint = Float64Array.from({ length: rows * (d + 1) }, (_, at) => {
    const [r, j] = [Math.floor(at / (d + 1)), at % (d + 1)];
    return j < d ? front.x[r * d + j]! : (y[r]! - mean) * weight;
  });
  const found = kMeans({ x: joint, rows, features: d + 1 }, budget, 2, random, (s) => tick(options, s / 2)).centres;
  const points = new Float64Array(budget * d);
  for (let c = 0; c < budget; c++) points.set(found.subarray(c * (d + 1), c * (d + 1) + d), c * d);
  return { points, target: Float64Array.from({ length: budget }, (_, c) => found[c * (d + 1) + d]! / weight + mean) };
}

function regress(data: TrainingSet, task: Task, h: HyperReader, options: LearnOptions): ReturnType<Learner["learn"]> {
  const front = makeFront(data, h);
  const budget = h.whole("budget", 0, MOST_ROWS);
  const y = data.y ?? new Float64Array(data.rows);
  tick(options, 0);
  const kept = budget === 0 || budget >= data.rows ? { points: front.x, target: Float64Array.from(y) } : centres(front, y, budget, makeRandom(options.seed), options);
  const k = voters(data, h, budget);
  const g = makeGraph({ learner: "knn", task, featureNames: data.features, labels: [] });
  g.output("scores", search(g, front, { points: kept.points, kind: "values", target: kept.target }, k));
  return g.finish();
}

export const knn: Learner = {
  name: "knn",
  title: "k nearest neighbours",
  tasks: ["classification", "regression"],
  hyper,
  learn: (data, task, values, options) => {
    checkData(data, task);
    const h = readHyper("knn", hyper, values);
    const graph = task === "regression" ? regress(data, task, h, options) : classify(data, task, h, options);
    tick(options, 1);
    return graph;
  },
};
