/** Runs a graph in double precision: the meaning every integer program is measured against. */
import type { HostChain } from "../ir/op.js";
import type { AnyNode, Graph } from "../ir/types.js";
import { findOp } from "../ops/registry.js";

/** Values of all tensors for one row of inputs. */
export function evaluateAll(graph: Graph, row: ArrayLike<number>): readonly Float64Array[] {
  const values: Float64Array[] = graph.tensors.map(() => new Float64Array(0));
  values[graph.input] = Float64Array.from(row);
  for (const n of graph.nodes) runNode(n, values);
  return values;
}

function runNode(n: AnyNode, values: Float64Array[]): void {
  const ys = findOp(n.op).float(n.attrs, n.inputs.map((i) => values[i] ?? new Float64Array(0)));
  n.outputs.forEach((t, i) => { values[t] = ys[i] ?? new Float64Array(0); });
}

export interface Answer {
  /** Index into the graph's labels; -1 where the task has no label. */
  readonly label: number;
  readonly scores: Float64Array;
}

export function evaluate(graph: Graph, row: ArrayLike<number>): Answer {
  const values = evaluateAll(graph, row);
  const of = (role: string): Float64Array | undefined => values[graph.outputs.find((o) => o.role === role)?.tensor ?? -1];
  return { label: of("label")?.[0] ?? -1, scores: of("scores") ?? new Float64Array(0) };
}

export const runHostChain = (chain: HostChain, scores: Float64Array): Float64Array =>
  chain.reduce((x, n) => findOp(n.op).float(n.attrs, [x])[0] ?? x, scores);
