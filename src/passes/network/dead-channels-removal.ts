/**
 * Which channels can go: all at first, then fewer and fewer until every node agrees. A layer that mixes channels can do without those
 * it has no weights for, and without constants that its bias can hold; all other nodes lose a channel of every tensor, or of none.
 */
import type { AnyNode, Graph, Tensor } from "../../ir/types.js";
import { constantOf, eachWeight, hasBorder, MAX_SUM, type Bounds } from "./dead-channels-values.js";
import type { Role, Roles, Weights } from "./dead-channels-roles.js";

/** By tensor and channel: 1 where it goes. */
export type Removed = readonly Uint8Array[];

/** One weight scale for each channel must not become one for all, which some layers round otherwise. */
const LEAST = 2;

/** A layer that mixes channels, as the search sees it. */
interface Mixer {
  readonly x: number;
  readonly y: number;
  /** What channel c of x adds to every sum of output o while it is a constant: folds[o * period + c]. */
  readonly folds: Float64Array;
  /** 1 where output o has a weight for channel c. */
  readonly weighs: Uint8Array;
  /** By channel of x: its value can go into the biases. */
  readonly foldable: readonly boolean[];
}

/** The zero point of the input is subtracted from all that a layer reads. */
export const zeroOf = (t: Tensor | undefined): number => t?.quant?.zero[0] ?? 0;

function mixerOf(g: Graph, n: AnyNode, x: number, y: number, weights: Weights, bounds: Bounds, period: number): Mixer {
  const w = g.tensors[weights.w] as Tensor;
  const zero = zeroOf(g.tensors[x]);
  const rows = w.shape[weights.outputs] as number;
  const [folds, weighs] = [new Float64Array(rows * period), new Uint8Array(rows * period)];
  eachWeight(w.shape, weights, (i, o, column) => {
    const [v, at] = [w.data?.[i] as number, o * period + (column % period)];
    if (v === 0) return;
    weighs[at] = 1;
    folds[at] = (folds[at] as number) + v * ((constantOf(bounds, column % period) ?? zero) - zero);
  });
  const biases = weights.b === null ? null : g.tensors[weights.b]?.data;
  const fits = Array.from({ length: rows }, (_, o) => folds.subarray(o * period, (o + 1) * period).reduce((s, v) => s + Math.abs(v), Math.abs(biases?.[o] ?? 0))).every((s) => s <= MAX_SUM);
  const foldable = Array.from({ length: period }, (_, c) => { const v = constantOf(bounds, c); return v !== null && (v === zero || (fits && !hasBorder(n))); });
  return { x, y, folds, weighs, foldable };
}

class Search {
  readonly removed: Uint8Array[];
  private changed = true;

  constructor(g: Graph, private readonly roles: readonly Role[], periods: readonly number[], private readonly mixers: ReadonlyMap<number, Mixer>) {
    const free = new Set(g.nodes.flatMap((n, k) => (roles[k]?.kind === "fixed" ? [] : n.outputs)));
    for (const o of g.outputs) free.delete(o.tensor);
    this.removed = g.tensors.map((_, t) => new Uint8Array(periods[t] as number).fill(free.has(t) ? 1 : 0));
    // What anyone reads in a way that is not understood stays whole.
    g.nodes.forEach((n, k) => { if (roles[k]?.kind === "fixed") for (const t of n.inputs) this.removed[t]?.fill(0); });
  }

  private keep(t: number, c: number): void {
    const r = this.removed[t] as Uint8Array;
    if (r[c] === 1) { r[c] = 0; this.changed = true; }
  }

  private mix(m: Mixer): void {
    const [x, y] = [this.removed[m.x] as Uint8Array, this.removed[m.y] as Uint8Array];
    x.forEach((gone, c) => {
      if (gone === 0 || m.foldable[c] === true) return;
      if (y.some((dead, o) => dead === 0 && m.weighs[o * x.length + c] === 1)) this.keep(m.x, c);
    });
  }

  /** Channels of `linked` and the `each` channels of y that are made of them go together. */
  private together(linked: readonly number[], y: number, each: number): void {
    const made = this.removed[y] as Uint8Array;
    for (let c = 0; c * each < made.length; c++) {
      if (linked.every((t) => this.removed[t]?.[c] === 1) && made.subarray(c * each, (c + 1) * each).every((v) => v === 1)) continue;
      for (const t of linked) this.keep(t, c);
      for (let j = 0; j < each; j++) this.keep(y, c * each + j);
    }
  }

  private settle(): void {
    while (this.changed) {
      this.changed = false;
      this.roles.forEach((role, k) => {
        const m = this.mixers.get(k);
        if (m) this.mix(m);
        else if (role.kind === "view") this.together([role.x], role.y, 1);
        else if (role.kind === "apart") this.together(role.linked, role.y, role.each);
      });
    }
  }

  run(): Removed {
    for (this.changed = true; this.changed;) {
      this.settle();
      this.removed.forEach((r, t) => {
        const left = r.length - r.reduce((s, v) => s + v, 0);
        if (left < r.length) for (let c = 0, more = LEAST - left; c < r.length && more > 0; c++) if (r[c] === 1) { this.keep(t, c); more--; }
      });
    }
    return this.removed;
  }
}

export interface Removal {
  readonly removed: Removed;
  readonly mixers: ReadonlyMap<number, Mixer>;
}

export function removalOf(g: Graph, { roles, periods }: Roles, bounds: readonly Bounds[]): Removal {
  const mixers = new Map(roles.flatMap((role, k) => (role.kind !== "mixed" ? [] : [[k, mixerOf(g, g.nodes[k] as AnyNode, role.x, role.y, role.weights, bounds[role.x] as Bounds, periods[role.x] as number)] as const])));
  return { removed: new Search(g, roles, periods, mixers).run(), mixers };
}

/** What removed constants add to the biases of layer `k`. */
export function foldsOf({ mixers, removed }: Removal, k: number): Float64Array {
  const m = mixers.get(k);
  if (!m) return new Float64Array(0);
  const gone = removed[m.x] as Uint8Array;
  return Float64Array.from({ length: m.folds.length / gone.length }, (_, o) => gone.reduce((s, dead, c) => s + (dead === 1 ? (m.folds[o * gone.length + c] as number) : 0), 0));
}
