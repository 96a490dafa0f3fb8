/** Isolation forest: rows that random splits part off early are anomalies. Source: Liu, Ting, Zhou, Isolation Forest (2008), with scikit-learn's depths and offset. */
import type { Graph } from "../../ir/types.js";
import { columnsOf } from "../bins.js";
import type { Learner, LearnOptions, HyperValues, TrainingSet } from "../learner.js";
import { makeRandom, sample } from "../random.js";
import { checkData, readHyper } from "../check.js";
import { isolationGraph } from "./ensemble.js";
import { exactExp, exactLog } from "../exact-math.js";
import { growTree, makeStore, type Splitter, type Tree } from "./grow.js";
import { partByValue, randomThreshold } from "./part.js";

/** Mean path length of an unsuccessful search among n samples. */
export const averagePath = (n: number): number => (n <= 1 ? 0 : n === 2 ? 1 : 2 * (exactLog(n - 1) + 0.5772156649015329) - (2 * (n - 1)) / n);

/** Splits anywhere: the first feature tried that is not constant, at a random threshold. The value of a node is its number of rows. */
function blindSplitter(columns: Float32Array, total: number, samples: number): Splitter {
  const best = { feature: -1, threshold: 0, code: 0, gain: 0 };
  let nodeRows: Int32Array = new Int32Array(0);
  let from = 0;
  let to = 0;
  return {
    width: 1, best, risk: 0,
    get weight() { return to - from; },
    enter: (rows, first, end) => {
      [nodeRows, from, to] = [rows, first, end];
      best.feature = -1;
      return end - first > 1;
    },
    search: (feature, random) => {
      let low = Infinity;
      let high = -Infinity;
      for (let i = from; i < to; i++) {
        const v = columns[feature * total + nodeRows[i]!]!;
        if (v < low) low = v;
        if (v > high) high = v;
      }
      if (low === high) return false;
      Object.assign(best, { feature, threshold: randomThreshold(low, high, random.unit()) });
      return true;
    },
    part: partByValue(columns, total, new Int32Array(samples)),
    writeValue: (out, at) => { out[at] = to - from; },
  };
}

/** Values become path lengths: depth of the leaf, and what its rows would need to be told apart. */
function withPaths(t: Tree): Tree {
  const depth = new Int32Array(t.count);
  const value = new Float64Array(t.count);
  for (let n = 0; n < t.count; n++) {
    value[n] = depth[n]! + averagePath(t.weight[n]!);
    if (t.feature[n]! < 0) continue;
    depth[t.left[n]!] = depth[n]! + 1;
    depth[t.right[n]!] = depth[n]! + 1;
  }
  return { ...t, value };
}

/** Normalised mean path of each training row. */
function pathsOf(trees: readonly Tree[], columns: Float32Array, rows: number, divide: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (const t of trees) {
      let n = 0;
      while (t.feature[n]! >= 0) n = columns[t.feature[n]! * rows + i]! <= t.threshold[n]! ? t.left[n]! : t.right[n]!;
      sum += t.value[n]!;
    }
    return sum / divide;
  });
}

/** Path below which a row is an anomaly: where a part of the training rows lies below, between ranks linearly. */
function quantile(values: Float64Array, part: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = part * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
}

const hyper = {
  trees: { default: 32, doc: "number of trees", values: [8, 16, 32, 64, 100] },
  samples: { default: 256, doc: "rows that each tree draws; trees are as deep as their logarithm", values: [32, 64, 128, 256] },
  contamination: { default: "auto", doc: "part of the training rows that are anomalies, up to 0.5; auto: where the score of the paper is 0.5", values: ["auto", 0.01, 0.02, 0.05, 0.1] },
} as const;

function learn(data: TrainingSet, values: HyperValues, options: LearnOptions): Graph {
  checkData(data, "anomaly");
  const h = readHyper("isolation-forest", hyper, values);
  const [count, samples, share] = [h.whole("trees", 1, 10_000), Math.min(data.rows, h.whole("samples", 2, 1e6)), h.word("contamination", ["auto"], [1e-9, 0.5])];
  const columns = columnsOf(data.x, data.rows, data.features.length);
  const seeds = makeRandom(options.seed);
  const limits = { depth: 32 - Math.clz32(samples - 1), maxLeaves: 0 };
  const store = makeStore(samples, 1, limits);
  const trees: Tree[] = [];
  for (let t = 0; t < count; t++) {
    options.signal?.throwIfAborted();
    const random = seeds.stream(t);
    const rows = sample(data.rows, samples, random);
    const splitter = blindSplitter(columns, data.rows, samples);
    trees.push(withPaths(growTree(splitter, rows, { ...limits, maxFeatures: 1, features: data.features.length, random }, store)));
    options.onProgress?.((t + 1) / count);
  }
  const divide = count * averagePath(samples);
  const at = typeof share === "string" ? 1 : quantile(pathsOf(trees, columns, data.rows, divide), share);
  // A row on the border is normal, as with scikit-learn: a hair below it.
  return isolationGraph("isolation-forest", data, trees, divide, at - 1e-12, -exactExp(-at * Math.LN2));
}

export const isolationForest: Learner = {
  name: "isolation-forest", title: "Isolation forest (anomalies)", tasks: ["anomaly"], hyper,
  learn: (data, _task, values, options) => learn(data, values, options),
};
