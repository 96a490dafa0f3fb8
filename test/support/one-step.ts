/** An operator's case as programs of one step, in every type, scale and precision it can meet. */
import type { AnyOp, Arithmetic, Case, PrepareCtx, Program, Stats, Step } from "../../src/ir/op.js";
import { isInt, limits, makeArray, scaleAt, zeroAt, type Attrs, type DType, type Quant, type Tensor, type TypedArray } from "../../src/ir/types.js";
import { random } from "./random.js";

/** How the integers of the input cover the case's range. */
export type Covering = "exact" | "each" | "roomy";

export interface Variant {
  readonly title: string;
  readonly op: AnyOp;
  readonly attrs: Attrs;
  readonly tolerance: number;
  readonly covering: Covering;
  readonly finest: boolean;
  readonly program: Program;
  readonly step: Step;
  readonly input: Tensor;
  readonly outputs: readonly Tensor[];
  /** Rows within the case's range, and rows of any integers there are. */
  readonly rows: readonly TypedArray[];
  readonly wild: readonly TypedArray[];
}

/** 32-bit inputs are sums, which every operator keeps within 2^30. */
const SUM = 2 ** 30;
const extremes = (d: DType): readonly [number, number] => (d === "i32" ? [-SUM, SUM] : isInt(d) ? limits(d) : [0, 0]);

/** `scores`: a decision reads sums, whose zero is 0. */
function quantFor(c: Case<Attrs>, dtype: DType, covering: Covering, scores: boolean): Quant | undefined {
  if (!isInt(dtype)) return undefined;
  const [lo, hi] = scores ? [-Math.max(-c.range[0], c.range[1]), Math.max(-c.range[0], c.range[1])] : c.range;
  const [qlo, qhi] = extremes(dtype);
  if (dtype === "i32") {
    const s = Math.max(Math.abs(lo), Math.abs(hi)) / SUM;
    return { scale: covering === "each" ? Array.from({ length: c.features }, (_, i) => s * (1 + i / 8)) : [s], zero: [0] };
  }
  const s = ((hi - lo) / (qhi - qlo)) * (covering === "roomy" ? 7 : 1);
  const z = scores ? 0 : Math.round((qlo + qhi) / 2 - (lo + hi) / 2 / s) + 0;
  if (covering !== "each") return { scale: [s], zero: [z] };
  const steps = Array.from({ length: c.features }, (_, i) => i);
  return { scale: steps.map((i) => s * (1 + i / 8)), zero: steps.map((i) => z + (i % 3) * 0.25) };
}

/** Real values of a row, as the device reads its integers. */
export const reals = (row: ArrayLike<number>, t: Tensor): Float64Array =>
  Float64Array.from({ length: row.length }, (_, i) => (t.quant ? scaleAt(t.quant, i) * ((row[i] ?? 0) - zeroAt(t.quant, i)) : (row[i] ?? 0)));

const fill = (dtype: DType, n: number, f: (i: number) => number): TypedArray => {
  const out = makeArray(dtype, n);
  for (let i = 0; i < n; i++) out[i] = f(i);
  return out;
};

function corners(c: Case<Attrs>, t: Tensor): TypedArray[] {
  const [lo, hi] = isInt(t.dtype) ? extremes(t.dtype) : c.range;
  const zero = (i: number): number => (t.quant ? Math.max(lo, Math.min(hi, Math.round(zeroAt(t.quant, i)))) : 0);
  const shapes: ((i: number) => number)[] = [() => lo, () => hi, zero, (i) => Math.min(hi, zero(i) + 1), (i) => Math.max(lo, zero(i) - 1), (i) => (i % 2 ? lo : hi), (i) => (i % 2 ? hi : lo), () => Math.trunc((lo + hi) / 2), (i) => (i === 0 ? hi : zero(i)), (i) => (i === 0 ? lo : zero(i))];
  return shapes.map((f) => fill(t.dtype, c.features, f));
}

function drawn(c: Case<Attrs>, t: Tensor, n: number, seed: number): TypedArray[] {
  const r = random(seed);
  const [lo, hi] = c.range;
  const [qlo, qhi] = extremes(t.dtype);
  const one = (i: number): number => {
    const v = r.between(lo, hi);
    return t.quant ? Math.max(qlo, Math.min(qhi, Math.round(v / scaleAt(t.quant, i) + zeroAt(t.quant, i)))) : v;
  };
  return Array.from({ length: n }, (_, k) => { const first = one(0); return fill(t.dtype, c.features, (i) => (k % 8 === 0 ? first : one(i))); });
}

/** Rows of the operator's own constants, where its decisions turn: as they are, one step above and one below. */
function turning(c: Case<Attrs>, t: Tensor): TypedArray[] {
  const [lo, hi] = isInt(t.dtype) ? extremes(t.dtype) : [-Infinity, Infinity];
  const own = [...new Set(Object.values(c.attrs).flatMap((v) => (typeof v === "number" ? [v] : v instanceof Float64Array ? [...v] : [])))].slice(0, 12);
  const at = (v: number, i: number, by: number): number =>
    isInt(t.dtype) ? Math.max(lo, Math.min(hi, Math.floor(t.quant ? v / scaleAt(t.quant, i) + zeroAt(t.quant, i) : v) + by)) : v + by * Math.abs(v) * 2 ** -23;
  return own.flatMap((v) => [0, 1, -1].map((by) => fill(t.dtype, c.features, (i) => at(v, i, by))));
}

