/** A graph while a pass writes it anew: tensors keep their index, new ones are added behind. */
import type { AnyNode, Graph, Tensor } from "../../ir/types.js";

export interface Draft {
  readonly tensors: Tensor[];
  readonly nodes: AnyNode[];
}

export const draft = (g: Graph): Draft => ({ tensors: [...g.tensors], nodes: [] });

export const tensorOf = (d: Draft, t: number): Tensor => d.tensors[t] as Tensor;

export const place = (d: Draft, t: Tensor): number => d.tensors.push(t) - 1;

/** How often each tensor is read, outputs of the graph included. */
export function uses(g: Graph): readonly number[] {
  const n = g.tensors.map(() => 0);
  const read = (t: number): void => { n[t] = (n[t] ?? 0) + 1; };
  for (const node of g.nodes) node.inputs.forEach(read);
  for (const o of g.outputs) read(o.tensor);
  return n;
}

/** The node that makes each tensor. */
export const makers = (nodes: readonly AnyNode[]): Map<number, AnyNode> => new Map(nodes.flatMap((n) => n.outputs.map((t) => [t, n] as const)));

export const isReal = (t: Tensor | undefined): boolean => t?.dtype === "f32";
