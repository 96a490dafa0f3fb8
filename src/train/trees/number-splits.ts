/** A regression node, and its best split by the loss of squared error: exact over codes. */
import { between, middle, type Bins } from "../bins.js";
import type { Random } from "../random.js";
import type { Split, Splitter } from "./grow.js";
import { partByValue, type Part } from "./part.js";
import { makeSorted, SMALL, sortValues, type Sorted } from "./sorted.js";

export interface NumberTarget {
  readonly y: Float64Array;
  readonly weights: Int32Array;
  readonly minLeaf: number;
}

export interface NumberNode {
  readonly target: NumberTarget;
  /** Taken off every target, so that squares stay small. */
  readonly mean: number;
  rows: Int32Array;
  from: number;
  size: number;
  weight: number;
  sum: number;
  risk: number;
  base: number;
  value: number;
  /** Weighted target, less the mean, and weight of each row, in the order of the node. */
  readonly ys: Float64Array;
  readonly ws: Int32Array;
  readonly best: Split;
}

export function makeNumberNode(target: NumberTarget): NumberNode {
  const n = target.y.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += target.y[i]! / n;
  return {
    target, mean, rows: new Int32Array(0), from: 0, size: 0, weight: 0, sum: 0, risk: 0, base: 0, value: 0, ys: new Float64Array(n), ws: new Int32Array(n),
    best: { feature: -1, threshold: 0, code: 0, gain: 0 },
  };
}

function enter(node: NumberNode, rows: Int32Array, from: number, to: number): boolean {
  const { ys, ws, mean } = node;
  const { y, weights, minLeaf } = node.target;
  let sum = 0;
  let squares = 0;
  let weight = 0;
  let low = Infinity;
  let high = -Infinity;
  for (let i = from; i < to; i++) {
    const j = rows[i]!;
    const v = y[j]!;
    const w = weights[j]!;
    if (v < low) low = v;
    if (v > high) high = v;
    ys[i - from] = w * (v - mean);
    ws[i - from] = w;
    sum += w * (v - mean);
    squares += w * (v - mean) * (v - mean);
    weight += w;
  }
  node.rows = rows;
  node.from = from;
  node.size = to - from;
  node.weight = weight;
  node.sum = sum;
  node.base = (sum * sum) / weight;
  node.risk = low === high ? 0 : Math.max(0, squares - node.base);
  node.value = low === high ? low : mean + sum / weight;
  node.best.feature = -1;
  node.best.gain = -Infinity;
  return low < high && weight >= 2 * minLeaf;
}

interface Buffers { readonly sums: Float64Array; readonly weights: Int32Array; readonly sorted: Sorted; readonly bins: Bins; readonly columns: Float32Array }

function scanSorted(node: NumberNode, sorted: Sorted, feature: number): void {
  const { size, ys, ws, sum, weight, base, best } = node;
  const { values, places } = sorted;
  const min = node.target.minLeaf;
  let w = 0;
  let s = 0;
  for (let i = 0; i < size - 1; i++) {
    const at = places[i]!;
    w += ws[at]!;
    s += ys[at]!;
    if (values[i + 1] === values[i]) continue;
    const rest = sum - s;
    const gain = (s * s) / w + (rest * rest) / (weight - w) - base;
    if (!(gain > best.gain) || w < min || weight - w < min) continue;
    best.gain = gain;
    best.feature = feature;
    best.threshold = middle(values[i]!, values[i + 1]!);
  }
}

/** The sums are left empty again. */
function scanHistogram(node: NumberNode, b: Buffers, feature: number, low: number, high: number): void {
  const { sum, weight, base, best } = node;
  const { sums, weights } = b;
  const min = node.target.minLeaf;
  let w = 0;
  let s = 0;
  let last = -1;
  let open = false;
  for (let v = low; v <= high; v++) {
    const q = weights[v]!;
    if (q === 0) continue;
    if (open) { best.threshold = between(b.bins, feature, last, v); open = false; }
    w += q;
    s += sums[v]!;
    weights[v] = 0;
    sums[v] = 0;
    last = v;
    const rest = sum - s;
    const gain = (s * s) / w + (rest * rest) / (weight - w) - base;
    if (v === high || !(gain > best.gain) || w < min || weight - w < min) continue;
    open = true;
    best.gain = gain;
    best.feature = feature;
  }
}

/** Small nodes compare values, large ones count codes. */
function searchExact(node: NumberNode, b: Buffers, feature: number): void {
  const { bins, sums, weights } = b;
  if (bins.counts[feature]! < 2) return;
  const { rows, from, size, ys, ws } = node;
  const offset = feature * bins.rows;
  if (size <= SMALL) {
    if (sortValues(b.columns, offset, rows, from, size, b.sorted)) scanSorted(node, b.sorted, feature);
    return;
  }
  const all = bins.codes;
  let low = 255;
  let high = 0;
  for (let i = 0; i < size; i++) {
    const v = all[offset + rows[from + i]!]!;
    sums[v]! += ys[i]!;
    weights[v]! += ws[i]!;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  scanHistogram(node, b, feature, low, high);
}

export const numberSplitter = (node: NumberNode, search: (feature: number, random: Random) => void, part: Part): Splitter => ({
  width: 1, best: node.best,
  get weight() { return node.weight; },
  get risk() { return node.risk; },
  enter: (rows, from, to) => enter(node, rows, from, to),
  search: (feature, random) => {
    search(feature, random);
    // Two rows that are parted leave nothing to gain.
    return node.size === 2 && node.best.feature >= 0;
  },
  part,
  writeValue: (out, at) => { out[at] = node.value; },
});

/** Splits at the middle of the gap between neighbours that the node holds. @param columns (features, rows) */
export function exactNumberSplitter(target: NumberTarget, bins: Bins, columns: Float32Array): Splitter {
  const node = makeNumberNode(target);
  const buffers: Buffers = { sums: new Float64Array(256), weights: new Int32Array(256), sorted: makeSorted(bins.rows), bins, columns };
  return numberSplitter(node, (feature) => searchExact(node, buffers, feature), partByValue(columns, bins.rows, new Int32Array(bins.rows)));
}
