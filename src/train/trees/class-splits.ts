/** Best split of a classification node: exact over codes, by histogram or by sorting, whichever reads less. */
import { between, middle, type Bins } from "../bins.js";
import { enterClasses, entropyScore, makeClassNode, perfect, writeTotals, type ClassNode, type ClassTarget } from "./class-node.js";
import type { Splitter } from "./grow.js";
import { partByValue } from "./part.js";
import { makeSorted, SMALL, sortValues, type Sorted } from "./sorted.js";

interface Buffers {
  readonly sorted: Sorted;
  readonly starts: Int32Array;
  /** (codes, classes) */
  readonly histogram: Int32Array;
  readonly left: Int32Array;
  /** Codes of the node's rows. */
  readonly codes: Uint8Array;
  readonly bins: Bins;
  readonly columns: Float32Array;
}

/** @param code last code that goes left, -1 where values were compared. */
function accept(node: ClassNode, score: number, feature: number, code: number, threshold: number): void {
  node.best.gain = score - node.base;
  node.best.feature = feature;
  node.best.code = code;
  node.best.threshold = threshold;
}

/** Orders the node's rows by code, by counting. */
function sortCodes(b: Buffers, size: number, low: number, high: number): void {
  const { codes, starts } = b;
  const { values, places } = b.sorted;
  for (let v = low; v <= high; v++) starts[v] = 0;
  for (let i = 0; i < size; i++) starts[codes[i]!]! += 1;
  for (let v = low, at = 0; v <= high; v++) {
    const n = starts[v]!;
    starts[v] = at;
    at += n;
  }
  for (let i = 0; i < size; i++) {
    const v = codes[i]!;
    const at = starts[v]!;
    values[at] = v;
    places[at] = i;
    starts[v] = at + 1;
  }
}

/** Between two neighbours of the sorted rows, which are values or codes. */
function acceptSorted(node: ClassNode, b: Buffers, score: number, feature: number, i: number, coded: boolean): void {
  const [v, next] = [b.sorted.values[i]!, b.sorted.values[i + 1]!];
  accept(node, score, feature, coded ? v : -1, coded ? between(b.bins, feature, v, next) : middle(v, next));
}

/** Gini over sorted rows; sums of squares are kept up row by row. */
function scanSortedGini(node: ClassNode, b: Buffers, feature: number, coded: boolean): void {
  const { ys, ws, totals, size, weight, base } = node;
  const { left } = b;
  const { values, places } = b.sorted;
  const min = node.target.minLeaf;
  left.fill(0);
  let w = 0;
  let sl = 0;
  let sr = Math.round(base * weight);
  let top = node.best.gain + base;
  for (let i = 0; i < size - 1; i++) {
    const at = places[i]!;
    const c = ys[at]!;
    const q = ws[at]!;
    const l = left[c]!;
    sl += q * (2 * l + q);
    sr += q * (q - 2 * (totals[c]! - l));
    left[c] = l + q;
    w += q;
    if (values[i + 1] === values[i]) continue;
    const score = sl / w + sr / (weight - w);
    if (score > top && w >= min && weight - w >= min) {
      top = score;
      acceptSorted(node, b, score, feature, i, coded);
    }
  }
}

/** Gini over a histogram, which is left empty again. */
function scanHistogramGini(node: ClassNode, b: Buffers, feature: number, low: number, high: number): void {
  const { totals, weight, base } = node;
  const { histogram, left } = b;
  const classes = totals.length;
  const min = node.target.minLeaf;
  left.fill(0);
  let w = 0;
  let sl = 0;
  let sr = Math.round(base * weight);
  let top = node.best.gain + base;
  let last = -1;
  let ahead = false;
  for (let v = low, h = low * classes; v <= high; v++) {
    let add = 0;
    let al = 0;
    let ar = 0;
    for (let c = 0; c < classes; c++, h++) {
      const q = histogram[h]!;
      if (q === 0) continue;
      const l = left[c]!;
      histogram[h] = 0;
      al += q * (2 * l + q);
      ar += q * (q - 2 * (totals[c]! - l));
      left[c] = l + q;
      add += q;
    }
    if (add === 0) continue;
    if (ahead) { accept(node, top, feature, last, between(b.bins, feature, last, v)); ahead = false; }
    sl += al;
    sr += ar;
    w += add;
    last = v;
    const score = sl / w + sr / (weight - w);
    if (v < high && score > top && w >= min && weight - w >= min) { top = score; ahead = true; }
  }
}

/** Any purity over sorted rows, from the table of n log n. */
function scanSortedEntropy(node: ClassNode, b: Buffers, feature: number, coded: boolean): void {
  const { ys, ws, size, weight, base } = node;
  const { left } = b;
  const { values, places } = b.sorted;
  const min = node.target.minLeaf;
  left.fill(0);
  let w = 0;
  for (let i = 0; i < size - 1; i++) {
    const at = places[i]!;
    left[ys[at]!]! += ws[at]!;
    w += ws[at]!;
    if (values[i + 1] === values[i] || w < min || weight - w < min) continue;
    const score = entropyScore(node, left, w);
    if (score > node.best.gain + base) acceptSorted(node, b, score, feature, i, coded);
  }
}

/** Small nodes compare values, middling ones sort codes, large ones count them: whichever reads least. */
function searchExact(node: ClassNode, b: Buffers, feature: number): void {
  const { bins, codes } = b;
  if (bins.counts[feature]! < 2) return;
  const { rows, from, size, ys, ws } = node;
  const scan = node.target.purity === "entropy" ? scanSortedEntropy : scanSortedGini;
  const offset = feature * bins.rows;
  if (size <= SMALL) {
    if (!sortValues(b.columns, offset, rows, from, size, b.sorted)) return;
    scan(node, b, feature, false);
    return;
  }
  const all = bins.codes;
  let low = 255;
  let high = 0;
  for (let i = 0; i < size; i++) {
    const v = all[offset + rows[from + i]!]!;
    codes[i] = v;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (low === high) return;
  const classes = node.totals.length;
  if (node.target.purity === "entropy" || (high - low) * classes > 6 * size) {
    sortCodes(b, size, low, high);
    scan(node, b, feature, true);
    return;
  }
  const { histogram } = b;
  for (let i = 0; i < size; i++) histogram[codes[i]! * classes + ys[i]!]! += ws[i]!;
  scanHistogramGini(node, b, feature, low, high);
}

/** Splits at the middle of the gap between neighbours that the node holds. @param columns (features, rows) */
export function exactClassSplitter(target: ClassTarget, bins: Bins, columns: Float32Array): Splitter {
  const n = bins.rows;
  const node = makeClassNode(target, n);
  const buffers: Buffers = {
    sorted: makeSorted(n), starts: new Int32Array(256), histogram: new Int32Array(256 * target.classes), left: new Int32Array(target.classes), codes: new Uint8Array(n), bins, columns,
  };
  return {
    width: target.classes, best: node.best,
    get weight() { return node.weight; },
    get risk() { return node.risk; },
    enter: (rows, from, to) => enterClasses(node, rows, from, to),
    search: (feature) => {
      searchExact(node, buffers, feature);
      return perfect(node);
    },
    part: partByValue(columns, n, new Int32Array(n)),
    writeValue: (out, at) => writeTotals(node, out, at),
  };
}
