/** The learners by name, and the one call from data to a float graph. */
import { didYouMean } from "../ir/close.js";
import { fail } from "../ir/diagnostics.js";
import type { Graph, Task } from "../ir/types.js";
import { learners } from "./all.generated.js";
import type { HyperValues, Learner, LearnOptions, TrainingSet } from "./learner.js";

export { learners };
export type { Hyper, HyperValues, Learner, LearnOptions, TrainingSet } from "./learner.js";
export { evaluateAnswers, orientedScore, type Answers, type Truth } from "./evaluate.js";
export { rocOf } from "./metrics.js";
export { chooseTask, trainingSet, type TaskChoice } from "./training-set.js";

const names = (): readonly string[] => learners.map((l) => l.name);

/** @throws CoincellError train/unknown-model */
export function findLearner(name: string): Learner {
  return learners.find((l) => l.name === name) ?? fail("train/unknown-model", `model "${name.slice(0, 40)}"`, "there is no model of this name", `${didYouMean(name, names())}Models: ${names().join(", ")}.`);
}

/** Hyper-parameters from texts such as `depth=6`, checked against the learner's own table. */
export function parseHyper(learner: Learner, given: Readonly<Record<string, string | number>>): HyperValues {
  const known = Object.keys(learner.hyper);
  const name = (key: string): string => {
    const found = known.find((k) => k.toLowerCase() === key.toLowerCase());
    return found ?? fail("train/unknown-hyper", `${learner.name}.${key}`, `the model ${learner.name} has no option "${key}"`, `${didYouMean(key, known)}Options: ${known.map((k) => `${k} (${String(learner.hyper[k]?.default)})`).join(", ") || "none"}.`);
  };
  return Object.fromEntries(Object.entries(given).map(([key, v]) => [name(key), typeof v === "string" && v.trim() !== "" && Number.isFinite(Number(v)) ? Number(v) : v]));
}

/** The task a learner is asked for; its only one when none is named. @throws CoincellError train/wrong-task */
export function taskFor(learner: Learner, wanted: Task): Task {
  if (learner.tasks.includes(wanted)) return wanted;
  const others = learners.filter((l) => l.tasks.includes(wanted)).map((l) => l.name);
  return fail("train/wrong-task", learner.name, `${learner.name} does ${learner.tasks.join(", ")}, not ${wanted}`, others.length > 0 ? `For ${wanted}: ${others.join(", ")}.` : `Tasks: ${[...new Set(learners.flatMap((l) => l.tasks))].join(", ")}.`);
}

/**
 * Data to a float graph, deterministic for a seed.
 * @throws CoincellError where the data cannot be learnt from; AbortError when `options.signal` is aborted
 */
export const learn = (learner: Learner, data: TrainingSet, task: Task, hyper: HyperValues, options: LearnOptions): Graph =>
  learner.learn(data, taskFor(learner, task), hyper, options);
