/** Leaves out what no output needs: nodes, tensors, constants. Inputs and what has a state stay. */
import type { AnyNode, Graph } from "./types.js";

export function sweep(g: Graph): Graph {
  const inputs = [g.input, ...(g.moreInputs ?? [])];
  const needed = new Set([...inputs, ...g.outputs.map((o) => o.tensor)]);
  const nodes: AnyNode[] = [];
  for (const n of g.nodes.toReversed()) {
    const used = n.outputs.some((t) => needed.has(t)) || n.inputs.some((t) => g.tensors[t]?.state);
    if (!used) continue;
    for (const t of [...n.inputs, ...n.outputs]) needed.add(t);
    nodes.unshift(n);
  }
  const index = new Map<number, number>();
  const tensors = g.tensors.filter((_, i) => needed.has(i) && index.set(i, index.size));
  const at = (t: number): number => index.get(t) ?? -1;
  return {
    ...g, tensors, nodes: nodes.map((n) => ({ ...n, inputs: n.inputs.map(at), outputs: n.outputs.map(at) })),
    input: at(g.input), ...(g.moreInputs ? { moreInputs: g.moreInputs.map(at) } : {}), outputs: g.outputs.map((o) => ({ ...o, tensor: at(o.tensor) })),
  };
}
