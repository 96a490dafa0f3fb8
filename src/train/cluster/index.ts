/** k-means: groups of rows, or how far a row lies from all groups. */
import { fail } from "../../ir/diagnostics.js";
import { makeGraph, type GraphMaker } from "../graph.js";
import type { Learner } from "../learner.js";
import { makeRandom } from "../random.js";
import { tick } from "../scale/decide.js";
import { componentsHyper, makeFront, scalingHyper, type Front } from "../scale/front.js";
import { checkData, readHyper } from "../check.js";
import { kMeans, squaredDistance, type Clusters } from "./k-means.js";

const hyper = {
  clusters: { default: 8, values: [2, 4, 8, 16, 32], doc: "number of centres" },
  starts: { default: 4, values: [1, 4, 10], doc: "attempts, of which the best is kept" },
  contamination: { default: 0.02, values: [0.005, 0.01, 0.02, 0.05], doc: "anomaly: part of the training rows that lies beyond the border" },
  scaling: scalingHyper,
  components: componentsHyper,
} as const;

function clustering(g: GraphMaker, front: Front, found: Clusters, k: number): void {
  const y = g.add("gaussian", { rows: k, features: front.features, power: 2, pick: false, m: found.centres, r: new Float64Array(front.features).fill(1), b: new Float64Array(k) }, [front.add(g)]);
  g.output("label", g.add("argmax", { smallest: false }, [y]));
  g.output("scores", g.add("link", { kind: "distance" }, [y]));
}

/** Score: the border minus the squared distance to the nearest centre; below zero is an anomaly. */
function anomaly(g: GraphMaker, front: Front, found: Clusters, k: number, rows: number, contamination: number): void {
  const d = front.features;
  const distance = Float64Array.from({ length: rows }, (_, r) => squaredDistance(front.x, r, found.centres, found.of[r]! * d, d)).sort();
  // Midway between the last row inside and the first one outside; beyond the last row, a tenth more.
  const inside = Math.max(1, rows - Math.floor(contamination * rows));
  const at = inside < rows ? (distance[inside - 1]! + distance[inside]!) / 2 : distance[rows - 1]! * 1.1;
  // The operator's second output is the distance; its answer, a class of all centres, is not asked for.
  const nearest = 1 + g.add("neighbours", { rows: k, features: d, k: 1, power: 2, weighted: false, points: found.centres, kind: "classes", target: Float64Array.of(k) }, [front.add(g)]);
  const beyond = g.add("affine", { scale: Float64Array.of(1), offset: Float64Array.of(-at) }, [nearest]);
  g.output("label", g.add("threshold", { at: 0 }, [beyond]));
  g.output("scores", g.add("link", { kind: "negate" }, [beyond]));
}

const kmeans: Learner = {
  name: "kmeans",
  title: "k-means",
  tasks: ["clustering", "anomaly"],
  hyper,
  learn: (data, task, values, options) => {
    checkData(data, "anomaly");
    const h = readHyper("kmeans", hyper, values);
    const front = makeFront(data, h);
    const k = h.whole("clusters", 1, 65535);
    if (k > data.rows) fail("train/too-few-rows", "kmeans.clusters", `${k} clusters of ${data.rows} rows`, "Give at least as many rows as clusters.");
    tick(options, 0);
    const starts = h.whole("starts", 1, 1000);
    const found = kMeans({ x: front.x, rows: data.rows, features: front.features }, k, starts, makeRandom(options.seed), (s) => tick(options, s / starts));
    // The threshold says 1 beyond the border.
    const g = makeGraph({ learner: "kmeans", task, featureNames: data.features, labels: task === "anomaly" ? [1, -1] : Array.from({ length: k }, (_, i) => i) });
    if (task === "anomaly") anomaly(g, front, found, k, data.rows, h.number("contamination", 0, 0.5));
    else clustering(g, front, found, k);
    tick(options, 1);
    return g.finish();
  },
};

export const learners: readonly Learner[] = [kmeans];
