/** What the importer knows of a tensor for one row of inputs: a constant, or a simple form of a value of the graph under construction. */
import type { Foreign } from "../../ir/foreign.js";
import type { Value } from "../../ir/op.js";
import { bad, broadcast, sizeOf, type Num } from "./numeric.js";
import type { OnnxTensor } from "./tensor.js";

/**
 * Elements made of a value `base` of `n` elements.
 * With `pick`: y[e] = a[e] x² + w[e] x + c[e], x = base[pick[e]]. Without: y[e] = sum over j of a[e, j] x[j]² + w[e, j] x[j], + c[e].
 */
export interface Form {
  readonly kind: "form";
  readonly shape: readonly number[];
  readonly base: Value;
  readonly n: number;
  readonly pick: Int32Array | null;
  readonly a: Float64Array | null;
  readonly w: Float64Array;
  readonly c: Float64Array;
}

/** `scale * f(gain * of) + offset`, with f a name of the operator `link` or a plain function. */
export interface Fn {
  readonly kind: "fn";
  readonly shape: readonly number[];
  readonly name: string;
  readonly of: Form | Leaves;
  readonly gain: number;
  readonly scale: number;
  readonly offset: number;
}

/** Sum of functions of the leaves that x falls into: `rows[r]` is what value row r of the tree made by node of `tree` stands for. */
export interface Leaves {
  readonly kind: "leaves";
  readonly shape: readonly number[];
  readonly terms: readonly { readonly tree: Value; readonly rows: Float64Array }[];
  readonly bias: number;
}

/** Index of the largest (or smallest) element. */
export interface Index { readonly kind: "index"; readonly of: Form | Fn; readonly smallest: boolean }
/** `of < at ? yes : no`. */
export interface Test { readonly kind: "test"; readonly of: Form | Fn; readonly at: number; readonly yes: number; readonly no: number }
/** A class label: `source` is its index as a value of the graph, as an arg-max, or as the ONNX tensor that a pattern must explain. */
export interface Label { readonly kind: "label"; readonly source: Value | Index | string; readonly labels: readonly (string | number)[] }
/** Constant: numbers, or strings where `num` is null. */
export interface Const { readonly kind: "const"; readonly tensor: OnnxTensor; readonly num: Num | null }
/** Distances to all rows of `points`: power 2 squared euclidean (`root`: its root), 1 city-block, 0 the largest difference. */
export interface Distances { readonly kind: "distances"; readonly of: Form; readonly points: Num; readonly power: number; readonly root: boolean }
/** The `k` nearest rows: tensors `values` (distances) and `indices`. */
export interface Neighbours { readonly kind: "neighbours"; readonly search: Distances; readonly k: number; readonly values: string; readonly indices: string }
/** Known only as the result of its node; a pattern may still recognise it. */
export interface Opaque { readonly kind: "opaque"; readonly node: Foreign; readonly output: string }

export type Sym = Const | Form | Fn | Leaves | Index | Test | Label | Distances | Neighbours | Opaque;

const MAX_DENSE = 1 << 22;

export const identity = (base: Value, n: number, shape: readonly number[]): Form =>
  ({ kind: "form", shape, base, n, pick: Int32Array.from({ length: n }, (_, i) => i), a: null, w: new Float64Array(n).fill(1), c: new Float64Array(n) });

export const isStraight = (f: Form): boolean => f.pick !== null && f.a === null && f.pick.length === f.n && f.pick.every((p, i) => p === i);
export const isIdentity = (f: Form): boolean => isStraight(f) && f.w.every((v) => v === 1) && f.c.every((v) => v === 0);
/** Elements of the base as they are, perhaps some of them only, perhaps in another order. */
export const isSelection = (f: Form): boolean => f.pick !== null && f.a === null && f.w.every((v) => v === 1) && f.c.every((v) => v === 0);

/** The form with a full matrix. */
export function dense(node: Foreign, f: Form): Form {
  if (f.pick === null) return f;
  const rows = f.c.length;
  if (rows * f.n > MAX_DENSE) bad(node, `a matrix of ${rows} by ${f.n}`);
  const w = new Float64Array(rows * f.n);
  const a = f.a ? new Float64Array(rows * f.n) : null;
  for (let e = 0; e < rows; e++) {
    const at = e * f.n + (f.pick[e] ?? 0);
    w[at] = f.w[e] ?? 0;
    if (a) a[at] = f.a?.[e] ?? 0;
  }
  return { ...f, pick: null, w, a };
}

