/** What passes ask of a node's operator; no pass tests its name. */
import type { AnyOp, FixedScales, QuantiseTrait } from "../../ir/op.js";
import type { AnyNode, Attrs, Graph, Tensor } from "../../ir/types.js";
import { findOp } from "../../ops/registry.js";

export const opOf = (n: AnyNode): AnyOp => findOp(n.op);
export const traitOf = (n: AnyNode): QuantiseTrait<Attrs> | undefined => opOf(n).traits.quantise;

const says = (f: boolean | ((attrs: Attrs) => boolean) | undefined, n: AnyNode): boolean => (typeof f === "function" ? f(n.attrs) : f === true);
export const sameScale = (n: AnyNode): boolean => says(traitOf(n)?.sameScale, n);
export const homogeneous = (n: AnyNode): boolean => says(traitOf(n)?.homogeneous, n);
export const fixedOutput = (n: AnyNode): FixedScales | undefined => traitOf(n)?.output?.(n.attrs);

/** Weights of a layer and the axes of their channels; null where it has none. */
export interface Weighted {
  readonly node: AnyNode;
  readonly x: number;
  readonly w: number;
  readonly b: number | undefined;
  readonly y: number;
  /** Axes of the weights. */
  readonly outputs: number;
  readonly inputs: number;
}

export function weightedOf(n: AnyNode): Weighted | null {
  const axes = traitOf(n)?.weights;
  const [x = 0, w = 0, b] = n.inputs;
  return axes ? { node: n, x, w, b, y: n.outputs[0] ?? 0, ...axes } : null;
}

export const tensorAt = (graph: Graph, t: number): Tensor => graph.tensors[t] as Tensor;

/** Real numbers that are to become integers. */
export const isReal = (t: Tensor | undefined): boolean => t?.dtype === "f32";

/** Layers whose activations may get 16 bits: those that move elements take the width they get. */
export const canBeWide = (n: AnyNode): boolean => {
  const trait = traitOf(n);
  return trait !== undefined && trait.bytesOnly !== true && trait.positions !== true && !sameScale(n) && opOf(n).traits.view !== true;
};
