/** Plain ONNX operators on constants, and on trial values where a pattern is recognised by what it computes. Source: ONNX operator set 17. */
import { fail } from "../../ir/diagnostics.js";
import { isNdArray, numberField, type Foreign } from "../../ir/foreign.js";

export interface Num { readonly shape: readonly number[]; readonly data: Float64Array }
type Kernel = (f: Foreign, xs: readonly Num[]) => Num;

/** Elements one intermediate may have; a model that fits a microcontroller stays far below. */
const MAX_ELEMENTS = 1 << 22;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
export const opName = (f: Foreign): string => f.type.slice(f.type.lastIndexOf(".") + 1);

export function bad(f: Foreign, what: string): never {
  return fail("onnx/bad-shape", f.where, `${opName(f)}: ${what}`, "Shapes must fit as ONNX demands; check the model with onnx.checker.check_model.");
}

export function checkSize(f: Foreign, shape: readonly number[]): number {
  const n = sizeOf(shape);
  return n <= MAX_ELEMENTS ? n : bad(f, `a result of ${n} elements`);
}

export interface Broadcast { readonly shape: readonly number[]; readonly a: Int32Array; readonly b: Int32Array }

/** For each element of the common shape, the elements of both operands it is made of. */
export function broadcast(f: Foreign, sa: readonly number[], sb: readonly number[]): Broadcast {
  const rank = Math.max(sa.length, sb.length);
  const dim = (s: readonly number[], i: number): number => s[i - rank + s.length] ?? 1;
  const shape = Array.from({ length: rank }, (_, i) => {
    const [p, q] = [dim(sa, i), dim(sb, i)];
    return p === q || q === 1 ? p : p === 1 ? q : bad(f, `shapes [${sa}] and [${sb}]`);
  });
  const n = checkSize(f, shape);
  const indices = (s: readonly number[]): Int32Array => {
    const out = new Int32Array(n);
    let block = 1, own = 1;
    for (let i = rank - 1; i >= 0; i--) {
      const [size, d] = [shape[i] ?? 1, dim(s, i)];
      if (d > 1) for (let e = 0; e < n; e++) out[e]! += (Math.floor(e / block) % size) * own;
      block *= size;
      own *= d;
    }
    return out;
  };
  return { shape, a: indices(sa), b: indices(sb) };
}

const unary = (g: (v: number) => number): Kernel => (f, [x]) => (x ? { shape: x.shape, data: x.data.map(g) } : bad(f, "no input"));

function pairwise(f: Foreign, x: Num, y: Num, g: (p: number, q: number) => number): Num {
  const { shape, a, b } = broadcast(f, x.shape, y.shape);
  return { shape, data: Float64Array.from(a, (i, e) => g(x.data[i] ?? 0, y.data[b[e] ?? 0] ?? 0)) };
}

const fold = (g: (p: number, q: number) => number): Kernel => (f, xs) => {
  const [first, ...rest] = xs;
  return first ? rest.reduce((x, y) => pairwise(f, x, y, g), first) : bad(f, "no input");
};

/** An axis counted from the end when negative. */
export function axisOf(f: Foreign, rank: number, fallback: number, name = "axis"): number {
  const a = numberField(f, name, fallback);
  const at = a < 0 ? a + rank : a;
  return Number.isInteger(at) && at >= 0 && at < Math.max(rank, 1) ? at : bad(f, `axis ${a} of ${rank}`);
}

/** The axes of a reduction: attribute, second input, or all. */
export function axesOf(f: Foreign, rank: number, second: Num | undefined): readonly number[] {
  const attr = f.fields.get("axes");
  const list = isNdArray(attr) ? [...attr.data] : second ? [...second.data] : Array.from({ length: rank }, (_, i) => i);
  return list.map((a) => (Number.isInteger(a) && a >= -rank && a < rank ? (a + rank) % rank : bad(f, `axis ${a} of ${rank}`)));
}

export interface Reduction { readonly shape: readonly number[]; /** Result element each operand element goes to. */ readonly to: Int32Array }

