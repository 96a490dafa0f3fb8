/** Integers of one scale to integers of another: TFLite's Requantize; bytes to bytes as a table of 256 answers. */
import { byteTable, unsupported } from "../../../ir/elementwise.js";
import { clamp } from "../../../ir/fixed.js";
import { defineOp, type LayerCase, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { multiplier, requant, scaleOf } from "../../../ir/requantise.js";
import { bytesOf, count, isInt, limits, type DType, type IntDType, type Tensor, type TypedArray } from "../../../ir/types.js";
import { plainNode } from "../../../ir/write-node.js";

export type RequantizeAttrs = Readonly<Record<string, never>>;

const params = { n: "len", zero_x: "i32", zero_y: "i32", lo: "i32", hi: "i32", mult: "i32", shift: "i8", table: "rom" } as const;
type Values = ParamValues<typeof params>;

const valueOf = (p: Omit<Values, "n" | "table">, q: number): number => clamp(requant(q - p.zero_x, p.mult, p.shift) + p.zero_y, p.lo, p.hi);

const fits = (d: DType): d is IntDType => isInt(d) && d !== "u32" && d !== "u16";

function prepare({ inputs, outputs }: PrepareCtx<RequantizeAttrs>) {
  const [x, y] = [inputs[0], outputs[0]] as [Tensor, Tensor];
  if (!fits(x.dtype)) return unsupported(x, "requantize", "int8, uint8, int16, int32");
  if (!fits(y.dtype)) return unsupported(y, "requantize", "int8, uint8, int16, int32");
  const [from, to] = [scaleOf(x, "requantize"), scaleOf(y, "requantize")];
  const [lo, hi] = limits(y.dtype);
  const ints = { zero_x: from.zero, zero_y: to.zero, lo, hi, ...multiplier(from.scale / to.scale) };
  const bytes = bytesOf(x.dtype) === 1 && bytesOf(y.dtype) === 1;
  return { params: { n: count(x.shape), ...ints, table: bytes ? byteTable(x.dtype, y.dtype, (q) => valueOf(ints, q)) : Int8Array.of(0) }, outputs: [{ dtype: y.dtype }] };
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  const bytes = x.BYTES_PER_ELEMENT === 1 && y.BYTES_PER_ELEMENT === 1;
  for (let i = 0; i < p.n; i++) y[i] = bytes ? (p.table[(x[i] as number) & 255] as number) : valueOf(p, x[i] as number);
}

const t = (dtype: DType, scale: number, zero: number): LayerCase<RequantizeAttrs>["inputs"][number] => ({ dtype, shape: [3, 87], quant: { scale: [scale], zero: [zero] } });
const y = (dtype: DType, scale: number, zero: number) => ({ dtype, quant: { scale: [scale], zero: [zero] } }) as const;

export default defineOp({
  name: "requantize",
  family: "arithmetic",
  doc: "y = round((x - zero of x) * scale of x / scale of y) + zero of y",
  inputs: ["x"],
  outputs: ["y"],
  infer: (_a, [x = []]) => [x],
  float: (_a, [x]) => [x ?? new Float64Array(0)],
  params,
  levels: 1,
  prepare,
  int,
  traits: { elementwise: true },
  from: {},
  write: { tflite: (_a, w) => plainNode("QUANTIZE", "QuantizeOptions")(w) },
  cases: [],
  layerCases: [
    { title: "int8 to int8", attrs: {}, inputs: [t("i8", 0.05, 3)], output: y("i8", 0.07, -128), tolerance: 1 },
    { title: "uint8 to int8", attrs: {}, inputs: [t("u8", 0.05, 128)], output: y("i8", 0.05, 0), tolerance: 1 },
    { title: "int8 to int16", attrs: {}, inputs: [t("i8", 0.05, -128)], output: y("i16", 0.001, 0), tolerance: 1 },
    { title: "int16 to int8", attrs: {}, inputs: [t("i16", 0.0004, 0)], output: y("i8", 0.07, 17), tolerance: 1 },
    { title: "int16 to int16", attrs: {}, inputs: [t("i16", 0.0004, 0)], output: y("i16", 0.0005, 0), tolerance: 1 },
    { title: "int32 to int8", attrs: {}, inputs: [t("i32", 0.0004, 0)], output: y("i8", 0.07, 17), tolerance: 1 },
    { title: "int8 to int32", attrs: {}, inputs: [t("i8", 0.4, 5)], output: y("i32", 0.001, 0), tolerance: 1 },
  ],
});
