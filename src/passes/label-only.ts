/** When only the label is wanted, a lone tree becomes a tree of class indices. */
import type { AnyNode, Graph } from "../ir/types.js";
import { findOp } from "../ops/registry.js";

/** Nodes that `outputs` depend on, in order. */
export function reachable(nodes: readonly AnyNode[], wanted: readonly number[]): AnyNode[] {
  const needed = new Set(wanted);
  const kept: AnyNode[] = [];
  for (const n of [...nodes].reverse()) {
    if (!n.outputs.some((t) => needed.has(t))) continue;
    n.inputs.forEach((t) => needed.add(t));
    kept.unshift(n);
  }
  return kept;
}

/** The graph of the label alone, where that is shorter than scores and decision; else null. Its label is also its only score. */
export function labelOnly(graph: Graph): Graph | null {
  const label = graph.outputs.find((o) => o.role === "label");
  if (!label) return null;
  const nodes = reachable(graph.nodes, [label.tensor]);
  return mergeDecision({ ...graph, nodes, outputs: [label] });
}

function mergeDecision(graph: Graph): Graph | null {
  const decision = graph.nodes.at(-1);
  const producer = graph.nodes.at(-2);
  if (!decision || !producer || decision.inputs[0] !== producer.outputs[0]) return null;
  if (findOp(decision.op).traits.picksLargest?.(decision.attrs) !== true) return null;
  const form = findOp(producer.op).traits.labelForm?.(producer.attrs);
  if (!form) return null;
  const merged: AnyNode = { ...producer, op: form.op, attrs: form.attrs, outputs: decision.outputs };
  return { ...graph, nodes: [...graph.nodes.slice(0, -2), merged] };
}
