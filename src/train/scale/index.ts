/** Principal components as a model of its own: what it gives are the coordinates. */
import { makeGraph } from "../graph.js";
import type { Learner } from "../learner.js";
import { checkData, readHyper } from "../check.js";
import { tick } from "./decide.js";
import { componentsHyper, makeFront, scalingHyper } from "./front.js";

const hyper = { components: { ...componentsHyper, default: 2, values: [1, 2, 4, 8, 16] }, scaling: scalingHyper } as const;

const pca: Learner = {
  name: "pca",
  title: "Principal components",
  tasks: ["transform"],
  hyper,
  learn: (data, task, values, options) => {
    checkData(data, "anomaly");
    tick(options, 0);
    const front = makeFront(data, readHyper("pca", hyper, values));
    const g = makeGraph({ learner: "pca", task, featureNames: data.features, labels: [] });
    g.output("scores", front.add(g));
    tick(options, 1);
    return g.finish();
  },
};

export const learners: readonly Learner[] = [pca];
