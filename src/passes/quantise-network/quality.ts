/** How far an integer network's answers are from the float network's, on the same rows. */
import type { Graph } from "../../ir/types.js";
import { opOf, tensorAt } from "./layers.js";
import { tracer } from "./trace.js";

export interface Quality {
  /** Signal to noise of what is judged, in decibels. */
  readonly sqnr: number;
  /** Part of the rows with the same largest score; 1 where the network does not classify. */
  readonly agreement: number;
}

/** What is judged: the scores before they become a distribution, where all the differences still show. */
export function judged(graph: Graph): number {
  const scores = graph.outputs.find((o) => o.role === "scores")?.tensor ?? graph.input;
  const maker = graph.nodes.find((n) => n.outputs.includes(scores));
  return maker && opOf(maker).traits.distribution === true ? (maker.inputs[0] ?? scores) : scores;
}

export const decibels = (signal: number, noise: number): number => (signal <= 0 ? (noise > 0 ? -Infinity : Infinity) : noise <= 0 ? Infinity : 10 * Math.log10(signal / noise));

export const largest = (v: ArrayLike<number>): number => {
  let at = 0;
  for (let i = 1; i < v.length; i++) if ((v[i] as number) > (v[at] as number)) at = i;
  return at;
};

/** Judged values of a graph for every row. */
export function answersOf(graph: Graph, rows: readonly ArrayLike<number>[]): readonly Float64Array[] {
  const { run, reals } = tracer(graph);
  const at = judged(graph);
  return rows.map((row) => Float64Array.from(reals(run(row), at)));
}

/** Noise against the spread of the signal around its mean, so that a constant offset of all scores is no signal. */
export function compared(truth: readonly ArrayLike<number>[], got: readonly ArrayLike<number>[], classifies: boolean): Quality {
  const n = truth[0]?.length ?? 0;
  const mean = new Float64Array(n);
  for (const t of truth) for (let i = 0; i < n; i++) mean[i]! += (t[i] as number) / truth.length;
  let [signal, noise, equal] = [0, 0, 0];
  truth.forEach((t, r) => {
    const g = got[r] as ArrayLike<number>;
    for (let i = 0; i < n; i++) { signal += ((t[i] as number) - (mean[i] as number)) ** 2; noise += ((g[i] as number) - (t[i] as number)) ** 2; }
    if (!classifies || largest(t) === largest(g)) equal++;
  });
  return { sqnr: decibels(signal, noise), agreement: truth.length > 0 ? equal / truth.length : 1 };
}

export const classifies = (graph: Graph): boolean => graph.task === "classification" && tensorAt(graph, judged(graph)).shape.length > 0;
