/**
 * Sequential minimal optimisation with second-order choice of the working pair. All machines of this folder are one problem:
 * minimise 1/2 b'Kb + q'b with low <= b <= high and a fixed sum of b, where b is libsvm's alpha times the label.
 * Source: Fan, Chen, Lin, "Working Set Selection Using Second Order Information", JMLR 6 (2005); libsvm's svm.cpp for rho and nu.
 */

/** Variables lie in two segments, as kernel values do: the two classes of a pair, or the two sides of a regression tube. */
export interface Problem {
  readonly n: number;
  /** Length of the first segment. */
  readonly split: number;
  /** K(t, variables of the first segment) and K(t, variables of the second one). */
  readonly head: (t: number) => Float32Array;
  readonly tail: (t: number) => Float32Array;
  readonly diagonal: (t: number) => number;
  readonly q: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** A feasible start; its sum is kept. */
  readonly start: Float64Array;
  /** Each segment keeps its own sum (nu-classification). */
  readonly apart: boolean;
}

export interface Solution {
  readonly beta: Float64Array;
  /** Multiplier of each segment's sum; equal where the sum is one. The decision is sum b K - rho. */
  readonly rho: readonly [number, number];
  readonly iterations: number;
  /** Largest violation of the optimality conditions that is left. */
  readonly gap: number;
}

const TAU = 1e-12;

/** Best candidates of one segment: the smallest gradient that may grow, the largest that may shrink. */
interface Scan { at: number; min: number; max: number }

class Solver {
  readonly beta: Float64Array;
  readonly gradient: Float64Array;
  /** Added to the gradient: 0 where the variable may grow (shrink), else an infinity that loses every comparison. No branch is guessed wrong. */
  private readonly up: Float64Array;
  private readonly down: Float64Array;
  private readonly diagonal: Float64Array;
  readonly scans: readonly [Scan, Scan] = [{ at: -1, min: Infinity, max: -Infinity }, { at: -1, min: Infinity, max: -Infinity }];
  /** The best partner found so far and its gain, as a fraction. */
  private partner = -1;
  private gain = 0;
  private gainOver = 1;

  constructor(private readonly p: Problem) {
    this.beta = Float64Array.from(p.start);
    this.gradient = Float64Array.from(p.q);
    this.up = new Float64Array(p.n);
    this.down = new Float64Array(p.n);
    this.diagonal = Float64Array.from({ length: p.n }, (_, t) => p.diagonal(t));
    for (let t = 0; t < p.n; t++) {
      this.mark(t);
      const b = this.beta[t]!;
      if (b === 0) continue;
      this.add(0, p.head(t), b);
      this.add(p.split, p.tail(t), b);
    }
    const zeros = new Float32Array(p.n);
    this.scan(0, 0, p.split, zeros, zeros, 0);
    this.scan(1, p.split, p.n, zeros, zeros, 0);
  }

  private mark(t: number): void {
    this.up[t] = this.beta[t]! < this.p.high[t]! ? 0 : Infinity;
    this.down[t] = this.beta[t]! > this.p.low[t]! ? 0 : -Infinity;
  }

  private add(from: number, k: Float32Array, b: number): void {
    for (let r = 0; r < k.length; r++) this.gradient[from + r]! += b * k[r]!;
  }

  /** Moves the gradient by step * (ki - kj) and finds the segment's candidates on the way. */
  private scan(segment: 0 | 1, from: number, to: number, ki: Float32Array, kj: Float32Array, step: number): void {
    const gradient = this.gradient;
    const up = this.up;
    const down = this.down;
    let at = -1;
    let min = Infinity;
    let max = -Infinity;
    for (let t = from; t < to; t++) {
      const g = gradient[t]! + step * (ki[t - from]! - kj[t - from]!);
      gradient[t] = g;
      if (g + up[t]! < min) {
        min = g;
        at = t;
      }
      if (g + down[t]! > max) max = g;
    }
    const scan = this.scans[segment];
    scan.at = at;
    scan.min = min;
    scan.max = max;
  }

