/**
 * Sequential minimal optimisation with second-order choice of the working pair. All machines of this folder are one problem:
 * minimise 1/2 b'Kb + q'b with low <= b <= high and a fixed sum of b, where b is libsvm's alpha times the label.
 * Source: Fan, Chen, Lin, "Working Set Selection Using Second Order Information", JMLR 6 (2005); libsvm's svm.cpp for rho and nu.
 */
import { fail } from "../../ir/diagnostics.js";
import { borrow } from "./engine.js";

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
  /** The gradient at the start, where it is known. */
  readonly gradient?: Float64Array;
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
/** Cut rows are kept up to this many variables: 64 MiB. */
const MOST_CUT = 4096;

/** Best candidates of a segment: the smallest gradient that may grow, the largest that may shrink. */
interface Scan { at: number; min: number; max: number }

class Solver {
  private readonly lent: ReturnType<typeof borrow>;
  private readonly m: Float64Array;
  readonly beta: Float64Array;
  /** The second segment starts at an even place: elements go in twos. */
  private readonly second: number;
  private readonly length: number;
  readonly scans: readonly [Scan, Scan] = [{ at: -1, min: Infinity, max: -Infinity }, { at: -1, min: Infinity, max: -Infinity }];
  /** Places of the arrays in memory, in bytes: gradient, what is added to it before comparisons (0 where a variable may grow or shrink, else an infinity that loses), diagonal, two rows of the kernel, results. */
  private readonly at: { readonly g: number; readonly up: number; readonly down: number; readonly diagonal: number; readonly ki: number; readonly kj: number; readonly result: number };

  constructor(private readonly p: Problem, slow: boolean) {
    this.second = p.split + (p.split % 2);
    const n = this.second + p.n - p.split;
    this.length = n + (n % 2);
    const part = this.length * 8;
    this.at = { g: 0, up: part, down: 2 * part, diagonal: 3 * part, ki: 4 * part, kj: 4.5 * part, result: 5 * part };
    this.lent = borrow(5 * part + 64, slow);
    this.m = this.lent.engine.doubles;
    this.beta = Float64Array.from(p.start);
    // Places between and behind the segments never win a comparison.
    this.m.fill(0, 0, (5 * part) / 8);
    this.m.fill(Infinity, this.length, 2 * this.length).fill(-Infinity, 2 * this.length, 3 * this.length);
    for (let t = 0; t < p.n; t++) {
      this.m[this.place(t)] = (p.gradient ?? p.q)[t]!;
      this.m[3 * this.length + this.place(t)] = p.diagonal(t);
      this.mark(t);
    }
    for (let t = 0; t < p.n && !p.gradient; t++) if (this.beta[t] !== 0) this.shift(t, this.beta[t]!);
    this.shift(-1, 0);
  }

  private place(t: number): number {
    return t < this.p.split ? t : t - this.p.split + this.second;
  }

  private variable(place: number): number {
    return place < this.second ? place : place - this.second + this.p.split;
  }

  gradient(t: number): number {
    return this.m[this.place(t)]!;
  }

  private mark(t: number): void {
    this.m[this.length + this.place(t)] = this.beta[t]! < this.p.high[t]! ? 0 : Infinity;
    this.m[2 * this.length + this.place(t)] = this.beta[t]! > this.p.low[t]! ? 0 : -Infinity;
  }

  /** Puts the kernel row of variable t where the loops read it. */
  private row(t: number, at: number): void {
    const { floats } = this.lent.engine;
    floats.set(this.p.head(t), at / 4);
    floats.set(this.p.tail(t), at / 4 + this.second);
  }

  /** gradient += step * kernel row of t, against a row of zeros. */
  private shift(t: number, step: number): void {
    if (t >= 0) this.row(t, this.at.ki);
    this.m.fill(0, this.at.kj / 8, this.at.result / 8);
    this.scan(step);
  }

  /** Moves the gradient by step * (ki - kj) and finds the candidates on the way: of each segment where they are apart, else of all. */
  private scan(step: number): void {
    if (!this.p.apart) return this.scanPart(0, 0, this.length, step);
    this.scanPart(0, 0, this.second, step);
    this.scanPart(1, this.second, this.length, step);
  }

