/** Constants that are equal in all but their name are stored once. */
import type { Graph, Tensor } from "../../ir/types.js";

const keyOf = (t: Tensor): string => `${t.dtype} ${t.shape.join()} ${JSON.stringify(t.quant ?? null)} ${t.data?.length} ${t.data?.[0]} ${t.data?.at(-1)}`;

export function mergeConstants(g: Graph): Graph {
  const seen = new Map<string, number[]>();
  const home = g.tensors.map((t, i) => {
    if (!t.data) return i;
    const alike = seen.get(keyOf(t)) ?? [];
    const same = alike.find((k) => g.tensors[k]?.data?.every((v, j) => Object.is(v, t.data?.[j])));
    if (same === undefined) seen.set(keyOf(t), [...alike, i]);
    return same ?? i;
  });
  return { ...g, nodes: g.nodes.map((n) => ({ ...n, inputs: n.inputs.map((t) => home[t] ?? t) })) };
}