export function reduction(f: Foreign, shape: readonly number[], axes: readonly number[], keep: boolean): Reduction {
  const to = new Int32Array(checkSize(f, shape));
  let block = 1, own = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const size = shape[i] ?? 1;
    if (!axes.includes(i)) {
      for (let e = 0; e < to.length; e++) to[e]! += (Math.floor(e / block) % size) * own;
      own *= size;
    }
    block *= size;
  }
  return { shape: shape.flatMap((d, i) => (axes.includes(i) ? (keep ? [1] : []) : [d])), to };
}

const reduceSum = (power: number): Kernel => (f, [x, axes]) => {
  if (!x) return bad(f, "no input");
  const r = reduction(f, x.shape, axesOf(f, x.shape.length, axes), numberField(f, "keepdims", 1) !== 0);
  const data = new Float64Array(sizeOf(r.shape));
  x.data.forEach((v, e) => { data[r.to[e] ?? 0]! += v ** power; });
  return { shape: r.shape, data };
};

const reduceMax: Kernel = (f, [x, axes]) => {
  if (!x) return bad(f, "no input");
  const r = reduction(f, x.shape, axesOf(f, x.shape.length, axes), numberField(f, "keepdims", 1) !== 0);
  const data = new Float64Array(sizeOf(r.shape)).fill(-Infinity);
  x.data.forEach((v, e) => { data[r.to[e] ?? 0] = Math.max(data[r.to[e] ?? 0] ?? -Infinity, v); });
  return { shape: r.shape, data };
};

const reduceMean: Kernel = (f, ins) => {
  const total = reduceSum(1)(f, ins);
  const each = (ins[0]?.data.length ?? 1) / Math.max(1, total.data.length);
  return { ...total, data: total.data.map((v) => v / each) };
};

const arg = (better: (v: number, best: number) => boolean): Kernel => (f, [x]) => {
  if (!x) return bad(f, "no input");
  const axis = axisOf(f, x.shape.length, 0);
  const r = reduction(f, x.shape, [axis], numberField(f, "keepdims", 1) !== 0);
  const inner = sizeOf(x.shape.slice(axis + 1));
  const best = new Float64Array(sizeOf(r.shape)).fill(NaN);
  const at = new Float64Array(best.length);
  x.data.forEach((v, e) => {
    const k = r.to[e] ?? 0;
    if (!Number.isNaN(best[k]) && !better(v, best[k] ?? 0)) return;
    best[k] = v;
    at[k] = Math.floor(e / inner) % (x.shape[axis] ?? 1);
  });
  return { shape: r.shape, data: at };
};

/** The shape a Reshape asks for: 0 copies, -1 is what is left. */
export function reshaped(f: Foreign, from: readonly number[], wanted: readonly number[]): readonly number[] {
  const n = sizeOf(from);
  const shape = wanted.map((d, i) => (d === 0 ? (from[i] ?? 1) : d));
  const known = shape.reduce((p, d) => (d === -1 ? p : p * d), 1);
  const out = shape.map((d) => (d === -1 ? n / known : d));
  return shape.filter((d) => d === -1).length <= 1 && out.every((d) => Number.isInteger(d) && d >= 0) && sizeOf(out) === n ? out : bad(f, `[${from}] to [${wanted}]`);
}

/** For each element of the result, the element of the operand taken along `axis`. */
export function taken(f: Foreign, shape: readonly number[], axis: number, index: readonly number[]): { readonly count: number; readonly from: Int32Array } {
  const size = shape[axis] ?? 1;
  const inner = sizeOf(shape.slice(axis + 1));
  const outer = sizeOf(shape.slice(0, axis));
  const from = new Int32Array(checkSize(f, [outer, index.length, inner]));
  let e = 0;
  for (let o = 0; o < outer; o++) {
    for (const raw of index) {
      const i = raw < 0 ? raw + size : raw;
      if (!Number.isInteger(i) || i < 0 || i >= size) bad(f, `index ${raw} of ${size}`);
      for (let k = 0; k < inner; k++) from[e++] = (o * size + i) * inner + k;
    }
  }
  return { count: index.length, from };
}