function wildRows(c: Case<Attrs>, t: Tensor, n: number, seed: number): TypedArray[] {
  const r = random(seed);
  const [qlo, qhi] = isInt(t.dtype) ? extremes(t.dtype) : [-1e6, 1e6];
  return [...corners(c, t).slice(0, 4), ...turning(c, t), ...corners(c, t).slice(4), ...Array.from({ length: n }, () => fill(t.dtype, c.features, () => (isInt(t.dtype) ? qlo + r.below(qhi - qlo + 1) : r.normal() * 10 ** r.between(-6, 6))))];
}

export function statsOf(rows: readonly Float64Array[], n: number): Stats {
  const s: Stats = { min: new Float64Array(n).fill(Infinity), max: new Float64Array(n).fill(-Infinity), mean: new Float64Array(n) };
  for (const row of rows) for (let i = 0; i < n; i++) {
    const v = row[i] ?? 0;
    s.min[i] = Math.min(s.min[i] ?? 0, v);
    s.max[i] = Math.max(s.max[i] ?? 0, v);
    s.mean[i]! += v / rows.length;
  }
  return s;
}

interface Choice { readonly dtype: DType; readonly covering: Covering; readonly level: number; readonly arithmetic: Arithmetic }

function variant(op: AnyOp, c: Case<Attrs>, choice: Choice): Variant {
  const { dtype, covering, level, arithmetic } = choice;
  const quant = quantFor(c, dtype, covering, op.family === "decision");
  const input: Tensor = { name: "x", dtype, shape: [c.features], ...(quant ? { quant } : {}) };
  const rows = [...drawn(c, input, 120, 7), ...(covering === "exact" ? corners(c, input) : [])];
  const real = rows.map((r) => reals(r, input));
  const answers = real.map((r) => op.float(c.attrs, [r]));
  const shapes = op.infer(c.attrs, [input.shape]);
  const plain: Tensor[] = shapes.map((shape, i) => ({ name: `y${i}`, dtype: "f64", shape }));
  const ctx: PrepareCtx<Attrs> = {
    attrs: c.attrs, arithmetic, inputs: [input], outputs: plain, level, perElementOutput: covering === "each",
    inputStats: [statsOf(real, c.features)], outputStats: shapes.map((s, i) => statsOf(answers.map((a) => a[i] ?? new Float64Array(0)), s[0] ?? 1)),
  };
  const made = op.prepare?.(ctx);
  if (!made) throw new Error(`${op.name} has no device form`);
  const outputs = plain.map((t, i): Tensor => ({ ...t, ...made.outputs[i] }));
  const step: Step = { name: op.name, op: op.name, params: made.params, inputs: [0], outputs: outputs.map((_, i) => i + 1) };
  const program: Program = {
    name: "v", task: "transform", labels: [], featureNames: Array.from({ length: c.features }, (_, i) => `f${i}`), arithmetic,
    tensors: [input, ...outputs], steps: [step], input: 0, moreInputs: [], moreOutputs: [], label: null, scores: 1, scoresView: outputs[0] as Tensor, host: [], source: `${op.name}: ${c.title}`,
  };
  const title = `${c.title}, ${dtype} ${covering}, level ${level}${arithmetic === "float" ? ", float" : ""}`;
  return { title, op, attrs: c.attrs, tolerance: c.tolerance, covering, finest: level === op.levels - 1, program, step, input, outputs, rows, wild: wildRows(c, input, 120, 11) };
}

/** Every way the operator can be prepared in fixed point for a case. */
export function variants(op: AnyOp, c: Case<Attrs>): Variant[] {
  const types: readonly DType[] = c.inputs ?? (op.traits.maxInputBits === undefined ? ["i16", "i32"] : ["i16"]);
  const coverings: readonly Covering[] = op.traits.perElementInput === true ? ["exact", "each", "roomy"] : ["exact", "roomy"];
  return types.flatMap((dtype) => (isInt(dtype) ? coverings : (["exact"] as const)).flatMap((covering) =>
    Array.from({ length: op.levels }, (_, level) => variant(op, c, { dtype, covering, level, arithmetic: "int" }))));
}

export const floatVariant = (op: AnyOp, c: Case<Attrs>): Variant => variant(op, c, { dtype: "f32", covering: "exact", level: 0, arithmetic: "float" });

/** Output 0 of the TypeScript integer reference. */
export function reference(v: Variant, row: TypedArray, params = v.step.params): TypedArray {
  const ys = v.outputs.map((t) => makeArray(t.dtype, t.shape[0] ?? 1));
  v.op.int(params, [row], ys);
  return ys[0] as TypedArray;
}
