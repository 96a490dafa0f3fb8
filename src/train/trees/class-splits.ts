/** Best split of a classification node: exact over codes, by histogram or by sorting, whichever reads less. */
import { between, type Bins } from "../bins.js";
import { enterClasses, makeClassNode, sideScore, type ClassNode, type ClassTarget } from "./class-node.js";
import type { Splitter } from "./grow.js";
import { partByCode, partByValue, randomThreshold } from "./part.js";
import type { Random } from "../random.js";

/** Largest node that is sorted by insertion. */
const INSERTION = 20;

interface Buffers {
  /** Code and place in the node of each row, as code * 2^22 + place, in order. */
  readonly keys: Int32Array;
  readonly starts: Int32Array;
  /** (codes, classes) */
  readonly histogram: Float64Array;
  readonly left: Float64Array;
  /** Codes of the node's rows. */
  readonly codes: Uint8Array;
}

const PLACE = 22;
const PLACE_MASK = (1 << PLACE) - 1;

function accept(node: ClassNode, score: number, feature: number, code: number, next: number): void {
  node.best.gain = score - node.base;
  node.best.feature = feature;
  node.best.code = code;
  // Overwritten by the real threshold once the search is over: here only the code that follows in the node is kept.
  node.best.threshold = next;
}

function sortKeys(b: Buffers, size: number, low: number, high: number): void {
  const { keys, codes, starts } = b;
  if (size <= INSERTION) {
    for (let i = 0; i < size; i++) {
      const key = (codes[i]! << PLACE) | i;
      let q = i - 1;
      for (; q >= 0 && keys[q]! > key; q--) keys[q + 1] = keys[q]!;
      keys[q + 1] = key;
    }
    return;
  }
  for (let v = low; v <= high; v++) starts[v] = 0;
  for (let i = 0; i < size; i++) starts[codes[i]!]! += 1;
  for (let v = low, at = 0; v <= high; v++) {
    const n = starts[v]!;
    starts[v] = at;
    at += n;
  }
  for (let i = 0; i < size; i++) {
    const v = codes[i]!;
    keys[starts[v]!] = (v << PLACE) | i;
    starts[v]! += 1;
  }
}

/** Gini over sorted rows; sums of squares are kept up row by row. */
function scanSortedGini(node: ClassNode, b: Buffers, feature: number): void {
  const { ys, ws, totals, size, weight, base } = node;
  const { keys, left } = b;
  const min = node.target.minLeaf;
  left.fill(0);
  let [w, sl, sr, top] = [0, 0, base * weight, node.best.gain + base];
  for (let i = 0; i < size - 1; i++) {
    const key = keys[i]!;
    const at = key & PLACE_MASK;
    const c = ys[at]!;
    const q = ws[at]!;
    const l = left[c]!;
    sl += q * (2 * l + q);
    sr += q * (q - 2 * (totals[c]! - l));
    left[c] = l + q;
    w += q;
    const next = keys[i + 1]! >> PLACE;
    if (next === key >> PLACE) continue;
    const score = sl / w + sr / (weight - w);
    if (score > top && w >= min && weight - w >= min) {
      top = score;
      accept(node, score, feature, key >> PLACE, next);
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
  let [w, sl, sr, top, last, ahead] = [0, 0, base * weight, node.best.gain + base, -1, false];
  for (let v = low, h = low * classes; v <= high; v++) {
    let [add, al, ar] = [0, 0, 0];
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
    if (ahead) { accept(node, top, feature, last, v); ahead = false; }
    sl += al;
    sr += ar;
    w += add;
    last = v;
    const score = sl / w + sr / (weight - w);
    if (v < high && score > top && w >= min && weight - w >= min) { top = score; ahead = true; }
  }
}

/** Any purity over sorted rows, from the table of n log n. */
function scanSorted(node: ClassNode, b: Buffers, feature: number): void {
  const { ys, ws, totals, size, weight, base, nLogN } = node;
  const { keys, left } = b;
  const min = node.target.minLeaf;
  left.fill(0);
  let w = 0;
  for (let i = 0; i < size - 1; i++) {
    const at = keys[i]! & PLACE_MASK;
    left[ys[at]!]! += ws[at]!;
    w += ws[at]!;
    const [code, next] = [keys[i]! >> PLACE, keys[i + 1]! >> PLACE];
    if (next === code || w < min || weight - w < min) continue;
    let score = -nLogN[w]! - nLogN[weight - w]!;
    for (let c = 0; c < totals.length; c++) score += nLogN[left[c]!]! + nLogN[totals[c]! - left[c]!]!;
    if (score > node.best.gain + base) accept(node, score, feature, code, next);
  }
}

function searchCodes(node: ClassNode, b: Buffers, bins: Bins, feature: number): boolean {
  if (bins.counts[feature]! < 2) return false;
  const { rows, from, size, ys, ws } = node;
  const { codes } = b;
  const all = bins.codes;
  const offset = feature * bins.rows;
  let [low, high] = [255, 0];
  for (let i = 0; i < size; i++) {
    const v = all[offset + rows[from + i]!]!;
    codes[i] = v;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (low === high) return false;
  const classes = node.totals.length;
  const entropy = node.target.purity === "entropy";
  if (entropy || size <= INSERTION || (high - low) * classes > 6 * size) {
    sortKeys(b, size, low, high);
    if (entropy) scanSorted(node, b, feature);
    else scanSortedGini(node, b, feature);
    return true;
  }
  const { histogram } = b;
  for (let i = 0; i < size; i++) histogram[codes[i]! * classes + ys[i]!]! += ws[i]!;
  scanHistogramGini(node, b, feature, low, high);
  return true;
}

/** Splits at the middle of the gap between neighbouring codes that the node holds. */
export function exactClassSplitter(target: ClassTarget, bins: Bins): Splitter {
  const n = bins.rows;
  const node = makeClassNode(target, n);
  const buffers: Buffers = {
    keys: new Int32Array(n), starts: new Int32Array(256), histogram: new Float64Array(256 * target.classes), left: new Float64Array(target.classes), codes: new Uint8Array(n),
  };
  const part = partByCode(bins, new Int32Array(n));
  return {
    width: target.classes, best: node.best,
    get weight() { return node.weight; },
    get risk() { return node.risk; },
    enter: (rows, from, to) => enterClasses(node, rows, from, to),
    search: (feature) => searchCodes(node, buffers, bins, feature),
    part: (rows, from, to, split) => {
      split.threshold = between(bins, split.feature, split.code, split.threshold);
      return part(rows, from, to, split);
    },
    writeValue: (out, at) => { out.set(node.totals, at); },
  };
}

function searchRandom(node: ClassNode, columns: Float32Array, left: Float64Array, feature: number, random: Random): boolean {
  const { rows, from, size, ys, ws, totals, weight } = node;
  const classes = totals.length;
  const offset = feature * node.target.y.length;
  let [low, high] = [Infinity, -Infinity];
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