  private scanPart(segment: 0 | 1, from: number, to: number, step: number): void {
    const { at, m } = this;
    const [d, f] = [from * 8, from * 4];
    if (to > from) this.lent.engine.loops.scan(at.g + d, at.g + to * 8, at.up + d, at.down + d, at.ki + f, at.kj + f, at.result, step);
    else return;
    const r = at.result / 8;
    const scan = this.scans[segment];
    const odd = m[r + 1]! < m[r]! || (m[r + 1] === m[r] && m[r + 3]! < m[r + 2]!) ? 1 : 0;
    scan.min = m[r + odd]!;
    scan.at = scan.min === Infinity ? -1 : m[r + 2 + odd]! + from;
    scan.max = Math.max(m[r + 4]!, m[r + 5]!);
  }

  /** The partner of the variable at place i among from .. to that gains most, and what it gains. */
  private seek(i: number, from: number, to: number): readonly [number, number] {
    const { at, m } = this;
    const d = from * 8;
    this.row(this.variable(i), at.ki);
    this.lent.engine.loops.seek(at.g + d, at.g + to * 8, at.down + d, at.diagonal + d, at.ki + from * 4, at.result, m[i]!, m[3 * this.length + i]!, TAU);
    const r = at.result / 8;
    const odd = m[r + 1]! > m[r]! || (m[r + 1] === m[r] && m[r + 3]! < m[r + 2]!) ? 1 : 0;
    return [m[r + 2 + odd]! < 0 ? -1 : m[r + 2 + odd]! + from, m[r + odd]!];
  }

  /** Places of the pair to move next, the kernel row of the first in `ki`; null where none violates the conditions. */
  private choose(): readonly [number, number] | null {
    const { p, scans: [a, b] } = this;
    if (!p.apart) {
      const j = a.at < 0 ? -1 : this.seek(a.at, 0, this.length)[0];
      return j < 0 ? null : [a.at, j];
    }
    const one = b.at < 0 ? [-1, 0] as const : this.seek(b.at, this.second, this.length);
    const two = a.at < 0 ? [-1, 0] as const : this.seek(a.at, 0, this.second);
    if (two[0] >= 0 && two[1] >= one[1]) return [a.at, two[0]];
    if (one[0] < 0) return null;
    this.row(this.variable(b.at), this.at.ki);
    return [b.at, one[0]];
  }

  gap(): number {
    const [a, b] = this.scans;
    return Math.max(a.max - a.min, this.p.apart ? b.max - b.min : -Infinity);
  }

  /** One step; false where nothing can move. */
  step(): boolean {
    const pair = this.choose();
    if (pair === null) return false;
    const { p, beta, m, at } = this;
    const [i, j] = [this.variable(pair[0]), this.variable(pair[1])];
    this.row(j, at.kj);
    const diagonal = 3 * this.length;
    const a = m[diagonal + pair[0]]! + m[diagonal + pair[1]]! - 2 * this.lent.engine.floats[at.ki / 4 + pair[1]]!;
    const wish = (m[pair[1]]! - m[pair[0]]!) / (a > 0 ? a : TAU);
    const room = p.high[i]! - beta[i]!;
    const stock = beta[j]! - p.low[j]!;
    const step = Math.min(wish, room, stock);
    // Bounds are met exactly, so that rounding never leaves a variable a hair inside.
    beta[i] = step === room ? p.high[i]! : beta[i]! + step;
    beta[j] = step === stock ? p.low[j]! : beta[j]! - step;
    this.mark(i);
    this.mark(j);
    this.scan(step);
    return true;
  }

  /** Variables that may still move: those at a bound that the gradient holds there are left out. */
  active(): Int32Array {
    const [a, b] = this.scans;
    const kept: number[] = [];
    for (let t = 0; t < this.p.n; t++) {
      const scan = this.p.apart && t >= this.p.split ? b : a;
      const g = this.gradient(t);
      const [grows, shrinks] = [this.m[this.length + this.place(t)] === 0, this.m[2 * this.length + this.place(t)] === 0];
      if ((grows && shrinks) || (grows && g < scan.max) || (shrinks && g > scan.min)) kept.push(t);
    }
    return Int32Array.from(kept);
  }

