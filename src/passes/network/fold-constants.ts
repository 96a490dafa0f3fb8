/** Nodes whose operands are all constants become constants. */
import { foldNode } from "../../ir/fold.js";
import type { Graph, Tensor } from "../../ir/types.js";
import { findOp } from "../../ops/registry.js";

export function foldConstants(g: Graph): Graph {
  const tensors = [...g.tensors];
  const outputs = new Set(g.outputs.map((o) => o.tensor));
  const nodes = g.nodes.filter((n) => {
    const [y = -1] = n.outputs;
    // What the network answers with must be made by a node.
    const data = outputs.has(y) || n.outputs.length !== 1 ? null : foldNode(findOp(n.op), n.attrs, n.inputs.map((t) => tensors[t] as Tensor), tensors[y] as Tensor);
    if (data) tensors[y] = { ...(tensors[y] as Tensor), data };
    return data === null;
  });
  return { ...g, tensors, nodes };
}
