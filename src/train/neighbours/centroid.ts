/** Nearest centroid: one mean per class, the smallest model there is. */
import { momentsOf } from "../bayes/naive-bayes.js";
import { makeGraph } from "../graph.js";
import type { Learner } from "../learner.js";
import { classesOf } from "../scale/classes.js";
import { decide, tick } from "../scale/decide.js";
import { componentsHyper, makeFront, scalingHyper } from "../scale/front.js";
import { checkData, readHyper } from "../check.js";

const hyper = { scaling: scalingHyper, components: componentsHyper } as const;

export const centroid: Learner = {
  name: "centroid",
  title: "Nearest centroid",
  tasks: ["classification"],
  hyper,
  learn: (data, task, values, options) => {
    checkData(data, task);
    const h = readHyper("centroid", hyper, values);
    tick(options, 0);
    const classes = classesOf(data);
    const front = makeFront(data, h);
    const [k, d] = [classes.labels.length, front.features];
    const g = makeGraph({ learner: "centroid", task, featureNames: data.features, labels: classes.labels });
    const z = g.add("gaussian", { rows: k, features: d, power: 2, pick: false, m: momentsOf(front.x, d, classes).mean, r: new Float64Array(d).fill(1), b: new Float64Array(k) }, [front.add(g)]);
    decide(g, z, classes, { one: "", many: "softmax" });
    tick(options, 1);
    return g.finish();
  },
};
