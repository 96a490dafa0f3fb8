/** Support vector machines: classification by pairs, one class, regression. */
import type { Task } from "../../ir/types.js";
import { makeGraph } from "../graph.js";
import type { Hyper, HyperValues, Learner, LearnOptions, TrainingSet } from "../learner.js";
import { classesOf, gather, sortedByClass } from "../scale/classes.js";
import { noteAbsent, tick } from "../scale/decide.js";
import { componentsHyper, makeFront, scalingHyper } from "../scale/front.js";
import { checkData, readHyper, type HyperReader } from "../check.js";
import type { Kernel } from "./kernels.js";
import { addMachine, type Decision } from "./machine.js";
import { trainPairs, type Softness } from "./pairs.js";
import { trainOneClass, trainTube } from "./single.js";

const kernelHyper = {
  kernel: { default: "rbf", values: ["linear", "poly", "rbf"], doc: "linear, poly: (gamma x.z + coef0)^degree, rbf: exp(-gamma |x - z|^2)" },
  gamma: { default: "scale", values: ["scale", 0.01, 0.03, 0.1, 0.3], doc: "a number, or scale: 1 / (features * variance of all inputs)" },
  degree: { default: 3, values: [2, 3, 4], doc: "degree of the kernel poly" },
  coef0: { default: 0, values: [0, 1], doc: "constant of the kernel poly" },
  scaling: scalingHyper,
  components: componentsHyper,
} as const;

const costHyper: Hyper = { default: 1, values: [0.1, 1, 10, 100], doc: "price of a row on the wrong side; larger fits the training rows closer" };
const nuHyper = (share: number): Hyper => ({ default: share, values: [0.01, 0.05, 0.1, 0.2, 0.5], doc: "upper bound on the share of rows on the wrong side, lower bound on that of support vectors" });

function kernelOf(h: HyperReader, x: Float64Array, features: number): Kernel {
  const gamma = h.word("gamma", ["scale"], [1e-12, 1e12]);
  const mean = x.reduce((s, v) => s + v, 0) / x.length;
  const variance = x.reduce((s, v) => s + (v - mean) ** 2, 0) / x.length;
  const kind = h.word("kernel", ["linear", "poly", "rbf"]) as Kernel["kind"];
  return { kind, gamma: typeof gamma === "number" ? gamma : 1 / (features * variance), degree: h.whole("degree", 1, 16), coef0: h.number("coef0", -1e6, 1e6) };
}

const negated = (d: Decision): Decision => ({ ...d, beta: d.beta.map((v) => -v), b: -d.b });

/** Rows in the order of their classes, a decision per pair, the vote. */
function classify(name: string, data: TrainingSet, task: Task, h: HyperReader, soft: Softness, options: LearnOptions): ReturnType<Learner["learn"]> {
  const classes = classesOf(data);
  const front = makeFront(data, h);
  tick(options, 0);
  const order = sortedByClass(classes);
  const x = gather(front.x, front.features, order);
  const k = classes.labels.length;
  const starts = new Int32Array(k + 1);
  classes.counts.forEach((n, c) => { starts[c + 1] = starts[c]! + n; });
  const kernel = kernelOf(h, x, front.features);
  const found = trainPairs(x, front.features, starts, kernel, soft, options);
  // Two classes: above zero is the second one, as scikit-learn prints it.
  const decisions = k === 2 ? found.map(negated) : found;
  const g = makeGraph({ learner: name, task, featureNames: data.features, labels: classes.labels });
  const z = addMachine(g, front, kernel, x, decisions, (row) => classes.y[order[row]!]!, k === 2 ? 1 : k);
  g.output("label", k === 2 ? g.add("threshold", { at: 0 }, [z]) : g.add("ovo_vote", { classes: k }, [z]));
  g.output("scores", k === 2 ? z : g.add("ovo_scores", { classes: k }, [z]));
  noteAbsent(g, classes);
  return g.finish();
}

function classifier(name: string, title: string, soft: Hyper, key: "C" | "nu"): Learner {
  const hyper = { [key]: soft, ...kernelHyper };
  return {
    name, title, hyper, tasks: ["classification"],
    learn: (data: TrainingSet, task: Task, values: HyperValues, options: LearnOptions) => {
      checkData(data, task);
      const h = readHyper(name, hyper, values);
      return classify(name, data, task, h, key === "C" ? { c: h.number("C", 1e-9, 1e9) } : { nu: h.number("nu", 1e-6, 1) }, options);
    },
  };
}

const oneClassHyper = { nu: nuHyper(0.05), ...kernelHyper };

const oneClass: Learner = {
  name: "one-class-svm",
  title: "One-class support vector machine",
  tasks: ["anomaly"],
  hyper: oneClassHyper,
  learn: (data, task, values, options) => {
    checkData(data, "anomaly");
    const h = readHyper("one-class-svm", oneClassHyper, values);
    const front = makeFront(data, h);
    tick(options, 0);
    const kernel = kernelOf(h, front.x, front.features);
    const decision = trainOneClass(front.x, data.rows, front.features, kernel, h.number("nu", 1e-6, 1), options);
    const g = makeGraph({ learner: "one-class-svm", task, featureNames: data.features, labels: [-1, 1] });
    const z = addMachine(g, front, kernel, front.x, [decision], () => 0, 1);
    g.output("label", g.add("threshold", { at: 0 }, [z]));
    g.output("scores", z);
    tick(options, 1);
    return g.finish();
  },
};

const tubeHyper = {
  C: costHyper,
  epsilon: { default: 0.1, values: [0.01, 0.03, 0.1, 0.3], doc: "half width of the tube in which an error costs nothing, in standard deviations of the target; wider needs fewer vectors" },
  ...kernelHyper,
} as const;

const regressor: Learner = {
  name: "svr",
  title: "Support vector regression",
  tasks: ["regression"],
  hyper: tubeHyper,
  learn: (data, task, values, options) => {
    checkData(data, task);
    const h = readHyper("svr", tubeHyper, values);
    const front = makeFront(data, h);
    tick(options, 0);
    const target = data.y ?? new Float64Array(0);
    const mean = target.reduce((s, v) => s + v, 0) / data.rows;
    const spread = Math.sqrt(target.reduce((s, v) => s + (v - mean) ** 2, 0) / data.rows);
    const kernel = kernelOf(h, front.x, front.features);
    const d = trainTube(front.x, target.map((v) => (v - mean) / spread), front.features, kernel, h.number("C", 1e-9, 1e9), h.number("epsilon", 0, 100), options);
    const g = makeGraph({ learner: "svr", task, featureNames: data.features, labels: [] });
    g.output("scores", addMachine(g, front, kernel, front.x, [{ ...d, beta: d.beta.map((v) => v * spread), b: d.b * spread + mean }], () => 0, 1));
    tick(options, 1);
    return g.finish();
  },
};

export const learners: readonly Learner[] = [
  classifier("svm", "Support vector machine", costHyper, "C"),
  classifier("nu-svm", "Support vector machine by share of errors (nu)", nuHyper(0.2), "nu"),
  oneClass, regressor,
];