const gather: Kernel = (f, [x, index]) => {
  if (!x || !index) return bad(f, "two inputs are needed");
  const axis = opName(f) === "Gather" ? axisOf(f, x.shape.length, 0) : Math.max(0, x.shape.length - 1);
  const { from } = taken(f, x.shape, axis, [...index.data]);
  const middle = opName(f) === "Gather" ? index.shape : [index.data.length];
  const shape = [...x.shape.slice(0, axis), ...middle, ...x.shape.slice(axis + 1)];
  return { shape: shape.length === 1 && opName(f) !== "Gather" ? [1, ...shape] : shape, data: Float64Array.from(from, (i) => x.data[i] ?? 0) };
};

const concat: Kernel = (f, xs) => {
  const [first] = xs;
  if (!first) return bad(f, "no input");
  const axis = axisOf(f, first.shape.length, 0);
  const outer = sizeOf(first.shape.slice(0, axis));
  if (xs.some((x) => x.shape.length !== first.shape.length || x.shape.some((d, i) => i !== axis && d !== first.shape[i]))) bad(f, "shapes differ");
  const shape = first.shape.map((d, i) => (i === axis ? xs.reduce((s, x) => s + (x.shape[axis] ?? 1), 0) : d));
  const data = new Float64Array(checkSize(f, shape));
  let e = 0;
  for (let o = 0; o < outer; o++) for (const x of xs) { const part = x.data.length / outer; data.set(x.data.subarray(o * part, (o + 1) * part), e); e += part; }
  return { shape, data };
};

const transpose: Kernel = (f, [x]) => {
  if (!x || x.shape.length > 2) return bad(f, "only matrices are supported");
  const [rows = 1, cols = 1] = x.shape.length === 2 ? x.shape : [1, x.shape[0]];
  const perm = f.fields.get("perm");
  if (x.shape.length < 2 || (isNdArray(perm) && perm.data[0] === 0)) return x;
  return { shape: [cols, rows], data: Float64Array.from({ length: x.data.length }, (_, e) => x.data[(e % rows) * cols + Math.floor(e / rows)] ?? 0) };
};

const cast: Kernel = (f, [x]) => {
  const to = numberField(f, "to");
  const whole = ![1, 10, 11, 16].includes(to);
  return x ? { shape: x.shape, data: to === 9 ? x.data.map((v) => (v !== 0 ? 1 : 0)) : whole ? x.data.map(Math.trunc) : x.data } : bad(f, "no input");
};

const truth = (g: (p: number, q: number) => boolean): Kernel => fold((p, q) => (g(p, q) ? 1 : 0));
const same: Kernel = (f, [x]) => x ?? bad(f, "no input");
const reshape: Kernel = (f, [x, s]) => (x && s ? { shape: reshaped(f, x.shape, [...s.data]), data: x.data } : bad(f, "two inputs are needed"));

export const numeric: Readonly<Record<string, Kernel>> = {
  Add: fold((p, q) => p + q), Sum: fold((p, q) => p + q), Sub: fold((p, q) => p - q), Mul: fold((p, q) => p * q), Div: fold((p, q) => p / q), Pow: fold((p, q) => p ** q),
  Max: fold(Math.max), Min: fold(Math.min), Neg: unary((v) => -v), Abs: unary(Math.abs), Sqrt: unary(Math.sqrt), Exp: unary(Math.exp), Log: unary(Math.log), Sign: unary(Math.sign),
  Reciprocal: unary((v) => 1 / v), Not: unary((v) => (v === 0 ? 1 : 0)), Less: truth((p, q) => p < q), Greater: truth((p, q) => p > q), Equal: truth((p, q) => p === q),
  LessOrEqual: truth((p, q) => p <= q), GreaterOrEqual: truth((p, q) => p >= q), ReduceSum: reduceSum(1), ReduceSumSquare: reduceSum(2), ReduceMax: reduceMax, ReduceMean: reduceMean,
  ArgMax: arg((v, best) => v > best), ArgMin: arg((v, best) => v < best), Cast: cast, Identity: same, ZipMap: same, Reshape: reshape, Transpose: transpose, Concat: concat, Gather: gather, ArrayFeatureExtractor: gather,
  Flatten: (f, [x]) => (x ? { shape: [x.shape[0] ?? 1, sizeOf(x.shape.slice(1))], data: x.data } : bad(f, "no input")),
};
