/** Arithmetic of ONNX on forms: what stays a matrix stays one form, what does not becomes a named function of a form. */
import { numberField, type Foreign } from "../../ir/foreign.js";
import { axesOf, axisOf, broadcast, opName, reduction, sizeOf, type Num } from "./numeric.js";
import { leafwise } from "./leaves.js";
import { numOf, place, type State } from "./state.js";
import { gathered, identity, isIdentity, isStraight, matmul as times, scaled, square, sum, take, type Fn, type Form, type Sym } from "./symbols.js";

/** What a node gives, by output; null where it is not understood. */
export type Handler = (f: Foreign, ins: readonly Sym[], state: State) => readonly (Sym | null)[] | null;

const one = (s: Sym | null): readonly (Sym | null)[] | null => (s === null ? null : [s]);
const scalarOf = (n: Num | undefined): number | null => (n?.data.length === 1 ? (n.data[0] ?? null) : null);

export const fnOf = (name: string, of: Form, shape: readonly number[] = of.shape): Fn => ({ kind: "fn", shape, name, of, gain: 1, scale: 1, offset: 0 });

/** A form with a constant, element by element, with broadcasting. */
function withConstant(f: Foreign, x: Form, k: Num, scale: (v: number) => number, offset: (v: number) => number): Form {
  const { shape, a, b } = broadcast(f, x.shape, k.shape);
  const value = (e: number): number => k.data[b[e] ?? 0] ?? 0;
  return scaled(take(f, x, a, shape), (e) => scale(value(e)), (e) => offset(value(e)));
}

function fnWithConstant(f: Foreign, x: Fn, k: number, constantFirst: boolean): Fn | null {
  switch (opName(f)) {
    case "Add": return { ...x, offset: x.offset + k };
    case "Sub": return constantFirst ? { ...x, scale: -x.scale, offset: k - x.offset } : { ...x, offset: x.offset - k };
    case "Mul": return { ...x, scale: x.scale * k, offset: x.offset * k };
    case "Div": return constantFirst ? null : { ...x, scale: x.scale / k, offset: x.offset / k };
    default: return null;
  }
}

function formWithConstant(f: Foreign, x: Form, k: Num, constantFirst: boolean): Sym | null {
  switch (opName(f)) {
    case "Add": return withConstant(f, x, k, () => 1, (v) => v);
    case "Sub": return constantFirst ? withConstant(f, x, k, () => -1, (v) => v) : withConstant(f, x, k, () => 1, (v) => -v);
    case "Mul": return withConstant(f, x, k, (v) => v, () => 0);
    case "Div": return constantFirst ? null : withConstant(f, x, k, (v) => 1 / v, () => 0);
    case "Pow": return !constantFirst && scalarOf(k) === 2 ? square(x) : null;
    default: return null;
  }
}

function formWithForm(f: Foreign, x: Form, y: Form): Sym | null {
  if (x.base !== y.base) return null;
  if (opName(f) === "Add") return sum(f, x, y, 1);
  if (opName(f) === "Sub") return sum(f, x, y, -1);
  return opName(f) === "Mul" && x === y ? square(x) : null;
}

function pair(f: Foreign, x: Sym, y: Sym): Sym | null {
  if (x.kind === "leaves" || y.kind === "leaves") return leafwise(f, [x, y]);
  const [kx, ky] = [numOf(x), numOf(y)];
  if (x.kind === "form" && ky) return formWithConstant(f, x, ky, false);
  if (y.kind === "form" && kx) return formWithConstant(f, y, kx, true);
  if (x.kind === "form" && y.kind === "form") return formWithForm(f, x, y);
  const [sx, sy] = [scalarOf(kx), scalarOf(ky)];
  if (x.kind === "fn" && sy !== null) return fnWithConstant(f, x, sy, false);
  if (y.kind === "fn" && sx !== null) return fnWithConstant(f, y, sx, true);
  // log softmax, as skl2onnx writes it: z - logsumexp(z)
  if (opName(f) === "Sub" && x.kind === "form" && y.kind === "fn" && y.name === "logsumexp" && y.of === x) return fnOf("logsoftmax", x);
  if (x.kind !== "test" || sy === null) return null;
  if (opName(f) === "Mul") return { ...x, yes: x.yes * sy, no: x.no * sy };
  return opName(f) === "Add" ? { ...x, yes: x.yes + sy, no: x.no + sy } : null;
}

const binary: Handler = (f, [x, y]) => (x && y ? one(pair(f, x, y)) : null);

const total: Handler = (f, ins) => {
  const [first, ...rest] = ins;
  if (ins.some((s) => s.kind === "leaves")) return one(leafwise(f, ins));
  return first ? one(rest.reduce<Sym | null>((x, y) => (x === null ? null : pair({ ...f, type: "ai.onnx.Add" }, x, y)), first)) : null;
};

const negative: Handler = (f, [x]) => {
  if (x?.kind === "form") return [scaled(x, () => -1, () => 0)];
  if (x?.kind === "fn") return [{ ...x, scale: -x.scale, offset: -x.offset }];
  return x?.kind === "leaves" ? one(leafwise(f, [x])) : null;
};