  /** Looks for the partner of `i` among the variables from .. to that may shrink: the largest b^2 / a, compared as fractions. */
  private seek(i: number, from: number, to: number, k: Float32Array): void {
    const gradient = this.gradient;
    const down = this.down;
    const diagonal = this.diagonal;
    const own = diagonal[i]!;
    const g = gradient[i]!;
    let partner = this.partner;
    let gain = this.gain;
    let gainOver = this.gainOver;
    for (let t = from; t < to; t++) {
      const b = gradient[t]! + down[t]! - g;
      const a = Math.max(own + diagonal[t]! - 2 * k[t - from]!, TAU);
      // The sign of b is kept: what would move the wrong way never wins.
      const square = b * Math.abs(b);
      if (square * gainOver > gain * a) {
        gain = square;
        gainOver = a;
        partner = t;
      }
    }
    this.partner = partner;
    this.gain = gain;
    this.gainOver = gainOver;
  }

  /** The pair to move next; null where none violates the conditions. */
  private choose(): readonly [number, number] | null {
    const { p, scans: [a, b] } = this;
    this.partner = -1;
    this.gain = 0;
    this.gainOver = 1;
    if (!p.apart) {
      const i = a.min <= b.min ? a.at : b.at;
      if (i < 0) return null;
      this.seek(i, 0, p.split, p.head(i));
      this.seek(i, p.split, p.n, p.tail(i));
      return this.partner < 0 ? null : [i, this.partner];
    }
    if (a.at >= 0) this.seek(a.at, 0, p.split, p.head(a.at));
    if (b.at >= 0) this.seek(b.at, p.split, p.n, p.tail(b.at));
    return this.partner < 0 ? null : [this.partner < p.split ? a.at : b.at, this.partner];
  }

  gap(): number {
    const [a, b] = this.scans;
    return this.p.apart ? Math.max(a.max - a.min, b.max - b.min) : Math.max(a.max, b.max) - Math.min(a.min, b.min);
  }

  /** One step; false where nothing can move. */
  step(): boolean {
    const pair = this.choose();
    if (pair === null) return false;
    const [i, j] = pair;
    const { p, beta } = this;
    const [hi, hj, ti, tj] = [p.head(i), p.head(j), p.tail(i), p.tail(j)];
    const cross = j < p.split ? hi[j]! : ti[j - p.split]!;
    const a = this.diagonal[i]! + this.diagonal[j]! - 2 * cross;
    const wish = (this.gradient[j]! - this.gradient[i]!) / (a > 0 ? a : TAU);
    const room = p.high[i]! - beta[i]!;
    const stock = beta[j]! - p.low[j]!;
    const step = Math.min(wish, room, stock);
    // Bounds are met exactly, so that rounding never leaves a variable a hair inside.
    beta[i] = step === room ? p.high[i]! : beta[i]! + step;
    beta[j] = step === stock ? p.low[j]! : beta[j]! - step;
    this.mark(i);
    this.mark(j);
    this.scan(0, 0, p.split, hi, hj, step);
    this.scan(1, p.split, p.n, ti, tj, step);
    return true;
  }

  /** Mean gradient of the free variables of from .. to, or the middle of what the bounds allow. */
  rho(from: number, to: number): number {
    let [sum, free, top, bottom] = [0, 0, -Infinity, Infinity];
    for (let t = from; t < to; t++) {
      const g = this.gradient[t]!;
      const [grows, shrinks] = [this.up[t] === 0, this.down[t] === 0];
      if (grows && shrinks) {
        sum += g;
        free++;
      } else if (grows) bottom = Math.min(bottom, g);
      else if (shrinks) top = Math.max(top, g);
    }
    if (free > 0) return sum / free;
    if (Number.isFinite(top) && Number.isFinite(bottom)) return (top + bottom) / 2;
    return Number.isFinite(top) ? top : Number.isFinite(bottom) ? bottom : 0;
  }
}

export interface SolveOptions {
  /** Stops where the gap falls below this. */
  readonly tolerance: number;
  /** Called every few hundred steps. */
  readonly onStep?: () => void;
}

export function solve(p: Problem, options: SolveOptions): Solution {
  const solver = new Solver(p);
  const most = Math.max(10_000_000, 100 * p.n);
  let iterations = 0;
  while (iterations < most && solver.gap() >= options.tolerance && solver.step()) {
    if (++iterations % 512 === 0) options.onStep?.();
  }
  const rho = p.apart ? [solver.rho(0, p.split), solver.rho(p.split, p.n)] as const : [solver.rho(0, p.n), solver.rho(0, p.n)] as const;
  return { beta: solver.beta, rho, iterations, gap: solver.gap() };
}
