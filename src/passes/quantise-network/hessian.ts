/**
 * How the inputs of a layer's weights vary together on typical rows: rounding one weight can then be made up for by those that see the
 * same things. Means are taken out, because the bias makes up for them.
 */
import type { Taps } from "../../ir/op.js";
import type { AnyNode, Graph, Tensor } from "../../ir/types.js";
import { isReal, tensorAt, traitOf, weightedOf, type Weighted } from "./layers.js";

/** Of one group of outputs: covariance (depth x depth, row by row) and mean of what its weights meet. */
export interface Moments {
  readonly covariance: Float64Array;
  readonly mean: Float64Array;
  /** Where those inputs are already rounded: how the exact ones (rows) vary with them (columns), and the mean of the exact ones. */
  readonly exact?: { readonly cross: Float64Array; readonly mean: Float64Array };
}

/** A layer whose weights may have less than 8 bits. */
export interface Narrowable extends Weighted {
  readonly taps: Taps;
  readonly channels: number;
}

export function narrowablesOf(graph: Graph): readonly Narrowable[] {
  return graph.nodes.flatMap((n: AnyNode): readonly Narrowable[] => {
    const layer = weightedOf(n);
    if (!layer) return [];
    const [x, w, y] = [layer.x, layer.w, layer.y].map((t) => tensorAt(graph, t)) as [Tensor, Tensor, Tensor];
    const taps = w.data && isReal(x) && !x.data ? traitOf(n)?.taps?.(n.attrs, { inputs: [x, w], outputs: [y] }) : null;
    return taps ? [{ ...layer, taps, channels: w.shape[layer.outputs] ?? 1 }] : [];
  });
}

/** `into[i, j] += a[i] * b[j]`, from the diagonal on where `upper` is set. */
function addProducts(into: Float64Array, a: Float64Array, b: Float64Array, upper: boolean): void {
  const n = a.length;
  for (let i = 0; i < n; i++) {
    const v = a[i] as number;
    if (v === 0) continue;
    for (let j = upper ? i : 0, at = i * n + j; j < n; j++, at++) into[at] = (into[at] as number) + v * (b[j] as number);
  }
}

const addTo = (sum: Float64Array, v: Float64Array): void => { for (let i = 0; i < v.length; i++) sum[i] = (sum[i] as number) + (v[i] as number); };

class Sums {
  private readonly products: Float64Array;
  private readonly sums: Float64Array;
  private readonly cross: Float64Array | null;
  private readonly exact: Float64Array;
  private count = 0;

  constructor(private readonly n: number, pairs: boolean) {
    this.products = new Float64Array(n * n);
    this.sums = new Float64Array(n);
    this.cross = pairs ? new Float64Array(n * n) : null;
    this.exact = new Float64Array(n);
  }

  add(v: Float64Array, exact: Float64Array | null): void {
    this.count++;
    addTo(this.sums, v);
    addProducts(this.products, v, v, true);
    if (!this.cross || !exact) return;
    addTo(this.exact, exact);
    addProducts(this.cross, exact, v, false);
  }

  moments(): Moments {
    const { n, count, cross } = this;
    const mean = this.sums.map((s) => s / count);
    const covariance = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = i; j < n; j++) {
      const c = (this.products[i * n + j] as number) / count - (mean[i] as number) * (mean[j] as number);
      covariance[i * n + j] = c;
      covariance[j * n + i] = c;
    }
    if (!cross) return { covariance, mean };
    const exact = this.exact.map((s) => s / count);
    return { covariance, mean, exact: { cross: cross.map((s, at) => s / count - (exact[Math.floor(at / n)] as number) * (mean[at % n] as number)), mean: exact } };
  }
}

/** Multiply-accumulates for all covariances of a layer. */
const BUDGET = 4e8;

/** Collects the moments of one layer, row after row. */
export class Collector {
  private readonly sums: readonly Sums[];
  /** Positions that are looked at in each row, others in every row. */
  private readonly each: number;

  constructor(private readonly taps: Taps, rows: number, private readonly pairs = false) {
    this.sums = Array.from({ length: taps.groups }, () => new Sums(taps.depth, pairs));
    const samples = BUDGET / (taps.groups * taps.depth ** 2);
    this.each = Math.min(taps.positions, Math.max(1, Math.ceil(samples / rows)));
  }

  row(r: number, x: ArrayLike<number>, exact: ArrayLike<number> | null = null): void {
    const { taps, each } = this;
    const at = new Int32Array(taps.depth);
    const gathered = (from: ArrayLike<number>): Float64Array => Float64Array.from(at, (i) => (i < 0 ? 0 : (from[i] as number)));
    for (let k = 0; k < each; k++) {
      const position = (Math.floor((k * taps.positions) / each) + r) % taps.positions;
      this.sums.forEach((s, g) => {
        taps.at(position, g, at);
        s.add(gathered(x), this.pairs && exact ? gathered(exact) : null);
      });
    }
  }

  moments(): readonly Moments[] {
    return this.sums.map((s) => s.moments());
  }
}
