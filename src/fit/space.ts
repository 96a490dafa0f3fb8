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

/** Learners for the task, those that are wanted. @throws CoincellError naming the families there are */
export function familiesFor(learners: readonly Learner[], task: Task, wanted: readonly string[] | null): readonly Learner[] {
  const able = learners.filter((l) => l.tasks.includes(task)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const names = able.map((l) => l.name).join(", ");
  if (able.length === 0) fail("fit/no-learner", task, "no learner is made for this task", "Supported: classification and regression.");
  if (wanted === null) return able;
  return [...new Set(wanted)].map((name) => able.find((l) => l.name === name) ?? fail("cli/unknown-model", "--models", `"${name}" is no family for ${task}`, `Supported: ${names}.`));
}

const defaultOf = (l: Learner): HyperValues => Object.fromEntries(Object.entries(l.hyper).map(([k, h]) => [k, h.default]));

function draw(l: Learner, random: Random): HyperValues {
  return Object.fromEntries(Object.entries(l.hyper).map(([k, h]) => [k, h.values[random.below(h.values.length)] ?? h.default]));
}

/** Draws before giving up on finding a new one: small spaces run out. */
const PATIENCE = 60;

/** The default first, then seeded draws from the grid of the learner's own values, each at most once. */
function configsOf(l: Learner, count: number, random: Random): readonly Config[] {
  const found = new Map<string, Config>();
  const add = (hyper: HyperValues): boolean => {
    const c = { family: l.name, hyper };
    const key = configKey(c);
    if (found.has(key)) return false;
    found.set(key, c);
    return true;
  };
  add(defaultOf(l));
  for (let misses = 0; found.size < count && misses < PATIENCE;) if (!add(draw(l, random))) misses++;
  return [...found.values()];
}

/** Learners that go over the data in epochs take tens of times as long as the others: they get a share of the tries. */
const triesOf = (l: Learner, count: number): number => (Object.hasOwn(l.hyper, "epochs") ? Math.ceil(count / 4) : count);

/** `count` configurations of each family, dealt in turns, so that a cut leaves some of all families. */
export function firstConfigs(families: readonly Learner[], count: number, seed: number): readonly Config[] {
  const random = makeRandom(seed);
  const lists = families.map((l, i) => configsOf(l, triesOf(l, count), random.stream(i)));
  return Array.from({ length: Math.max(0, ...lists.map((l) => l.length)) }, (_, i) => lists.flatMap((l) => l[i] ?? [])).flat();
}

/** One step up or down in each hyper-parameter: where a good one is, a better one may be near. */
export function neighbours(c: Config, l: Learner): readonly Config[] {
  return Object.entries(l.hyper).flatMap(([k, h]) => {
    const at = h.values.indexOf(c.hyper[k] ?? h.default);
    const near = at < 0 ? [] : typeof h.values[at] === "number" ? [at - 1, at + 1] : h.values.map((_, i) => i).filter((i) => i !== at);
    return near.flatMap((i) => { const v = h.values[i]; return v === undefined ? [] : [{ family: c.family, hyper: { ...c.hyper, [k]: v } }]; });
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