  /** The problem of some variables, all others held; rows of the kernel are cut to them once. */
  part(active: Int32Array): Problem {
    const { p } = this;
    const split = active.filter((t) => t < p.split).length;
    const rows: (Float32Array | undefined)[] = Array.from({ length: active.length });
    const keep = active.length <= MOST_CUT;
    const row = (a: number): Float32Array => {
      const known = rows[a];
      if (known) return known;
      const [head, tail] = [p.head(active[a]!), p.tail(active[a]!)];
      const made = new Float32Array(active.length);
      for (let i = 0; i < split; i++) made[i] = head[active[i]!]!;
      for (let i = split; i < made.length; i++) made[i] = tail[active[i]! - p.split]!;
      if (keep) rows[a] = made;
      return made;
    };
    const of = (v: (t: number) => number): Float64Array => Float64Array.from(active, v);
    return {
      n: active.length, split, apart: p.apart, q: new Float64Array(0), gradient: of((t) => this.gradient(t)),
      head: (a) => row(a).subarray(0, split), tail: (a) => row(a).subarray(split), diagonal: (a) => p.diagonal(active[a]!),
      low: of((t) => p.low[t]!), high: of((t) => p.high[t]!), start: of((t) => this.beta[t]!),
    };
  }

  /** Takes over what a part has found. */
  adopt(active: Int32Array, beta: Float64Array): void {
    active.forEach((t, a) => {
      const step = beta[a]! - this.beta[t]!;
      if (step === 0) return;
      this.beta[t] = beta[a]!;
      this.mark(t);
      this.shift(t, step);
    });
    this.shift(-1, 0);
  }

  release(): void {
    this.lent.release();
  }

  /** Mean gradient of the free variables of from .. to, or the middle of what the bounds allow. */
  rho(from: number, to: number): number {
    let [sum, free, top, bottom] = [0, 0, -Infinity, Infinity];
    for (let t = from; t < to; t++) {
      const g = this.gradient(t);
      const [grows, shrinks] = [this.m[this.length + this.place(t)] === 0, this.m[2 * this.length + this.place(t)] === 0];
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

/** Steps until the gap is below the tolerance, or so many are done. */
function steps(solver: Solver, most: number, options: SolveOptions): number {
  let done = 0;
  while (done < most && solver.gap() >= options.tolerance && solver.step()) if (++done % 512 === 0) options.onStep?.();
  return done;
}

/** Shrinking: after so many steps the variables that seem settled are held, while the others are solved for in the same way. */
function run(solver: Solver, p: Problem, most: number, options: SolveOptions, slow: boolean): number {
  const turn = Math.min(p.n, 1000);
  let total = 0;
  while (total < most) {
    const done = steps(solver, turn, options);
    total += done;
    if (done < turn) break;
    const active = solver.active();
    if (active.length > 0.7 * p.n || active.length < 2) continue;
    const cut = solver.part(active);
    const part = new Solver(cut, slow);
    try {
      total += run(part, cut, most - total, options, slow);
      solver.adopt(active, part.beta);
    } finally {
      part.release();
    }
  }
  return total;
}

/** `slow`: without WebAssembly. */
export function solve(p: Problem, options: SolveOptions, slow = false): Solution {
  const solver = new Solver(p, slow);
  try {
    const iterations = run(solver, p, Math.max(2_000_000, 100 * p.n), options, slow);
    for (let t = 0; t < p.n; t++) if (!Number.isFinite(solver.gradient(t))) fail("train/overflow", "svm", "kernel values are too large to add up", "Use scaled features (scaling each), a smaller gamma or a lower degree.");
    const rho = p.apart ? [solver.rho(0, p.split), solver.rho(p.split, p.n)] as const : [solver.rho(0, p.n), solver.rho(0, p.n)] as const;
    return { beta: solver.beta, rho, iterations, gap: solver.gap() };
  } finally {
    solver.release();
  }
}
