/** An activation behind an operator that can apply it itself goes into it: in float32, and where both outputs have one scale. */
import type { AnyNode, Graph, Tensor } from "../../ir/types.js";
import { findOp } from "../../ops/registry.js";
import { makers, uses } from "./rebuild.js";

function sameFormat(a: Tensor | undefined, b: Tensor | undefined): boolean {
  if (!a || !b || a.dtype !== b.dtype) return false;
  if (!a.quant || !b.quant) return a.dtype === "f32";
  return a.quant.scale.join() === b.quant.scale.join() && a.quant.zero.join() === b.quant.zero.join();
}

/** What both bounds together are; only known activations can be fused. */
function together(before: string, after: string): string | null {
  if (before === "none" || before === after) return after;
  return [before, after].every((a) => a === "relu" || a === "relu6") ? "relu6" : null;
}

export function fuseActivations(g: Graph): Graph {
  const read = uses(g);
  const nodes: AnyNode[] = [];
  const made = makers([]);
  const add = (n: AnyNode): void => { nodes.push(n); for (const t of n.outputs) made.set(t, n); };
  for (const n of g.nodes) {
    const kind = findOp(n.op).traits.asActivation?.(n.attrs) ?? null;
    const [x = -1] = n.inputs;
    const maker = made.get(x);
    const fits = kind !== null && maker && findOp(maker.op).traits.fusesActivation === true && read[x] === 1 && sameFormat(g.tensors[x], g.tensors[n.outputs[0] ?? -1]);
    const activation = fits ? together(String(maker.attrs["activation"] ?? "none"), kind) : null;
    if (!fits || activation === null) { add(n); continue; }
    nodes.splice(nodes.indexOf(maker), 1);
    add({ ...maker, attrs: { ...maker.attrs, activation }, outputs: n.outputs });
  }
  return { ...g, nodes };
}
