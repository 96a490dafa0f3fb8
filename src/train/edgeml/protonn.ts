/** The learner `protonn`: sparse projection, prototypes and their votes, trained together within a budget of bytes (Gupta et al.: ICML 2017). */
import type { Graph } from "../../ir/types.js";
import { makeGraph } from "../graph.js";
import type { TrainingSet } from "../learner.js";
import { decide } from "../scale/decide.js";
import { prototypeForm } from "./budget.js";
import type { Fitted } from "./fit.js";
import { learnerOf, type Start } from "./prepare.js";
import { rawProjection, reachOf, sparseAttrs } from "./project.js";
import { protonnHead, type PrototypeShape } from "./protonn-head.js";

/** The range of the projected rows is centred, so that 8 bits cover it: distances do not change. */
function toGraph(s: Start, data: TrainingSet, t: PrototypeShape, f: Fitted): Graph {
  const p = rawProjection(f, s.scaling, new Float64Array(t.dims).fill(1));
  const { min, max } = reachOf(p, data.x, data.features.length);
  const middle = min.map((v, i) => (v + max[i]!) / 2);
  const places = t.prototypes * t.dims;
  const g = makeGraph({ learner: "protonn", task: "classification", featureNames: data.features, labels: s.classes.labels });
  const z = g.add("sparse_linear", sparseAttrs({ w: p.w, b: p.b.map((v, i) => v - middle[i]!) }, data.features.length, 8, s.bits), [g.x]);
  const y = g.add("protonn", { dims: t.dims, outputs: t.outputs, gamma: 1, b: f.head.slice(0, places).map((v, q) => v - middle[q % t.dims]!), w: f.head.slice(places) }, [z]);
  decide(g, y, s.classes, { one: "logistic_pair", many: "softmax" });
  g.note(`protonn: ${t.dims} dimensions, ${t.prototypes} prototypes, ${f.codes.filter((c) => c !== 0).length} weights of ${s.bits} bits in the projection`);
  return g.finish();
}

export const protonn = learnerOf<PrototypeShape>({
  name: "protonn",
  title: "ProtoNN",
  hyper: { prototypes: { default: 0, values: [0], doc: "number of prototypes; 0: as the budget suggests" } },
  stepPerRow: false,
  // The projection moves distances in all its rows at once: it learns at a slower pace than the prototypes.
  pace: 0.1,
  plan: (sizes, read) => {
    const { dims, prototypes, rest } = prototypeForm(sizes, { dims: read.whole("dims", 0, 256), prototypes: read.whole("prototypes", 0, 4096) });
    const shape = { dims, prototypes, outputs: sizes.outputs };
    return { shape, head: protonnHead(shape), rest };
  },
  toGraph,
});
