/** Which layers gain from 16-bit activations: the one that helps most, then the next, until the answers are the float network's. */
import type { Graph } from "../../ir/types.js";
import type { Plan } from "./build.js";
import type { Quality } from "./quality.js";
import type { RangeRule } from "./ranges.js";

/** One way of quantising, with what it gave. */
export interface Trial {
  readonly graph: Graph;
  /** What it was made of. */
  readonly float: Graph;
  readonly plan: Plan;
  readonly ranges: RangeRule;
  readonly pairs: number;
  readonly bias: boolean;
  readonly quality: Quality;
}

/** Enough: this part of the rows keeps its label, or this much signal to noise where nothing is classified. */
const SAME_LABELS = 0.995;
const CLEAN_LABELS = 25;
const CLEAN_VALUES = 40;
/** A layer that adds less than this is not worth its memory. */
const LEAST_GAIN = 0.3;

const enough = (graph: Graph, t: Trial): boolean =>
  graph.task === "classification" ? t.quality.agreement >= SAME_LABELS && t.quality.sqnr >= CLEAN_LABELS : t.quality.sqnr >= CLEAN_VALUES;

export function widest(graph: Graph, candidates: readonly string[], trialOf: (names: ReadonlySet<string>) => Trial): { readonly trial: Trial; readonly names: ReadonlySet<string> } {
  let names: ReadonlySet<string> = new Set();
  let trial = trialOf(names);
  while (!enough(graph, trial)) {
    const left = candidates.filter((c) => !names.has(c));
    const tried = left.map((c) => { const more = new Set([...names, c]); return { names: more, trial: trialOf(more) }; });
    const top = tried.reduce<{ names: ReadonlySet<string>; trial: Trial } | null>((a, b) => (a && a.trial.quality.sqnr >= b.trial.quality.sqnr ? a : b), null);
    if (!top || top.trial.quality.sqnr < trial.quality.sqnr + LEAST_GAIN) return { trial, names };
    ({ names, trial } = top);
  }
  return { trial, names };
}
