/**
 * Limited-memory BFGS for smooth convex functions, led by gradients alone: the line search looks for a small slope, so that no decision
 * hangs on the last bits of a logarithm. Source: Nocedal and Wright, Numerical Optimization, algorithms 7.4 and 7.5.
 */

export interface Minimise {
  /** Writes the gradient at `w` into `g`. */
  readonly gradient: (w: Float64Array, g: Float64Array) => void;
  /** Stops where the length of the gradient falls below this. */
  readonly tolerance: number;
  readonly maxIterations: number;
  readonly onIteration?: (iteration: number, length: number) => void;
}

export interface Minimum { readonly w: Float64Array; readonly iterations: number; readonly length: number }

const MEMORY = 12;
const MOST_TRIALS = 40;

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/** y += a x */
const add = (y: Float64Array, a: number, x: Float64Array): void => {
  for (let i = 0; i < y.length; i++) y[i]! += a * x[i]!;
};

/** A step and the change of gradient that it made. */
interface Pair { readonly s: Float64Array; readonly y: Float64Array; readonly sy: number }

/** -H g by the two-loop recursion. */
function direction(g: Float64Array, pairs: readonly Pair[]): Float64Array {
  const d = g.map((v) => -v);
  const kept: number[] = [];
  for (const p of pairs.toReversed()) {
    const a = dot(p.s, d) / p.sy;
    kept.push(a);
    add(d, -a, p.y);
  }
  const last = pairs.at(-1);
  const scale = last ? last.sy / dot(last.y, last.y) : 1 / Math.max(1, Math.sqrt(dot(g, g)));
  for (let i = 0; i < d.length; i++) d[i]! *= scale;
  for (const p of pairs) add(d, kept.pop()! - dot(p.y, d) / p.sy, p.s);
  return d;
}

/** Moves `w` along `d` to where the slope is small and hardly positive; leaves the gradient there in `g`. */
function search(p: Minimise, w: Float64Array, d: Float64Array, slope: number, g: Float64Array): void {
  const from = Float64Array.from(w);
  let [low, lowSlope, high, highSlope, t] = [0, slope, Infinity, 0, 1];
  for (let trial = 0; trial < MOST_TRIALS; trial++) {
    w.set(from);
    add(w, t, d);
    p.gradient(w, g);
    const now = dot(g, d);
    if (now >= 0.9 * slope && now <= -0.1 * slope) return;
    if (now < 0) [low, lowSlope] = [t, now];
    else [high, highSlope] = [t, now];
    if (high === Infinity) {
      t *= 4;
      continue;
    }
    // The zero of the line through both slopes, kept away from the ends.
    const part = lowSlope / (lowSlope - highSlope);
    t = low + (high - low) * Math.min(0.9, Math.max(0.1, part));
  }
}

export function minimise(p: Minimise, start: Float64Array): Minimum {
  const w = Float64Array.from(start);
  const g = new Float64Array(w.length);
  p.gradient(w, g);
  let pairs: Pair[] = [];
  let length = Math.sqrt(dot(g, g));
  let iterations = 0;
  for (; iterations < p.maxIterations && length > p.tolerance; iterations++) {
    p.onIteration?.(iterations, length);
    let d = direction(g, pairs);
    if (!(dot(g, d) < 0)) {
      pairs = [];
      d = direction(g, pairs);
    }
    const [w0, g0] = [Float64Array.from(w), Float64Array.from(g)];
    search(p, w, d, dot(g, d), g);
    const s = w.map((v, i) => v - w0[i]!);
    const y = g.map((v, i) => v - g0[i]!);
    const sy = dot(s, y);
    if (sy > 1e-14 * dot(y, y)) pairs = [...pairs.slice(1 - MEMORY), { s, y, sy }];
    const next = Math.sqrt(dot(g, g));
    // Nothing moves any more: the limit of double precision.
    if (dot(s, s) === 0) break;
    length = next;
  }
  return { w, iterations, length };
}
