/** Running sum along one axis. Integer semantics: TFLite Micro's CumSum for int8, and the true sum where TFLite's 32 bits would overflow. */
import { oneType, quantOf, unsupported } from "../../../ir/elementwise.js";
import { axisOf, constantOf, flagOption, operand, shapeOf } from "../../../ir/foreign-node.js";
import { defineOp, type ForeignNode, type LayerCase, type NetBuilder, type NodeIo, type PrepareCtx, type Value } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { multiplier, requant } from "../../../ir/requantise.js";
import { count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";

/** `exclusive`: an element's sum ends before the element itself; `reverse`: sums start at the far end. */
export type CumsumAttrs = { readonly axis: number; readonly exclusive: boolean; readonly reverse: boolean };

const params = { outer: "len", length: "len", inner: "len", exclusive: "u8", reverse: "u8", zero_x: "i16", zero_y: "i16", mult: "i32", shift: "i8" } as const;
type Values = ParamValues<typeof params>;

const geometry = (a: CumsumAttrs, x: Shape) => ({
  outer: count(x.slice(0, a.axis)), length: x[a.axis] ?? 1, inner: count(x.slice(a.axis + 1)), exclusive: Number(a.exclusive), reverse: Number(a.reverse),
});
type Geometry = ReturnType<typeof geometry>;

/** Calls `put` for every element with its sum; `read` gives what an element adds, `round` rounds each sum. */
function running(p: Geometry, read: (at: number) => number, round: (v: number) => number, put: (at: number, sum: number) => void): void {
  for (let o = 0; o < p.outer; o++) for (let i = 0; i < p.inner; i++) {
    let sum = 0;
    for (let k = 0; k < p.length; k++) {
      const at = (o * p.length + (p.reverse ? p.length - 1 - k : k)) * p.inner + i;
      const before = sum;
      sum = round(sum + read(at));
      put(at, p.exclusive ? before : sum);
    }
  }
}

const same = (v: number): number => v;

function float(a: CumsumAttrs, [x]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const y = new Float64Array(x?.length ?? 0);
  if (x) running(geometry(a, io?.inputs[0]?.shape ?? []), (at) => x[at] as number, same, (at, sum) => { y[at] = sum; });
  return [y];
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<CumsumAttrs>) {
  const [x, y] = [inputs[0], outputs[0]] as [Tensor, Tensor];
  oneType([x, y], "cumsum");
  const shape = geometry(attrs, x.shape);
  if (x.dtype === "f32") return { params: { ...shape, zero_x: 0, zero_y: 0, mult: 0, shift: 0 }, outputs: [{ dtype: "f32" as const }] };
  if (x.dtype !== "i8") return unsupported(x, "cumsum", "int8, float32");
  const [from, to] = [quantOf(x, "cumsum"), quantOf(y, "cumsum")];
  return { params: { ...shape, zero_x: from.zero, zero_y: to.zero, ...multiplier((2 * from.scale) / (2 ** 20 * to.scale)) }, outputs: [{ dtype: y.dtype }] };
}

/** TFLite's sums stand in units of 2^-19 of a step; those that do not fit 32 bits so stand in units of 2^-9. */
const outputOf = (p: Values, sum: number): number => (Math.abs(sum) < 4096 ? requant(sum * 2 ** 19, p.mult, p.shift) : requant(sum * 2 ** 9, p.mult, p.shift + 10));

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  if (x instanceof Float32Array) running(p, (at) => x[at] as number, Math.fround, (at, sum) => { y[at] = sum; });
  else running(p, (at) => (x[at] as number) - p.zero_x, same, (at, sum) => { y[at] = Math.min(127, Math.max(-128, outputOf(p, sum) + p.zero_y)); });
}

function lower(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const x = operand(n, 0);
  const axis = axisOf(n, constantOf(n, b, 1)[0] ?? 0, shapeOf(b, x).length);
  return [b.add("cumsum", { axis, exclusive: flagOption(n, "exclusive"), reverse: flagOption(n, "reverse") }, [x], n.outputs[0])];
}

const x8 = (shape: Shape): LayerCase<CumsumAttrs>["inputs"][number] => ({ dtype: "i8", shape, quant: { scale: [0.05], zero: [-3] } });
const y8 = { dtype: "i8", quant: { scale: [0.4], zero: [5] } } as const;

export default defineOp({
  name: "cumsum",
  family: "arithmetic",
  doc: "y[k] = x[0] + … + x[k] along one axis",
  inputs: ["x"],
  outputs: ["y"],
  infer: (_a, [x = []]) => [x],
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { inPlace: true },
  from: {},
  net: { tflite: { CUMSUM: lower } },
  cases: [],
  layerCases: [
    { title: "middle axis", attrs: { axis: 1, exclusive: false, reverse: false }, inputs: [x8([1, 6, 3])], output: y8, tolerance: 1 },
    { title: "last axis, exclusive, reversed", attrs: { axis: 2, exclusive: true, reverse: true }, inputs: [x8([1, 2, 7])], output: y8, tolerance: 1 },
    { title: "sums beyond 32 bits", attrs: { axis: 0, exclusive: false, reverse: false }, inputs: [x8([300])], output: { dtype: "i8", quant: { scale: [16], zero: [0] } }, tolerance: 1 },
    { title: "float32", attrs: { axis: 1, exclusive: true, reverse: false }, inputs: [{ dtype: "f32", shape: [2, 5] }], output: { dtype: "f32" }, tolerance: 0.00001 },
  ],
});
