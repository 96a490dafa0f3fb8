/** Bounds of what every channel of a network can hold, whatever the input; where both are one number, the channel is a constant. */
import { findOp } from "../../ops/registry.js";
import { stageOf, type LayerValues } from "../../ir/layer.js";
import { isInt, limits, makeArray, count, type AnyNode, type Graph, type Tensor } from "../../ir/types.js";
import { prepareNode } from "../quantise/network.js";
import type { Role, Roles, Weights } from "./dead-channels-roles.js";

export interface Bounds {
  readonly lo: Float64Array;
  readonly hi: Float64Array;
}

/** The one value of channel c, or null. */
export const constantOf = (b: Bounds | undefined, c: number): number | null => (b && b.lo[c] === b.hi[c] ? (b.lo[c] as number) : null);

/** Anything its type can hold. */
function anything(t: Tensor, period: number): Bounds {
  const [lo, hi] = isInt(t.dtype) ? limits(t.dtype) : [-Infinity, Infinity];
  return { lo: new Float64Array(period).fill(lo), hi: new Float64Array(period).fill(hi) };
}

/** Cells outside the image add nothing, so that a border makes sums of one window differ from those of another. */
export const hasBorder = (n: AnyNode): boolean => ["top", "left", "bottom", "right"].some((side) => (n.attrs[side] ?? 0) !== 0);

/** Calls `each` for every weight: its place, output channel, and place along the input axis (of layers that mix channels). */
export function eachWeight(shape: readonly number[], { outputs, inputs }: Weights, each: (i: number, out: number, column: number) => void): void {
  const [rows, columns] = [shape[outputs] as number, shape[inputs] as number];
  const [outStep, inStep] = [count(shape.slice(outputs + 1)), count(shape.slice(inputs + 1))];
  const n = count(shape);
  for (let i = 0; i < n; i++) each(i, Math.floor(i / outStep) % rows, Math.floor(i / inStep) % columns);
}

/** 32-bit sums wrap, also where the output stage shifts them up: only bounds within tell anything. */
export const MAX_SUM = 2 ** 31 - 1;

/** Bounds of layers with weights: smallest and largest sum of each channel, through the layer's own output stage. */
function summed(g: Graph, n: AnyNode, weights: Weights, channelOf: (out: number, column: number) => number, from: Bounds): Bounds {
  const [x, w, y] = [n.inputs[0], weights.w, n.outputs[0]].map((t) => g.tensors[t as number] as Tensor) as [Tensor, Tensor, Tensor];
  const p = prepareNode(n, findOp(n.op), g.tensors, "int").params as unknown as LayerValues;
  const out = anything(y, p.b.length);
  const [least, most] = [Float64Array.from(p.b), Float64Array.from(p.b)];
  const border = hasBorder(n);
  eachWeight(w.shape, weights, (i, o, column) => {
    const v = p.w[i] as number;
    if (v === 0) return;
    const c = channelOf(o, column);
    const [a, b] = [v * ((from.lo[c] as number) - p.zero_x), v * ((from.hi[c] as number) - p.zero_x)];
    least[o] = (least[o] as number) + Math.min(a, b, border ? 0 : a);
    most[o] = (most[o] as number) + Math.max(a, b, border ? 0 : a);
  });
  const stage = stageOf(makeArray(x.dtype, 0));
  least.forEach((s, o) => {
    const m = p.mult.length === 1 ? 0 : o;
    if (Math.max(-s, most[o] as number) * 2 ** Math.max(0, p.shift[m] as number) > MAX_SUM) return;
    const [a, b] = [stage(p, s, m), stage(p, most[o] as number, m)];
    out.lo[o] = Math.min(a, b);
    out.hi[o] = Math.max(a, b);
  });
  return out;
}

/** Channels whose operands are all constants: the node is run on them, and what comes out the same everywhere is a constant. */
function carried(g: Graph, n: AnyNode, role: Extract<Role, { kind: "apart" }>, bounds: readonly Bounds[], period: number): Bounds {
  const y = g.tensors[role.y] as Tensor;
  const out = anything(y, period);
  const known = Array.from({ length: period }, (_, c) => !role.loose && role.linked.every((t) => constantOf(bounds[t], c) !== null));
  if (!known.includes(true)) return out;
  const op = findOp(n.op);
  const inputs = n.inputs.map((t) => {
    const { dtype, shape, data } = g.tensors[t] as Tensor;
    return data ?? makeArray(dtype, count(shape)).map((_, i) => constantOf(bounds[t], i % period) ?? 0);
  });
  const made = makeArray(y.dtype, count(y.shape));
  op.int(prepareNode(n, op, g.tensors, "int").params, op.variadic ? inputs : inputs.slice(0, op.inputs.length), [made]);
  for (let c = 0; c < period; c++) {
    const v = made[c] as number;
    let same = known[c] === true;
    for (let i = c; same && i < made.length; i += period) same = made[i] === v;
    if (same) out.lo[c] = out.hi[c] = v;
  }
  return out;
}

/** Bounds of every tensor that is computed. */
export function boundsOf(g: Graph, { roles, periods }: Roles): readonly Bounds[] {
  const bounds = g.tensors.map((t, i) => anything(t, periods[i] as number));
  g.nodes.forEach((n, k) => {
    const role = roles[k] as Role;
    if (role.kind === "view") bounds[role.y] = bounds[role.x] as Bounds;
    if (role.kind === "mixed") bounds[role.y] = summed(g, n, role.weights, (_, column) => column % (periods[role.x] as number), bounds[role.x] as Bounds);
    if (role.kind !== "apart") return;
    const { weights, each, linked: [x = 0] } = role;
    bounds[role.y] = weights ? summed(g, n, weights, (o) => Math.floor(o / each), bounds[x] as Bounds) : carried(g, n, role, bounds, periods[role.y] as number);
  });
  return bounds;
}
