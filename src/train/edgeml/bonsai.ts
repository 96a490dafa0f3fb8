/** The learner `bonsai`: sparse projection and one shallow tree, trained together within a budget of bytes (Kumar, Goyal, Varma: ICML 2017). */
import type { Graph } from "../../ir/types.js";
import { makeGraph } from "../graph.js";
import type { TrainingSet } from "../learner.js";
import { decide } from "../scale/decide.js";
import { bonsaiHead, innerOf, nodesOf, type TreeShape } from "./bonsai-head.js";
import { treeForm } from "./budget.js";
import type { Fitted } from "./fit.js";
import { learnerOf, type Start } from "./prepare.js";
import { rawProjection, sparseAttrs } from "./project.js";

const SIGMA = 1;

/** Rows of the projection may have any scale: all are brought to whole codes, and the tree takes the scales back. */
function toGraph(s: Start, { features }: TrainingSet, t: TreeShape, f: Fitted): Graph {
  const gain = f.steps.map((step) => (step > 0 ? 1 / step : 1));
  const back = f.head.map((v, q) => v / gain[q % t.dims]!);
  const size = nodesOf(t) * t.outputs * t.dims;
  const g = makeGraph({ learner: "bonsai", task: "classification", featureNames: features, labels: s.classes.labels });
  const z = g.add("sparse_linear", sparseAttrs(rawProjection(f, s.scaling, gain), features.length, 16, s.bits), [g.x]);
  const y = g.add("bonsai", {
    dims: t.dims, outputs: t.outputs, depth: t.depth, sigma: t.sigma,
    w: back.slice(0, size), v: back.slice(size, 2 * size), theta: back.slice(2 * size, 2 * size + innerOf(t) * t.dims),
  }, [z]);
  decide(g, y, s.classes, { one: "logistic_pair", many: "softmax" });
  g.note(`bonsai: ${t.dims} dimensions, depth ${t.depth}, ${f.codes.filter((c) => c !== 0).length} weights of ${s.bits} bits in the projection`);
  return g.finish();
}

export const bonsai = learnerOf<TreeShape>({
  name: "bonsai",
  title: "Bonsai",
  hyper: { depth: { default: -1, values: [-1], doc: "depth of the tree, 0 to 8; -1: as the budget suggests" } },
  stepPerRow: true,
  pace: 1,
  plan: (sizes, read) => {
    const { dims, depth, rest } = treeForm(sizes, { dims: read.whole("dims", 0, 256), depth: read.whole("depth", -1, 8) });
    const shape = { dims, depth, outputs: sizes.outputs, sigma: SIGMA };
    return { shape, head: bonsaiHead(shape), rest };
  },
  toGraph,
});
