/**
 * Channels that carry nothing are left out of integer networks: those that always hold one value (a filter of zeros, a rectifier that
 * never opens), whose share goes into the biases behind them, and those that nobody has weights for. All answers keep every bit.
 */
import { sweep } from "../../ir/sweep.js";
import { count, makeArray, type AnyNode, type Graph, type Quant, type Tensor } from "../../ir/types.js";
import { findOp } from "../../ops/registry.js";
import { rolesOf, type Role, type Weights } from "./dead-channels-roles.js";
import { foldsOf, removalOf, type Removal } from "./dead-channels-removal.js";
import { boundsOf } from "./dead-channels-values.js";

/** Places along an axis of `length` whose channel stays. */
const staying = (removed: Uint8Array, length: number): readonly number[] => Array.from({ length }, (_, i) => i).filter((i) => removed[i % removed.length] === 0);

function slicedQuant(q: Quant, t: Tensor, axis: number, kept: readonly number[]): Quant {
  const own = q.scale.length > 1 && (q.axis ?? t.shape.length - 1) === axis;
  const at = (list: readonly number[]): readonly number[] => (list.length > 1 ? kept.map((i) => list[i] as number) : list);
  return own ? { ...q, scale: at(q.scale), zero: at(q.zero) } : q;
}

/** A constant with only the given places along one axis. */
function sliced(t: Tensor, axis: number, kept: readonly number[]): Tensor {
  const [length, inner] = [t.shape[axis] as number, count(t.shape.slice(axis + 1))];
  if (kept.length === length || !t.data) return t;
  const { data } = t;
  const outer = count(t.shape.slice(0, axis));
  const out = makeArray(t.dtype, outer * kept.length * inner);
  for (let o = 0; o < outer; o++) kept.forEach((k, j) => out.set(data.subarray((o * length + k) * inner, (o * length + k + 1) * inner) as never, (o * kept.length + j) * inner));
  return { ...t, shape: t.shape.with(axis, kept.length), data: out, ...(t.quant ? { quant: slicedQuant(t.quant, t, axis, kept) } : {}) };
}

class Rewriter {
  readonly tensors: Tensor[];

  constructor(private readonly g: Graph, private readonly removal: Removal) {
    this.tensors = g.tensors.map((t, i) => {
      const gone = removal.removed[i] as Uint8Array;
      return gone.includes(1) ? { ...t, shape: t.shape.with(t.shape.length - 1, staying(gone, t.shape.at(-1) as number).length) } : t;
    });
  }

  private place(t: Tensor): number {
    return this.tensors.push(t) - 1;
  }

  private touched(t: number): boolean {
    return this.removal.removed[t]?.includes(1) === true;
  }

  private kept(t: number, length: number): readonly number[] {
    return staying(this.removal.removed[t] as Uint8Array, length);
  }

  /** Biases of the channels that stay, with what constants in front of the layer added to its sums. */
  private bias(n: AnyNode, k: number, weights: Weights, y: number): number | null {
    const rows = this.g.tensors[weights.w]?.shape[weights.outputs] as number;
    const old = weights.b === null ? null : (this.g.tensors[weights.b] as Tensor);
    const folds = foldsOf(this.removal, k);
    if (!old && !folds.some((v) => v !== 0)) return null;
    const data = Int32Array.from({ length: rows }, (_, o) => (old?.data?.[o] ?? 0) + (folds[o] ?? 0));
    const whole: Tensor = { ...(old ?? { name: `${n.name}/bias`, dtype: "i32" }), shape: [rows], data };
    return this.place(sliced(whole, 0, this.kept(y, rows)));
  }

  private layer(n: AnyNode, k: number, x: number, y: number, weights: Weights, mixes: boolean): AnyNode {
    const w = this.g.tensors[weights.w] as Tensor;
    const rows = sliced(w, weights.outputs, this.kept(y, w.shape[weights.outputs] as number));
    const all = mixes ? sliced(rows, weights.inputs, this.kept(x, w.shape[weights.inputs] as number)) : rows;
    const b = this.bias(n, k, weights, y);
    return { ...n, inputs: [x, this.place(all), ...(b === null ? [] : [b])] };
  }

  node(n: AnyNode, k: number, role: Role): AnyNode {
    if (role.kind === "fixed" || ![...n.inputs, ...n.outputs].some((t) => this.touched(t))) return n;
    if (role.kind === "mixed") return this.layer(n, k, role.x, role.y, role.weights, true);
    if (role.kind === "view") return { ...n, attrs: { ...n.attrs, shape: Int32Array.from(this.tensors[role.y]?.shape ?? []) } };
    if (role.weights) return this.layer(n, k, role.linked[0] as number, role.y, role.weights, false);
    return { ...n, inputs: n.inputs.map((t) => this.operand(t, role.y)) };
  }

  /** A constant operand of a node whose channels go one by one. */
  private operand(t: number, y: number): number {
    const c = this.g.tensors[t] as Tensor;
    const last = c.shape.at(-1) as number;
    return c.data && last > 1 ? this.place(sliced(c, c.shape.length - 1, this.kept(y, last))) : t;
  }

  /** @throws an ordinary Error where a node no longer fits its tensors: no model can cause that. */
  check(n: AnyNode): AnyNode {
    const [shape] = findOp(n.op).infer(n.attrs, n.inputs.map((t) => this.tensors[t]?.shape ?? []));
    const [y = -1] = n.outputs;
    if (this.touched(y) && shape?.join() !== this.tensors[y]?.shape.join()) throw new Error(`${n.name}: channels left out gave (${shape?.join()}), not (${this.tensors[y]?.shape.join()})`);
    return n;
  }
}

export interface Lean {
  readonly graph: Graph;
  /** Output channels of layers with weights that were left out, of all. */
  readonly removed: number;
  readonly channels: number;
}

export function withoutDeadChannels(g: Graph): Lean {
  const found = rolesOf(g);
  const removal = removalOf(g, found, boundsOf(g, found));
  const made = found.roles.flatMap((r) => (r.kind === "mixed" || (r.kind === "apart" && r.weights) ? [removal.removed[r.y] as Uint8Array] : []));
  const [removed, channels] = [made.reduce((s, r) => s + r.reduce((a, b) => a + b, 0), 0), made.reduce((s, r) => s + r.length, 0)];
  if (!removal.removed.some((r) => r.includes(1))) return { graph: g, removed, channels };
  const w = new Rewriter(g, removal);
  const nodes = g.nodes.map((n, k) => w.check(w.node(n, k, found.roles[k] as Role)));
  return { graph: sweep({ ...g, tensors: w.tensors, nodes }), removed, channels };
}