/** Takes elements by index; each may be taken more than once. */
export function take(node: Foreign, f: Form, from: Int32Array, shape: readonly number[]): Form {
  const part = (v: Float64Array, width: number): Float64Array => {
    if (from.length * width > MAX_DENSE) bad(node, `a matrix of ${from.length} by ${width}`);
    const out = new Float64Array(from.length * width);
    from.forEach((i, e) => out.set(v.subarray(i * width, (i + 1) * width), e * width));
    return out;
  };
  const width = f.pick ? 1 : f.n;
  return { ...f, shape, pick: f.pick ? from.map((i) => f.pick?.[i] ?? 0) : null, a: f.a ? part(f.a, width) : null, w: part(f.w, width), c: part(f.c, 1) };
}

/** `f * scale + offset`, scale and offset per element. */
export function scaled(f: Form, scale: (e: number) => number, offset: (e: number) => number): Form {
  const width = f.pick ? 1 : f.n;
  const times = (v: Float64Array): Float64Array => v.map((x, i) => x * scale(Math.floor(i / width)));
  return { ...f, a: f.a ? times(f.a) : null, w: times(f.w), c: f.c.map((x, e) => x * scale(e) + offset(e)) };
}

/** `p + sign * q` of two forms of one base. */
export function sum(node: Foreign, p: Form, q: Form, sign: number): Form {
  const { shape, a, b } = broadcast(node, p.shape, q.shape);
  const [x0, y0] = [take(node, p, a, shape), take(node, q, b, shape)];
  const alike = x0.pick !== null && y0.pick !== null && x0.pick.every((v, e) => v === y0.pick?.[e]);
  const [x, y] = alike ? [x0, y0] : [dense(node, x0), dense(node, y0)];
  const add = (u: Float64Array, v: Float64Array): Float64Array => u.map((t, i) => t + sign * (v[i] ?? 0));
  const zero = (): Float64Array => new Float64Array(x.w.length);
  return { ...x, a: x.a || y.a ? add(x.a ?? zero(), y.a ?? zero()) : null, w: add(x.w, y.w), c: add(x.c, y.c) };
}

/** The square of a form whose elements depend on one element of the base each. */
export const square = (f: Form): Form | null =>
  f.pick === null || f.a !== null ? null : { ...f, a: f.w.map((w) => w * w), w: f.w.map((w, e) => 2 * w * (f.c[e] ?? 0)), c: f.c.map((c) => c * c) };

/** Sums of elements: element e goes to result `to[e]`. */
export function gathered(node: Foreign, form: Form, to: Int32Array, shape: readonly number[]): Form {
  const f = dense(node, form);
  const rows = sizeOf(shape);
  if (rows * f.n > MAX_DENSE) bad(node, `a matrix of ${rows} by ${f.n}`);
  const w = new Float64Array(rows * f.n);
  const a = f.a ? new Float64Array(rows * f.n) : null;
  const c = new Float64Array(rows);
  to.forEach((r, e) => {
    c[r]! += f.c[e] ?? 0;
    for (let j = 0; j < f.n; j++) {
      w[r * f.n + j]! += f.w[e * f.n + j] ?? 0;
      if (a) a[r * f.n + j]! += f.a?.[e * f.n + j] ?? 0;
    }
  });
  return { ...f, shape, w, a, c };
}

/** `f @ m`, m (n, cols) row-major: the form's last axis times a matrix. */
export function matmul(node: Foreign, form: Form, m: Num, transposed: boolean, alpha: number): Form {
  const [p = 0, q = 0] = m.shape;
  const [inner, cols] = transposed ? [q, p] : [p, q];
  if (m.shape.length !== 2 || form.shape.at(-1) !== inner || form.c.length !== inner) bad(node, `[${form.shape}] times [${m.shape}]`);
  const at = (k: number, j: number): number => alpha * ((transposed ? m.data[j * q + k] : m.data[k * q + j]) ?? 0);
  const f = isIdentity(form) ? null : dense(node, form);
  const n = form.n;
  if (cols * n > MAX_DENSE || (f !== null && cols * n * inner > 2 ** 28)) bad(node, `a matrix of ${cols} by ${n}`);
  const w = new Float64Array(cols * n);
  const c = new Float64Array(cols);
  for (let j = 0; j < cols; j++) {
    for (let k = 0; k < inner; k++) {
      const v = at(k, j);
      if (f === null) { w[j * n + k] = v; continue; }
      c[j]! += v * (f.c[k] ?? 0);
      for (let i = 0; i < n; i++) w[j * n + i]! += v * (f.w[k * n + i] ?? 0);
    }
  }
  return { kind: "form", shape: [...form.shape.slice(0, -1), cols], base: form.base, n, pick: null, a: null, w, c };
}
