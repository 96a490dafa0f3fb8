/** Joint training of projection and head: dense, then hard thresholding step by step, then re-training of what is left, in codes. */
import { makeAdam, type Adam } from "./adam.js";
import type { Head } from "./head.js";
import { encode, keepUnits, stepsOf, thresholdTo, unitsOf, type Grid } from "./projection.js";
import { range, shuffle, type Random } from "../random.js";
import { exactExp, exactLog } from "../exact-math.js";

export interface Problem {
  /** (rows, features), scaled. */
  readonly x: Float64Array;
  readonly rows: number;
  readonly features: number;
  /** Class per row. */
  readonly y: Int32Array;
  readonly classes: number;
}

export interface Plan {
  readonly grid: Grid;
  readonly head: Head;
  /** Bytes the weights of the projection may take. */
  readonly bytes: number;
  readonly epochs: number;
  readonly batch: number;
  readonly rate: number;
  /** Factor of the rate for the projection. */
  readonly projectionRate: number;
  readonly decay: number;
  /** Sharpness of the path at the end of the pruning; afterwards the path is hard. */
  readonly sharpness: number;
}

export interface Fitted {
  /** (dims, features): whole codes, with a step per row. */
  readonly codes: Float64Array;
  readonly steps: Float64Array;
  readonly offset: Float64Array;
  readonly head: Float64Array;
  /** Mean loss of the last epoch. */
  readonly loss: number;
}

export type Tick = (part: number) => void;

/** Shares of the epochs: learning freely, thresholding, and then the support is fixed. */
const FREE = 0.3;
const FIXED = 0.6;
/** From here on the path is hard and the weights are codes. */
const CODED = 0.7;

/** Loss of one row and its derivative by the scores: logistic for one score, cross-entropy for several. */
export function loss(scores: Float64Array, y: number, d: Float64Array): number {
  if (scores.length === 1) {
    const s = y === 1 ? scores[0]! : -scores[0]!;
    const e = exactExp(-Math.abs(s));
    const wrong = s >= 0 ? e / (1 + e) : 1 / (1 + e);
    d[0] = y === 1 ? -wrong : wrong;
    return exactLog(1 + e) + Math.max(0, -s);
  }
  let top = -Infinity;
  for (const s of scores) top = Math.max(top, s);
  let sum = 0;
  for (let l = 0; l < scores.length; l++) sum += d[l] = exactExp(scores[l]! - top);
  for (let l = 0; l < scores.length; l++) d[l] = d[l]! / sum - Number(l === y);
  return exactLog(sum) + top - scores[y]!;
}

const make = (n: number): Float64Array => new Float64Array(n);

/** Everything that changes while it learns. */
class Training {
  readonly w: Float64Array;
  readonly offset: Float64Array;
  readonly p: Float64Array;
  /** What the forward pass multiplies with: the weights, or their codes times steps. */
  readonly seen: Float64Array;
  steps: Float64Array;
  private readonly codes: Float64Array;
  private readonly dw: Float64Array;
  private readonly doffset: Float64Array;
  private readonly dp: Float64Array;
  private readonly dz: Float64Array;
  private readonly z: Float64Array;
  private readonly scores: Float64Array;
  private readonly d: Float64Array;
  private readonly adams: [Adam, Adam, Adam];
  private support: Int32Array | null = null;
  private starts: Int32Array;
  private coded = false;

  constructor(private readonly data: Problem, private readonly plan: Plan, random: Random) {
    const { rows: dims, cols } = plan.grid;
    this.w = make(dims * cols).map(() => random.normal() / Math.sqrt(cols));
    // A constant feature can teach nothing.
    for (let j = 0; j < cols; j++) if (this.constant(j)) for (let i = 0; i < dims; i++) this.w[i * cols + j] = 0;
    this.seen = this.w.slice();
    this.codes = make(dims * cols);
    this.dw = make(dims * cols);
    [this.offset, this.doffset, this.dz, this.z, this.steps] = [make(dims), make(dims), make(dims), make(dims), make(dims).fill(1)];
    [this.p, this.dp] = [make(plan.head.size), make(plan.head.size)];
    const outputs = data.classes === 2 ? 1 : data.classes;
    [this.scores, this.d] = [make(outputs), make(outputs)];
    this.adams = [makeAdam(this.w.length), makeAdam(dims), makeAdam(this.p.length)];
    this.starts = new Int32Array(dims + 1);
    const projected = make(data.rows * dims);
    for (let r = 0; r < data.rows; r++) { this.project(r); projected.set(this.z, r * dims); }
    const factor = plan.head.init(this.p, projected, data.y, random);
    this.w.forEach((v, i) => { this.w[i] = v * factor; });
    this.seen.set(this.w);
  }

  private constant(j: number): boolean {
    const { x, rows, features } = this.data;
    for (let r = 0; r < rows; r++) if (x[r * features + j] !== 0) return false;
    return true;
  }

