/** What the search may try: families by hyper-parameters, in an order that a seed fixes and a budget can cut anywhere. */
import { fail } from "../ir/diagnostics.js";
import type { Task } from "../ir/types.js";
import type { HyperValues, Learner } from "../train/learner.js";
import { makeRandom, shuffle, type Random } from "../train/random.js";

export interface Config {
  readonly family: string;
  readonly hyper: HyperValues;
}

/** The same configuration has the same text, whatever the order of its hyper-parameters. */
export const configKey = (c: Config): string => `${c.family} ${JSON.stringify(Object.entries(c.hyper).toSorted(([a], [b]) => (a < b ? -1 : 1)))}`;

/**
 * Families that learn fast and are often good on small chips, the best first: what a short budget sees. It changes the order
 * alone, never which configurations are tried; families that are not named follow by name.
 */
const early: readonly string[] = ["svm", "svr", "nu-svm", "logistic", "ridge", "forest", "lda", "knn", "isolation-forest", "linear-svm", "extra-trees", "boosting", "tree"];
const place = (l: Learner): number => (early.includes(l.name) ? early.indexOf(l.name) : early.length);

/** Learners for the task, those that are wanted. @throws CoincellError naming the families there are */
export function familiesFor(learners: readonly Learner[], task: Task, wanted: readonly string[] | null): readonly Learner[] {
  const able = learners.filter((l) => l.tasks.includes(task)).toSorted((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
  const names = able.map((l) => l.name).join(", ");
  if (able.length === 0) fail("fit/no-learner", task, "no learner is made for this task", "Supported: classification, regression and anomaly.");
  if (wanted === null) return able;
  return [...new Set(wanted)].map((name) => able.find((l) => l.name === name) ?? fail("cli/unknown-model", "--models", `"${name}" is no family for ${task}`, `Supported: ${names}.`));
}

/**
 * The same learner without values that can only fail or change nothing: more components than there are features; the share of
 * rows that an anomaly model calls strange, since the search chooses its threshold afterwards.
 */
export function forRows(l: Learner, features: number): Learner {
  const { components, contamination, maxFeatures } = l.hyper;
  return { ...l, hyper: {
    ...l.hyper,
    ...(components ? { components: { ...components, values: components.values.filter((v) => typeof v !== "number" || v <= features) } } : {}),
    // Between the root of the features and all of them: on few features that say much the best forests lie there.
    ...(maxFeatures && features >= 4 ? { maxFeatures: { ...maxFeatures, values: [...new Set([...maxFeatures.values, 0.5])] } } : {}),
    ...(contamination ? { contamination: { ...contamination, values: [contamination.default] } } : {}),
  } };
}

/** Values of a kernel machine that its kernel does not read. */
const unread: Readonly<Record<string, readonly string[]>> = { linear: ["gamma", "degree", "coef0"], rbf: ["degree", "coef0"] };
const isRead = (h: HyperValues, key: string): boolean => unread[String(h["kernel"])]?.includes(key) !== true;

/** All values, without those that change nothing: the same model is trained once, and a report lists what made it. */
function configOf(l: Learner, some: HyperValues): Config {
  const hyper = { ...defaultOf(l), ...some };
  return { family: l.name, hyper: Object.fromEntries(Object.entries(hyper).filter(([k]) => isRead(hyper, k))) };
}

const defaultOf = (l: Learner): HyperValues => Object.fromEntries(Object.entries(l.hyper).map(([k, h]) => [k, h.default]));

function draw(l: Learner, random: Random): HyperValues {
  return Object.fromEntries(Object.entries(l.hyper).map(([k, h]) => [k, h.values[random.below(h.values.length)] ?? h.default]));
}

/** Tried before the defaults of a family, which are made for large machines: linear machines keep a row a class (or pair), not the support vectors. */
const openings: Readonly<Record<string, readonly HyperValues[]>> = {
  svm: [{ kernel: "linear" }, { kernel: "linear", C: 10 }, { kernel: "linear", C: 10, scaling: "same" }, { kernel: "rbf", C: 10, gamma: 0.01 }],
  "nu-svm": [{ kernel: "linear", nu: 0.1 }, { kernel: "linear", nu: 0.05 }],
  // Deep trees with a class in each leaf share the few values of their leaves, so that as many of them fit as of shallow ones.
  "extra-trees": [{ trees: 32, depth: 12 }, { trees: 16, depth: 12, maxFeatures: 0.5 }],
  boosting: [{ rounds: 40, rate: 0.2, minLeaf: 20 }],
  svr: [{ kernel: "linear" }, { kernel: "linear", C: 10 }],
  "one-class-svm": [{ kernel: "rbf", nu: 0.05 }],
};

const isKnown = (l: Learner, h: HyperValues): boolean => Object.entries(h).every(([k, v]) => l.hyper[k]?.values.includes(v) === true);

/** Draws before giving up on finding a new one: small spaces run out. */
const PATIENCE = 60;

/** Openings and the default first, then seeded draws from the grid of the learner's own values, each at most once. */
function configsOf(l: Learner, count: number, random: Random): readonly Config[] {
  const found = new Map<string, Config>();
  const add = (hyper: HyperValues): boolean => {
    const c = configOf(l, hyper);
    const key = configKey(c);
    if (found.has(key)) return false;
    found.set(key, c);
    return true;
  };
  for (const h of openings[l.name] ?? []) if (found.size + 1 < count && isKnown(l, h)) add(h);
  add(defaultOf(l));
  for (let misses = 0; found.size < count && misses < PATIENCE;) if (!add(draw(l, random))) misses++;
  return [...found.values()];
}

/** Learners that go over the data in epochs take tens of times as long as the others: they get one try in so many. */
const SLOW = 4;
const isSlow = (l: Learner): boolean => Object.hasOwn(l.hyper, "epochs");

/** In which turn the try `i` of a family comes: the slow ones wait until the fast ones have had some. */
const turnOf = (l: Learner, i: number): number => (isSlow(l) ? SLOW * (i + 1) : i);

/** `count` configurations of each family, dealt in turns, so that a cut leaves some of all families. */
export function firstConfigs(families: readonly Learner[], count: number, seed: number): readonly Config[] {
  const random = makeRandom(seed);
  const all = families.flatMap((l, f) => configsOf(l, isSlow(l) ? Math.ceil(count / SLOW) : count, random.stream(f)).map((config, i) => ({ config, turn: turnOf(l, i), f })));
  return all.toSorted((a, b) => a.turn - b.turn || a.f - b.f).map((t) => t.config);
}

/** One step up or down in each hyper-parameter: where a good one is, a better one may be near. */
export function neighbours(c: Config, l: Learner): readonly Config[] {
  return Object.entries(l.hyper).filter(([k]) => isRead(c.hyper, k)).flatMap(([k, h]) => {
    const at = h.values.indexOf(c.hyper[k] ?? h.default);
    const near = at < 0 ? [] : typeof h.values[at] === "number" ? [at - 1, at + 1] : h.values.map((_, i) => i).filter((i) => i !== at);
    return near.flatMap((i) => { const v = h.values[i]; return v === undefined ? [] : [configOf(l, { ...c.hyper, [k]: v })]; });
  });
}

/** Neighbours of several, each once, none of those already known, in a seeded order; at most `count`. */
export function neighbourConfigs(of: readonly Config[], families: readonly Learner[], known: ReadonlySet<string>, count: number, seed: number): readonly Config[] {
  const found = new Map<string, Config>();
  for (const c of of) {
    const l = families.find((f) => f.name === c.family);
    for (const n of l ? neighbours(c, l) : []) if (!known.has(configKey(n))) found.set(configKey(n), n);
  }
  const list = [...found.values()];
  const order = shuffle(Int32Array.from(list, (_, i) => i), makeRandom(seed + 1));
  return Array.from(order.slice(0, count), (i) => list[i] as Config);
}
