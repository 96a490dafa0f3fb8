/** Pair decisions as probabilities: Platt's sigmoid per pair, then pairwise coupling. Source: libsvm's svm.cpp (sigmoid_predict, multiclass_probability). */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp } from "../../../ir/op.js";

/** P(i | i or j) = 1 / (1 + exp(a[p] x[p] + b[p])) for pair p = (i, j), i < j. */
export type PlattAttrs = { readonly classes: number; readonly a: Float64Array; readonly b: Float64Array };

const SMALLEST = 1e-7;

function sigmoid(x: number, a: number, b: number): number {
  const z = x * a + b;
  const p = z >= 0 ? Math.exp(-z) / (1 + Math.exp(-z)) : 1 / (1 + Math.exp(z));
  return Math.min(Math.max(p, SMALLEST), 1 - SMALLEST);
}

/** (k, k): r[i][j] = P(i | i or j). */
function pairwise(attrs: PlattAttrs, x: ArrayLike<number>): Float64Array {
  const k = attrs.classes;
  const r = new Float64Array(k * k);
  for (let i = 0, at = 0; i < k; i++) {
    for (let j = i + 1; j < k; j++, at++) {
      const p = sigmoid(x[at] ?? 0, attrs.a[at] ?? 0, attrs.b[at] ?? 0);
      r[i * k + j] = p;
      r[j * k + i] = 1 - p;
    }
  }
  return r;
}

/** Method 2 of Wu, Lin and Weng (2004): minimises sum over pairs of (r_ji p_i - r_ij p_j)^2, stopping where libsvm stops. */
function couple(r: Float64Array, k: number): Float64Array {
  const at = (m: Float64Array, i: number, j: number): number => m[i * k + j] ?? 0;
  const q = new Float64Array(k * k);
  for (let t = 0; t < k; t++) {
    for (let j = 0; j < k; j++) {
      if (j === t) continue;
      q[t * k + t]! += at(r, j, t) ** 2;
      q[t * k + j] = -at(r, j, t) * at(r, t, j);
    }
  }
  const p = new Float64Array(k).fill(1 / k);
  const qp = new Float64Array(k);
  for (let turn = 0; turn < Math.max(100, k); turn++) {
    let pqp = 0;
    for (let t = 0; t < k; t++) {
      qp[t] = 0;
      for (let j = 0; j < k; j++) qp[t]! += at(q, t, j) * (p[j] ?? 0);
      pqp += (p[t] ?? 0) * (qp[t] ?? 0);
    }
    if (qp.every((v) => Math.abs(v - pqp) < 0.005 / k)) break;
    for (let t = 0; t < k; t++) {
      const diff = (pqp - (qp[t] ?? 0)) / at(q, t, t);
      p[t]! += diff;
      pqp = (pqp + diff * (diff * at(q, t, t) + 2 * (qp[t] ?? 0))) / (1 + diff) / (1 + diff);
      for (let j = 0; j < k; j++) {
        qp[j] = ((qp[j] ?? 0) + diff * at(q, t, j)) / (1 + diff);
        p[j]! /= 1 + diff;
      }
    }
  }
  return p;
}

export default defineOp({
  name: "platt",
  family: "decision",
  doc: "y = probabilities that fit P(i | i or j) = 1 / (1 + exp(a x + b)) of all pairs best",
  inputs: ["x"],
  outputs: ["y"],
  infer: (a: PlattAttrs, [x]) => {
    const pairs = (a.classes * (a.classes - 1)) / 2;
    if (x?.[0] !== pairs || a.a.length !== pairs || a.b.length !== pairs) fail("ir/shape", "platt", `${x?.[0]} decisions, ${a.a.length} and ${a.b.length} constants for ${a.classes} classes`, "Give one of each for each pair.");
    return [[a.classes]];
  },
  float: (a, [x]) => [couple(pairwise(a, x ?? []), a.classes)],
  params: {},
  levels: 1,
  prepare: null,
  int: () => { throw new Error("platt runs on the host"); },
  traits: { hostOnly: "it changes no label (libsvm votes even where it gives probabilities); the tool applies it to the scores it prints" },
  from: {},
  cases: [],
});
