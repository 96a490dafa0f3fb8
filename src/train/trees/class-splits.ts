/** Best split of a classification node: exact over codes, by histogram or by sorting, whichever reads less. */
import { between, middle, type Bins } from "../bins.js";
import { enterClasses, makeClassNode, sideScore, type ClassNode, type ClassTarget } from "./class-node.js";
import type { Splitter } from "./grow.js";
import { partByValue, randomThreshold } from "./part.js";
import type { Random } from "../random.js";
import { makeSorted, SMALL, sortValues, type Sorted } from "./sorted.js";

interface Buffers {
  readonly sorted: Sorted;
  readonly starts: Int32Array;
  /** (codes, classes) */
  readonly histogram: Float64Array;
  readonly left: Float64Array;
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
  const { ys, ws, totals, size, weight, base, nLogN } = node;
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
    let score = -nLogN[w]! - nLogN[weight - w]!;
    for (let c = 0; c < totals.length; c++) score += nLogN[left[c]!]! + nLogN[totals[c]! - left[c]!]!;
    if (score > node.best.gain + base) acceptSorted(node, b, score, feature, i, coded);
  }
}

/** Small nodes compare values, middling ones sort codes, large ones count them: whichever reads least. */
function searchExact(node: ClassNode, b: Buffers, feature: number): boolean {
  const { bins, codes } = b;
  if (bins.counts[feature]! < 2) return false;
  const { rows, from, size, ys, ws } = node;
  const scan = node.target.purity === "entropy" ? scanSortedEntropy : scanSortedGini;
  const offset = feature * bins.rows;
  if (size <= SMALL) {
    if (!sortValues(b.columns, offset, rows, from, size, b.sorted)) return false;
    scan(node, b, feature, false);
    return true;
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
  if (low === high) return false;
  const classes = node.totals.length;
  if (node.target.purity === "entropy" || (high - low) * classes > 6 * size) {
    sortCodes(b, size, low, high);
    scan(node, b, feature, true);
    return true;
  }
  const { histogram } = b;
  for (let i = 0; i < size; i++) histogram[codes[i]! * classes + ys[i]!]! += ws[i]!;
  scanHistogramGini(node, b, feature, low, high);
  return true;
}

/** Splits at the middle of the gap between neighbours that the node holds. @param columns (features, rows) */
export function exactClassSplitter(target: ClassTarget, bins: Bins, columns: Float32Array): Splitter {
  const n = bins.rows;
  const node = makeClassNode(target, n);
  const buffers: Buffers = {
    sorted: makeSorted(n), starts: new Int32Array(256), histogram: new Float64Array(256 * target.classes), left: new Float64Array(target.classes), codes: new Uint8Array(n), bins, columns,
  };
  return {
    width: target.classes, best: node.best,
    get weight() { return node.weight; },
    get risk() { return node.risk; },
    enter: (rows, from, to) => enterClasses(node, rows, from, to),
    search: (feature) => searchExact(node, buffers, feature),
    part: partByValue(columns, n, new Int32Array(n)),
    writeValue: (out, at) => { out.set(node.totals, at); },
  };
}

function searchRandom(node: ClassNode, columns: Float32Array, left: Float64Array, feature: number, random: Random): boolean {
  const { rows, from, size, ys, ws, totals, weight } = node;
  const classes = totals.length;
  const offset = feature * node.target.y.length;
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < size; i++) {
    const v = columns[offset + rows[from + i]!]!;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (low === high) return false;
  const threshold = randomThreshold(low, high, random.unit());
  left.fill(0);
  for (let i = 0; i < size; i++) if (columns[offset + rows[from + i]!]! <= threshold) left[ys[i]!]! += ws[i]!;
  let w = 0;
  for (let c = 0; c < classes; c++) {
    w += left[c]!;
    left[classes + c] = totals[c]! - left[c]!;
  }
  const min = node.target.minLeaf;
  if (w < min || weight - w < min) return true;
  const gain = sideScore(node, left, 0, w) + sideScore(node, left, classes, weight - w) - node.base;
  if (gain > node.best.gain) Object.assign(node.best, { feature, threshold, gain });
  return true;
}

/** One random threshold for each feature tried. @param columns (features, rows) */
export function randomClassSplitter(target: ClassTarget, columns: Float32Array, random: Random): Splitter {
  const node = makeClassNode(target, target.y.length);
  const left = new Float64Array(2 * target.classes);
  return {
    width: target.classes, best: node.best,
    get weight() { return node.weight; },
    get risk() { return node.risk; },
    enter: (rows, from, to) => enterClasses(node, rows, from, to),
    search: (feature) => searchRandom(node, columns, left, feature, random),
    part: partByValue(columns, target.y.length, new Int32Array(target.y.length)),
    writeValue: (out, at) => { out.set(node.totals, at); },
  };
}
