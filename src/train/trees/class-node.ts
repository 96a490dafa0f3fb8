/** Weights of the classes in a node, and how good it would be to part them: shared by exact and random splits. */
import { exactLog } from "../exact-math.js";
import type { Split } from "./grow.js";

export type Purity = "gini" | "entropy";

export interface ClassTarget {
  readonly classes: number;
  /** Class of each row. */
  readonly y: Uint8Array;
  /** Weight of each row: how often a bootstrap drew it. */
  readonly weights: Int32Array;
  readonly purity: Purity;
  /** Weight that each side of a split must keep. */
  readonly minLeaf: number;
}

/** The node that a splitter is in. */
export interface ClassNode {
  readonly target: ClassTarget;
  rows: Int32Array;
  from: number;
  size: number;
  weight: number;
  risk: number;
  /** What `score` gives for the node as a whole. */
  base: number;
  /** Class and weight of each row, in the order of the node. */
  readonly ys: Uint8Array;
  readonly ws: Int32Array;
  readonly totals: Int32Array;
  readonly best: Split;
  /** n log2 n, for entropy. */
  readonly nLogN: Float64Array;
}

function nLogNTable(top: number): Float64Array {
  const t = new Float64Array(top + 1);
  for (let n = 2; n <= top; n++) t[n] = (n * exactLog(n)) / Math.LN2;
  return t;
}

/** @param top largest weight of a node. */
export function makeClassNode(target: ClassTarget, top: number): ClassNode {
  const n = target.y.length;
  return {
    target, rows: new Int32Array(0), from: 0, size: 0, weight: 0, risk: 0, base: 0, ys: new Uint8Array(n), ws: new Int32Array(n), totals: new Int32Array(target.classes),
    best: { feature: -1, threshold: 0, code: 0, gain: 0 }, nLogN: target.purity === "entropy" ? nLogNTable(top) : new Float64Array(0),
  };
}

/** What is gained in a side of weight w: sum of squares / w for gini, sum of n log n less w log w for entropy. Larger is purer. */
function sideScore(node: ClassNode, counts: Int32Array, weight: number): number {
  let sum = 0;
  const end = counts.length;
  if (node.target.purity === "gini") {
    for (let c = 0; c < end; c++) sum += counts[c]! * counts[c]!;
    return sum / weight;
  }
  for (let c = 0; c < end; c++) sum += node.nLogN[counts[c]!]!;
  return sum - node.nLogN[weight]!;
}

export function enterClasses(node: ClassNode, rows: Int32Array, from: number, to: number): boolean {
  const { target, totals, ys, ws } = node;
  const { y, weights } = target;
  totals.fill(0);
  const size = to - from;
  let weight = 0;
  for (let i = 0; i < size; i++) {
    const j = rows[from + i]!;
    const c = y[j]!;
    const w = weights[j]!;
    ys[i] = c;
    ws[i] = w;
    totals[c]! += w;
    weight += w;
  }
  node.rows = rows;
  node.from = from;
  node.size = size;
  node.weight = weight;
  node.base = sideScore(node, totals, weight);
  node.risk = target.purity === "gini" ? weight - node.base : -node.base;
  node.best.feature = -1;
  node.best.gain = -1;
  let present = 0;
  for (let c = 0; c < totals.length; c++) if (totals[c]! > 0) present++;
  return present > 1 && weight >= 2 * target.minLeaf;
}

/** Sum of both sides' scores by entropy, from the weights on the left. */
export function entropyScore(node: ClassNode, left: Int32Array, w: number): number {
  const { nLogN, totals } = node;
  let score = -nLogN[w]! - nLogN[node.weight - w]!;
  for (let c = 0; c < totals.length; c++) score += nLogN[left[c]!]! + nLogN[totals[c]! - left[c]!]!;
  return score;
}

/** Both sides are of one class each: no split can gain more. */
export const perfect = (node: ClassNode): boolean => node.best.gain >= node.risk;

/** Class by class: `set` between arrays of two kinds is slow, and every node comes here. */
export function writeTotals(node: ClassNode, out: Float64Array, at: number): void {
  const { totals } = node;
  for (let c = 0; c < totals.length; c++) out[at + c] = totals[c]!;
}
