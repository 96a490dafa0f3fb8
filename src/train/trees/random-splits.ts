/** One random threshold for each feature tried (Geurts, Ernst, Wehenkel 2006), in classification and regression. */
import { enterClasses, entropyScore, makeClassNode, perfect, writeTotals, type ClassNode, type ClassTarget } from "./class-node.js";
import { partByEven, type Even } from "./even.js";
import type { Split, Splitter } from "./grow.js";
import { makeNumberNode, numberSplitter, type NumberNode, type NumberTarget } from "./number-splits.js";
import type { Random } from "../random.js";

/** Reads the codes of a node's rows into their places and draws one below the largest of them; -1 where all are equal. */
function drawCode(even: Even, feature: number, rows: Int32Array, from: number, size: number, codes: Int32Array, random: Random): number {
  const all = even.codes;
  const offset = feature * even.rows;
  const to = from + size;
  let low = 0x7fffffff;
  let high = -1;
  for (let i = from; i < to; i++) {
    const v = all[(offset + rows[i]!) | 0]!;
    codes[i] = v;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return low === high ? -1 : low + Math.floor(random.unit() * (high - low));
}

/** Weights of the classes up to a code, without a branch that cannot be foreseen; gives their sum. */
function countLeft(node: ClassNode, codes: Int32Array, left: Int32Array, code: number): number {
  const { from, size, ys, ws } = node;
  for (let c = 0; c < left.length; c++) left[c] = 0;
  let w = 0;
  for (let i = 0; i < size; i++) {
    const q = ws[i]! & ~((code - codes[from + i]!) >> 31);
    left[ys[i]!]! += q;
    w += q;
  }
  return w;
}

/** Class by class, from the weights on the left. */
function giniOf(node: ClassNode, left: Int32Array, w: number): number {
  let sl = 0;
  let sr = 0;
  for (let c = 0; c < left.length; c++) {
    const r = node.totals[c]! - left[c]!;
    sl += left[c]! * left[c]!;
    sr += r * r;
  }
  return sl / w + sr / (node.weight - w);
}

/** Weights of a node's rows at their places, each in the part of two words that belongs to its class: sums of few classes need no table. */
interface Words {
  readonly one: Int32Array;
  readonly two: Int32Array;
  /** Bits of a class: 8 or 16; 0 where the classes are too many, or the node too heavy. */
  bits: number;
}

function fillWords(node: ClassNode, words: Words): void {
  const { from, size, ys, ws, weight } = node;
  const classes = node.totals.length;
  const { one, two } = words;
  const bits = weight < 256 && classes <= 8 ? 8 : weight < 65536 && classes <= 4 ? 16 : 0;
  words.bits = bits;
  if (bits === 0) return;
  for (let i = 0; i < size; i++) {
    const shift = bits * ys[i]!;
    const q = ws[i]! << (shift & 31);
    const second = -(shift >> 5);
    one[from + i] = q & ~second;
    two[from + i] = q & second;
  }
}

/** {@link countLeft} by words. */
function countWords(node: ClassNode, words: Words, codes: Int32Array, left: Int32Array, code: number): number {
  const { from } = node;
  const to = from + node.size;
  const { one, two, bits } = words;
  let a = 0;
  let b = 0;
  for (let i = from; i < to; i++) a = (a + (one[i]! & ~((code - codes[i]!) >> 31))) | 0;
  if (bits * left.length > 32) for (let i = from; i < to; i++) b = (b + (two[i]! & ~((code - codes[i]!) >> 31))) | 0;
  const mask = (1 << bits) - 1;
  let w = 0;
  for (let c = 0, shift = 0; c < left.length; c++, shift += bits) {
    const q = ((shift < 32 ? a : b) >>> (shift & 31)) & mask;
    left[c] = q;
    w += q;
  }
  return w;
}

function accept(best: Split, gain: number, feature: number, code: number): void {
  best.gain = gain;
  best.feature = feature;
  best.code = code;
}

export function randomClassSplitter(target: ClassTarget, even: Even): Splitter {
  const node = makeClassNode(target, even.rows);
  const codes = new Int32Array(even.rows);
  const words: Words = { one: new Int32Array(even.rows), two: new Int32Array(even.rows), bits: 0 };
  const left = new Int32Array(target.classes);
  const search = (feature: number, random: Random): void => {
    const code = drawCode(even, feature, node.rows, node.from, node.size, codes, random);
    if (code < 0) return;
    const w = words.bits > 0 ? countWords(node, words, codes, left, code) : countLeft(node, codes, left, code);
    if (w < target.minLeaf || node.weight - w < target.minLeaf) return;
    const gain = (target.purity === "gini" ? giniOf(node, left, w) : entropyScore(node, left, w)) - node.base;
    if (gain > node.best.gain) accept(node.best, gain, feature, code);
  };
  return {
    width: target.classes, best: node.best,
    get weight() { return node.weight; },
    get risk() { return node.risk; },
    enter: (rows, from, to) => {
      const divisible = enterClasses(node, rows, from, to);
      if (divisible) fillWords(node, words);
      return divisible;
    },
    search: (feature, random) => {
      search(feature, random);
      return perfect(node);
    },
    part: partByEven(even, new Int32Array(even.rows)),
    writeValue: (out, at) => writeTotals(node, out, at),
  };
}

function tryNumber(node: NumberNode, even: Even, codes: Int32Array, feature: number, random: Random): void {
  const { from, size, ys, ws, sum, weight, base, best } = node;
  const code = drawCode(even, feature, node.rows, node.from, size, codes, random);
  if (code < 0) return;
  let w = 0;
  let s = 0;
  for (let i = 0; i < size; i++) {
    // 1 on the left, 0 on the right: no branch that cannot be foreseen.
    const goesLeft = 1 + ((code - codes[from + i]!) >> 31);
    s += goesLeft * ys[i]!;
    w += goesLeft * ws[i]!;
  }
  const min = node.target.minLeaf;
  if (w < min || weight - w < min) return;
  const gain = (s * s) / w + ((sum - s) * (sum - s)) / (weight - w) - base;
  if (gain > best.gain) accept(best, gain, feature, code);
}

export function randomNumberSplitter(target: NumberTarget, even: Even): Splitter {
  const node = makeNumberNode(target);
  const codes = new Int32Array(even.rows);
  return numberSplitter(node, (feature, random) => tryNumber(node, even, codes, feature, random), partByEven(even, new Int32Array(even.rows)));
}