  private project(row: number): void {
    const { support, starts, seen, z } = this;
    const { rows: dims, cols } = this.plan.grid;
    const { x } = this.data;
    const at = row * cols;
    for (let i = 0; i < dims; i++) {
      let sum = this.offset[i]!;
      const from = i * cols;
      if (support) for (let k = starts[i]!, end = starts[i + 1]!; k < end; k++) sum += seen[from + support[k]!]! * x[at + support[k]!]!;
      else for (let j = 0; j < cols; j++) sum += seen[from + j]! * x[at + j]!;
      z[i] = sum;
    }
  }

  private back(row: number): void {
    const { support, starts, dw } = this;
    const { rows: dims, cols } = this.plan.grid;
    const { x } = this.data;
    const at = row * cols;
    for (let i = 0; i < dims; i++) {
      const d = this.dz[i]!;
      const from = i * cols;
      this.doffset[i]! += d;
      if (d === 0) continue;
      if (support) for (let k = starts[i]!, end = starts[i + 1]!; k < end; k++) dw[from + support[k]!]! += d * x[at + support[k]!]!;
      else for (let j = 0; j < cols; j++) dw[from + j]! += d * x[at + j]!;
    }
  }

  /** One pass over the rows; gives the mean loss. */
  epoch(order: Int32Array, rate: number, sharpness: number): number {
    const { plan, data } = this;
    let total = 0;
    for (let from = 0; from < order.length; from += plan.batch) {
      const to = Math.min(order.length, from + plan.batch);
      this.look();
      for (let k = from; k < to; k++) {
        const row = order[k]!;
        this.project(row);
        plan.head.scores(this.p, this.z, this.scores, sharpness);
        total += loss(this.scores, data.y[row]!, this.d);
        for (let l = 0; l < this.d.length; l++) this.d[l]! /= to - from;
        this.dz.fill(0);
        plan.head.backward(this.p, this.z, this.d, this.dp, this.dz);
        this.back(row);
      }
      this.update(rate);
    }
    return total / order.length;
  }

  private update(rate: number): void {
    const keep = 1 - rate * this.plan.decay;
    const [w, offset, p] = this.adams;
    w.step(this.w, this.dw, rate * this.plan.projectionRate);
    offset.step(this.offset, this.doffset, rate);
    p.step(this.p, this.dp, rate);
    for (let i = 0; i < this.w.length; i++) this.w[i]! *= keep;
    if (this.plan.grid.stepPerRow) for (let i = 0; i < this.p.length; i++) this.p[i]! *= keep;
  }

  /** Straight-through: the forward pass sees codes, the gradient changes what lies behind them. */
  private look(): void {
    if (!this.coded) { this.seen.set(this.w); return; }
    const { cols } = this.plan.grid;
    encode(this.w, this.steps, this.plan.grid, this.codes);
    const { seen, codes, steps } = this;
    for (let i = 0, q = 0; i < steps.length; i++) for (let j = 0; j < cols; j++, q++) seen[q] = codes[q]! * steps[i]!;
  }

  useCodes(): void {
    this.coded = true;
    this.steps = stepsOf(this.w, this.plan.grid);
  }

  /** From now on only weights that are not zero are looked at. */
  fix(): void {
    const { rows: dims, cols } = this.plan.grid;
    const list: number[] = [];
    for (let i = 0; i < dims; i++) {
      for (let j = 0; j < cols; j++) if (this.w[i * cols + j] !== 0) list.push(j);
      this.starts[i + 1] = list.length;
    }
    this.support = Int32Array.from(list);
    // A new optimiser: the momentum of what is gone would bring it back.
    this.adams[0] = makeAdam(this.w.length);
    this.dw.fill(0);
  }

  finish(meanLoss: number): Fitted {
    encode(this.w, this.steps, this.plan.grid, this.codes);
    return { codes: this.codes, steps: this.steps, offset: this.offset, head: this.p, loss: meanLoss };
  }
}

/** Number of units to keep at a time of the thresholding: all at its start, `last` at its end, fewer and fewer go. */
const kept = (all: number, last: number, t: number): number => Math.round(last + (all - last) * (1 - t) ** 3);

export function fit(data: Problem, plan: Plan, random: Random, tick: Tick): Fitted {
  const t = new Training(data, plan, random);
  const order = range(data.rows);
  let [meanLoss, fixed, coded] = [0, false, false];
  for (let e = 0; e < plan.epochs; e++) {
    const part = e / plan.epochs;
    tick(part);
    const pruning = (part - FREE) / (FIXED - FREE);
    if (pruning > 0 && pruning < 1) {
      const trial = t.w.slice();
      keepUnits(t.w, plan.grid, kept(unitsOf(plan.grid), thresholdTo(trial, plan.grid, plan.bytes), pruning));
    } else if (pruning >= 1 && !fixed) {
      thresholdTo(t.w, plan.grid, plan.bytes);
      t.fix();
      fixed = true;
    }
    if (part >= CODED) { if (!coded || e % 4 === 0) t.useCodes(); coded = true; }
    const sharpness = part >= CODED ? Infinity : 1 + (plan.sharpness - 1) * Math.min(1, part / FIXED) ** 2;
    const rate = plan.rate * (part < 0.05 ? 0.3 : part < FREE ? 1 : 1 - 0.95 * ((part - FREE) / (1 - FREE)));
    meanLoss = t.epoch(shuffle(order, random), rate, sharpness);
  }
  return t.finish(meanLoss);
}
