/** Nodes that no output needs are left out: what claims made and later nodes looked through. */
import type { Graph } from "../../ir/types.js";

export function prune(g: Graph): Graph {
  const needed = new Set([g.input, ...g.outputs.map((o) => o.tensor)]);
  const nodes = g.nodes.toReversed().filter((n) => {
    const used = n.outputs.some((t) => needed.has(t));
    if (used) for (const t of [...n.inputs, ...n.outputs]) needed.add(t);
    return used;
  }).toReversed();
  const index = new Map<number, number>();
  const tensors = g.tensors.filter((_, i) => needed.has(i) && index.set(i, index.size));
  const at = (t: number): number => index.get(t) ?? -1;
  return {
    ...g, tensors, input: at(g.input), nodes: nodes.map((n) => ({ ...n, inputs: n.inputs.map(at), outputs: n.outputs.map(at) })),
    outputs: g.outputs.map((o) => ({ ...o, tensor: at(o.tensor) })),
  };
}
