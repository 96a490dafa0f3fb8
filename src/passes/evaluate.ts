/** Runs a graph in double precision: the meaning every integer program is measured against. */
import type { HostChain } from "../ir/op.js";
import { elements, scaleAt, zeroAt, type AnyNode, type Graph, type Tensor } from "../ir/types.js";
import { findOp } from "../ops/registry.js";

/** Real values of a constant. `scale` runs along `quant.axis`, else along the last axis. */
export function realsOf(t: Tensor): Float64Array {
  const { data, quant, shape } = t;
  if (!data) return new Float64Array(elements(t));
  if (!quant) return Float64Array.from(data);
  const axis = quant.axis ?? shape.length - 1;
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const size = shape[axis] ?? 1;
  return Float64Array.from(data, (q, i) => { const c = Math.floor(i / inner) % size; return scaleAt(quant, c) * (q - zeroAt(quant, c)); });
}

const constants = new WeakMap<Graph, ReadonlyMap<number, Float64Array>>();

function constantsOf(graph: Graph): ReadonlyMap<number, Float64Array> {
  const known = constants.get(graph) ?? new Map(graph.tensors.flatMap((t, i) => (t.data ? [[i, realsOf(t)] as const] : [])));
  constants.set(graph, known);
  return known;
}

/** All inputs of a graph, in order. */
export const inputsOf = (graph: Graph): readonly number[] => [graph.input, ...(graph.moreInputs ?? [])];

/** A row holds all inputs one after the other. */
function spreadRow(graph: Graph, row: ArrayLike<number>, values: Float64Array[]): void {
  const all = Float64Array.from(row);
  let at = 0;
  for (const t of inputsOf(graph)) {
    const n = elements(graph.tensors[t]);
    values[t] = all.subarray(at, at += n);
  }
}

/** Evaluates row after row; tensors with state keep theirs. */
function session(graph: Graph): (row: ArrayLike<number>) => readonly Float64Array[] {
  const fixed = constantsOf(graph);
  const states = new Map(graph.tensors.flatMap((t, i) => (t.state ? [[i, t.start ? realsOf({ ...t, data: t.start }) : new Float64Array(elements(t))] as const] : [])));
  return (row) => {
    const values = graph.tensors.map((_, i) => fixed.get(i) ?? states.get(i) ?? new Float64Array(0));
    spreadRow(graph, row, values);
    for (const n of graph.nodes) runNode(graph, n, values);
    return values;
  };
}

/** Values of all tensors for one row of inputs. */
export const evaluateAll = (graph: Graph, row: ArrayLike<number>): readonly Float64Array[] => session(graph)(row);

function runNode(graph: Graph, n: AnyNode, values: Float64Array[]): void {
  const io = { inputs: n.inputs.map((t) => graph.tensors[t] as Tensor), outputs: n.outputs.map((t) => graph.tensors[t] as Tensor) };
  const ys = findOp(n.op).float(n.attrs, n.inputs.map((i) => values[i] ?? new Float64Array(0)), io);
  n.outputs.forEach((t, i) => { values[t] = ys[i] ?? new Float64Array(0); });
}

export interface Answer {
  /** Index into the graph's labels; -1 where the task has no label. */
  readonly label: number;
  readonly scores: Float64Array;
}

/** Answers row after row; what has a state (streaming networks) keeps it. */
export function evaluator(graph: Graph): (row: ArrayLike<number>) => Answer {
  const run = session(graph);
  const tensorOf = (role: string): number => graph.outputs.find((o) => o.role === role)?.tensor ?? -1;
  const [label, scores] = [tensorOf("label"), tensorOf("scores")];
  return (row) => {
    const values = run(row);
    return { label: values[label]?.[0] ?? -1, scores: values[scores] ?? new Float64Array(0) };
  };
}

export const evaluate = (graph: Graph, row: ArrayLike<number>): Answer => evaluator(graph)(row);

export const runHostChain = (chain: HostChain, scores: Float64Array): Float64Array =>
  chain.reduce((x, n) => findOp(n.op).float(n.attrs, [x])[0] ?? x, scores);
