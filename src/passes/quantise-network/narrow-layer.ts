/** One layer's weights in a few bits: the scale of each output channel and the rounding that change the layer's output least. */
import type { Graph } from "../../ir/types.js";
import type { Moments, Narrowable } from "./hessian.js";
import { tensorAt } from "./layers.js";
import { leastScale } from "./weights.js";
import { descend, factored, nearestPlane, solved, type Factored, type Levels } from "./rounding.js";

export interface Narrowed {
  readonly bits: number;
  /** Integer weights, in the layer's own order, and the scale of each output channel. */
  readonly data: Int8Array;
  readonly scale: readonly number[];
  /** What the bias takes back: the mean of what rounding adds. */
  readonly shift: Float64Array;
  /** Squared error of the output that is left, of all channels at a mean position. */
  readonly error: number;
}

/** Scales stand on a grid of so many steps for a factor of two: channels then have few different multipliers. */
const STEPS = 8;
const f32 = Math.fround;
/** The same mantissa in every octave. */
const scaleAtStep = (k: number): number => f32(2 ** ((k - Math.floor(k / STEPS) * STEPS) / STEPS)) * 2 ** Math.floor(k / STEPS);

/** Levels around zero, and, for few of them, such that are symmetric but leave zero out. */
function gridsOf(bits: number): readonly Levels[] {
  const half = 2 ** (bits - 1);
  const odd: Levels = { lo: 1 - 2 * half, hi: 2 * half - 1, step: 2 };
  const even: Levels = { lo: -half, hi: half - 1, step: 1 };
  if (bits === 1) return [odd];
  return bits <= 3 ? [even, odd] : [even];
}

/** Scales from that of the largest weight down to this part of it are tried, in steps of a quarter octave, then their neighbours. */
const LEAST_PART = 0.2;

interface Row { readonly q: Float64Array; readonly scale: number; readonly error: number }

/** One output channel. @param least scale with which the bias fits */
function rowOf(f: Factored, w: Float64Array, levels: Levels, least: number): Row {
  const top = w.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  const [q, e] = [new Float64Array(f.n), new Float64Array(f.n)];
  const lowest = Math.ceil(STEPS * Math.log2(Math.max(least, 1e-30)));
  const errors = new Map<number, number>();
  const errorAt = (k: number): number => {
    const known = errors.get(k) ?? nearestPlane(f, w, scaleAtStep(k), levels, q, e);
    errors.set(k, known);
    return known;
  };
  const from = Math.max(lowest, Math.ceil(STEPS * Math.log2(Math.max(top, 1e-20) / levels.hi)));
  const last = Math.max(lowest, from + Math.ceil(STEPS * Math.log2(LEAST_PART)));
  let best = from;
  for (let k = from; k >= last; k -= 2) if (errorAt(k) < errorAt(best)) best = k;
  for (const k of [best - 1, best + 1]) if (k >= lowest && errorAt(k) < errorAt(best)) best = k;
  const scale = scaleAtStep(best);
  nearestPlane(f, w, scale, levels, q, e);
  return { q, scale, error: descend(f, w, scale, levels, q) };
}

/** What rounding a layer needs besides its weights. */
interface Ready {
  readonly l: Narrowable;
  readonly w: ArrayLike<number>;
  readonly factors: readonly Factored[];
  readonly moments: readonly Moments[];
  readonly least: (o: number) => number;
}

const groupOf = (l: Narrowable, o: number): number => Math.floor((o * l.taps.groups) / l.channels);

/** Weights of channel o in the order of the factor: those that give the exact outputs best from the inputs as they are now. */
function target({ l, w, factors, moments }: Ready, o: number): Float64Array {
  const [f, { covariance, exact }] = [factors[groupOf(l, o)] as Factored, moments[groupOf(l, o)] as Moments];
  const row = Float64Array.from(f.order, (k) => w[l.taps.weight(o, k)] as number);
  if (!exact) return row;
  const n = f.n;
  const right = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const [v, from] = [row[i] as number, (f.order[i] as number) * n];
    if (v === 0) continue;
    for (let j = 0; j < n; j++) { const at = from + (f.order[j] as number); right[j] = (right[j] as number) + v * ((exact.cross[at] as number) - (covariance[at] as number)); }
  }
  const d = solved(f, right);
  return row.map((v, i) => v + (d[i] as number));
}

function shiftOf({ l, w, moments }: Ready, data: Int8Array, scale: number, o: number): number {
  const { mean, exact } = moments[groupOf(l, o)] as Moments;
  let sum = 0;
  for (let k = 0; k < mean.length; k++) { const at = l.taps.weight(o, k); sum += (w[at] as number) * ((exact?.mean ?? mean)[k] as number) - (data[at] as number) * scale * (mean[k] as number); }
  return sum;
}

function onLevels(r: Ready, targets: readonly Float64Array[], bits: number, levels: Levels): Narrowed {
  const { l, factors } = r;
  const data = new Int8Array(r.w.length);
  let error = 0;
  const scale = targets.map((w, o) => {
    const f = factors[groupOf(l, o)] as Factored;
    const row = rowOf(f, w, levels, r.least(o));
    f.order.forEach((k, i) => { data[l.taps.weight(o, k)] = row.q[i] as number; });
    error += row.error;
    return row.scale;
  });
  return { bits, data, scale, shift: Float64Array.from(scale, (s, o) => shiftOf(r, data, s, o)), error };
}

/** A layer ready to be rounded in any width. @param inputScale of what it reads, with which its bias must fit */
export function narrower(graph: Graph, l: Narrowable, moments: readonly Moments[], inputScale: number): (bits: number) => Narrowed {
  const bias = l.b === undefined ? null : tensorAt(graph, l.b).data;
  const r: Ready = { l, w: tensorAt(graph, l.w).data ?? [], factors: moments.map((m) => factored(m.covariance, l.taps.depth)), moments, least: (o) => leastScale(bias?.[o] ?? 0, inputScale) };
  const targets = Array.from({ length: l.channels }, (_, o) => target(r, o));
  return (bits) => gridsOf(bits).map((levels) => onLevels(r, targets, bits, levels)).reduce((a, b) => (b.error < a.error ? b : a));
}