/** Scaling of the model's input stays a node of its own, as a scaler is: it costs nothing on the device. */
function scaledFirst(f: Foreign, x: Form, state: State): Form {
  return x.base === 0 && isStraight(x) && !isIdentity(x) ? identity(place(state, f, x), x.n, x.shape) : x;
}

const product: Handler = (f, [x, m], state) => {
  const k = numOf(m);
  return x?.kind === "form" && x.a === null && k ? [times(f, scaledFirst(f, x, state), k, false, 1)] : null;
};

/** alpha * x @ w + beta * c */
const gemm: Handler = (f, [x, w, c], state) => {
  const k = numOf(w);
  if (x?.kind !== "form" || x.a !== null || !k || numberField(f, "transA", 0) !== 0) return null;
  const y = times(f, c?.kind === "form" ? x : scaledFirst(f, x, state), k, numberField(f, "transB", 0) !== 0, numberField(f, "alpha", 1));
  const beta = numberField(f, "beta", 1);
  if (c === undefined) return [y];
  const bias = numOf(c);
  if (bias) return [withConstant(f, y, bias, () => 1, (v) => beta * v)];
  return c.kind === "form" && c.base === y.base ? [sum(f, y, c, beta)] : null;
};

const reduceSum: Handler = (f, [x, axes]) => {
  if (x?.kind !== "form") return null;
  const over = axesOf(f, x.shape.length, numOf(axes));
  if (over.includes(0) && x.shape.length > 1) return null;
  const squares = opName(f) === "ReduceSumSquare" ? square(x) : x;
  const r = reduction(f, x.shape, over, numberField(f, "keepdims", 1) !== 0);
  return squares === null ? null : [gathered(f, squares, r.to, r.shape)];
};

const logSumExp: Handler = (f, [x, axes]) => {
  if (x?.kind !== "form") return null;
  const over = axesOf(f, x.shape.length, numOf(axes));
  const last = over.length === 1 && over[0] === x.shape.length - 1 && sizeOf(x.shape) === x.shape.at(-1);
  return last ? [fnOf("logsumexp", x, reduction(f, x.shape, over, numberField(f, "keepdims", 1) !== 0).shape)] : null;
};

/** Softmax of one row; the axis must be the last one. */
const soft = (name: string): Handler => (f, [x]) => {
  if (x?.kind !== "form") return null;
  const axis = axisOf(f, x.shape.length, -1);
  return sizeOf(x.shape.slice(axis)) === sizeOf(x.shape) || axis === x.shape.length - 1 ? [fnOf(name, x)] : null;
};

const map = (name: string): Handler => (f, [x]) => (x?.kind === "form" ? [fnOf(name, x)] : x?.kind === "leaves" ? one(leafwise(f, [x])) : null);

const exponential: Handler = (f, ins, state) => {
  const [x] = ins;
  if (x?.kind === "fn" && x.name === "logsoftmax" && x.scale === 1 && x.offset === 0) return [{ ...x, name: "softmax" }];
  return map("exp")(f, ins, state);
};

const sign: Handler = (_f, [x]) => (x?.kind === "form" || x?.kind === "fn" ? [{ kind: "test", of: x, at: 0, yes: -1, no: 1 }] : null);

const below: Handler = (f, [x, y]) => {
  if (x?.kind === "leaves") return y ? one(leafwise(f, [x, y])) : null;
  const at = scalarOf(numOf(y));
  return (x?.kind === "form" || x?.kind === "fn") && sizeOf(x.shape) === 1 && at !== null ? [{ kind: "test", of: x, at, yes: 1, no: 0 }] : null;
};

const onLeaves: Handler = (f, ins) => (ins.some((s) => s.kind === "leaves") ? one(leafwise(f, ins)) : null);

const extreme = (smallest: boolean): Handler => (f, [x]) => {
  if (x?.kind !== "form" && x?.kind !== "fn") return null;
  const axis = axisOf(f, x.shape.length, 0);
  return x.shape[axis] === sizeOf(x.shape) ? [{ kind: "index", of: x, smallest }] : null;
};

export const arithmetic: Readonly<Record<string, Handler>> = {
  Add: binary, Sub: binary, Mul: binary, Div: binary, Sum: total, Neg: negative, MatMul: product, Gemm: gemm,
  Pow: (f, [x, y]) => {
    if (y?.kind === "leaves") return scalarOf(numOf(x)) === 2 ? [{ kind: "fn", shape: y.shape, name: "exp2", of: y, gain: 1, scale: 1, offset: 0 }] : null;
    return x && y ? one(pair(f, x, y)) : null;
  },
  ReduceSum: reduceSum, ReduceSumSquare: reduceSum, ReduceLogSumExp: logSumExp, Softmax: soft("softmax"), LogSoftmax: soft("logsoftmax"),
  Sigmoid: map("logistic"), Relu: map("relu"), Tanh: map("tanh"), Sqrt: (f, ins, state) => (ins[0]?.kind === "distances" ? [{ ...ins[0], root: true }] : map("sqrt")(f, ins, state)), Exp: exponential, Log: onLeaves, Max: onLeaves, Min: onLeaves, Abs: onLeaves,
  Equal: onLeaves, Greater: onLeaves, Less: below, Sign: sign, ArgMax: extreme(false), ArgMin: extreme(true),
};
