/** A network of one layer, made from an operator's case, and rows to run it on. */
import type { LayerCase } from "../../src/ir/op.js";
import { xorshift } from "../../src/ir/random.js";
import { count, elements, isInt, limits, makeArray, scaleAt, zeroAt, type Attrs, type Graph, type Tensor, type TypedArray } from "../../src/ir/types.js";
import { verifyGraph } from "../../src/ir/verify.js";
import type { Program } from "../../src/ir/op.js";
import { findOp, knownOps } from "../../src/ops/registry.js";
import { prepareNetwork } from "../../src/passes/quantise/network.js";

export interface LayerVariant {
  readonly title: string;
  readonly graph: Graph;
  readonly program: Program;
  /** What a row holds. */
  readonly inputs: readonly Tensor[];
  readonly tolerance: number;
  /** Real values that the output's integers can stand for. */
  readonly range: readonly [number, number];
}

export function layerVariant(op: string, c: LayerCase<Attrs>): LayerVariant {
  const tensors: Tensor[] = c.inputs.map((t, i) => ({ ...t, name: `x${i}` }));
  const [shape = [1]] = findOp(op).infer(c.attrs, tensors.map((t) => t.shape));
  const out: Tensor = { name: "y", dtype: c.output.dtype, shape, ...(c.output.quant ? { quant: c.output.quant } : {}) };
  const free = tensors.flatMap((t, i) => (t.data || t.state ? [] : [i]));
  const y = tensors.length;
  const graph: Graph = {
    name: "layer", task: "transform", labels: [], featureNames: [], tensors: [...tensors, out], source: `${op}: ${c.title}`, notes: [],
    nodes: [{ name: op, op, attrs: c.attrs, inputs: tensors.map((_, i) => i), outputs: [y] }],
    input: free[0] ?? 0, moreInputs: free.slice(1), outputs: [{ role: "scores", tensor: y }],
  };
  verifyGraph(graph, knownOps);
  const program = prepareNetwork(graph);
  const [lo, hi] = isInt(out.dtype) ? limits(out.dtype) : [-Infinity, Infinity];
  const at = (q: number): number => (out.quant ? scaleAt(out.quant, 0) * (q - zeroAt(out.quant, 0)) : q);
  return { title: `${op}: ${c.title}`, graph, program, inputs: free.map((i) => tensors[i] as Tensor), tolerance: c.tolerance, range: [at(lo), at(hi)] };
}

function filled(t: Tensor, value: (i: number) => number): TypedArray {
  const out = makeArray(t.dtype, elements(t));
  for (let i = 0; i < out.length; i++) out[i] = value(i);
  return out;
}

/** All smallest, all largest, all zero points, a ramp, then random over the whole range; the same on every machine. */
export function layerRows(v: LayerVariant, n = 40): readonly (readonly TypedArray[])[] {
  const random = xorshift(0x9e3779b9);
  const one = (t: Tensor, k: number): TypedArray => {
    const [lo, hi] = isInt(t.dtype) ? limits(t.dtype === "i32" ? "i16" : t.dtype) : [-4, 4];
    const span = hi - lo + (isInt(t.dtype) ? 1 : 0);
    const step = isInt(t.dtype) ? Math.floor : (x: number): number => Math.fround(x);
    const zero = t.quant ? zeroAt(t.quant, 0) : 0;
    if (k === 0) return filled(t, () => lo);
    if (k === 1) return filled(t, () => hi);
    if (k === 2) return filled(t, () => zero);
    if (k === 3) return filled(t, (i) => step(lo + (span * (i % count(t.shape))) / count(t.shape)));
    return filled(t, () => step(lo + random() * span));
  };
  return Array.from({ length: n }, (_, k) => v.inputs.map((t) => one(t, k)));
}

/** The bytes of one row: all arrays, one after the other. */
export const rowBytes = (arrays: readonly TypedArray[]): Uint8Array => new Uint8Array(Buffer.concat(arrays.map((a) => new Uint8Array(a.buffer, a.byteOffset, a.byteLength))));
