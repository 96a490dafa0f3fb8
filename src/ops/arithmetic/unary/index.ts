/**
 * A function of every element. int8: a table of 256 answers; int16: TFLite's table of 513 points with straight lines between them.
 * Entries follow TFLite's rule in float32, or its own rule where it has another (`exact.ts`).
 */
import { fail } from "../../../ir/diagnostics.js";
import { byteTable, quantisedValue, quantOf, unsupported } from "../../../ir/elementwise.js";
import { flagOption, numberOption, operand } from "../../../ir/foreign-node.js";
import { lookup513, table513 } from "../../../ir/gemmlowp.js";
import { defineOp, type ForeignNode, type LayerCase, type NetBuilder, type PrepareCtx, type Value } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { count, type Tensor, type TypedArray } from "../../../ir/types.js";
import { exactOf } from "./exact.js";
import { functionOf, kinds, type Kind } from "./functions.js";
import { fromOnnx } from "./from-onnx.js";
import { fromKeras } from "./from-keras.js";

/** `alpha`: the slope of elu; other functions have no use for it. */
export type UnaryAttrs = { readonly kind: string; readonly alpha: number };

const params = { n: "len", kind: "u8", alpha: "f32", table: "rom" } as const;
type Values = ParamValues<typeof params>;

/** Functions with steps, which lines between points cannot follow. */
const stepped = new Set<string>(["floor", "ceil", "round", "sign"]);

function tableOf(attrs: UnaryAttrs, x: Tensor, y: Tensor): TypedArray {
  const [from, to] = [quantOf(x, attrs.kind), quantOf(y, attrs.kind)];
  const f = functionOf(attrs.kind, attrs.alpha);
  if (x.dtype === "i8") return byteTable("i8", "i8", exactOf(attrs.kind, from, to) ?? ((q) => quantisedValue(f, q, from, to)));
  if (stepped.has(attrs.kind)) fail("network/unsupported-type", attrs.kind, "it has 16-bit operands", "Supported: int8, float32.");
  // Where a function has no value, or an infinite one, an end of the output's range stands for it.
  const end = (v: number): number => to.scale * (v > 0 || attrs.kind === "rsqrt" ? 32767 : -32768);
  return table513((v) => { const w = f(v); return Number.isFinite(w) ? w : end(w); }, from, to);
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<UnaryAttrs>) {
  const [x, y] = [inputs[0], outputs[0]] as [Tensor, Tensor];
  if (x.dtype !== y.dtype) unsupported(y, attrs.kind, "input and output of one type");
  const head = { n: count(x.shape), kind: kinds.indexOf(attrs.kind as Kind), alpha: Math.fround(attrs.alpha) };
  if (x.dtype === "f32") return { params: { ...head, table: Int8Array.of(0) }, outputs: [{ dtype: "f32" as const }] };
  if (x.dtype !== "i8" && x.dtype !== "i16") return unsupported(x, attrs.kind, "int8, int16, float32");
  return { params: { ...head, table: tableOf(attrs, x, y) }, outputs: [{ dtype: y.dtype }] };
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  const f = functionOf(kinds[p.kind] ?? "", p.alpha);
  for (let i = 0; i < p.n; i++) {
    const q = x[i] as number;
    y[i] = x instanceof Float32Array ? f(q) : x instanceof Int16Array ? lookup513(p.table, q) : (p.table[q & 255] as number);
  }
}

const lower = (kind: Kind, alpha = 1) => (n: ForeignNode, b: NetBuilder): readonly Value[] => [b.add("unary", { kind, alpha }, [operand(n, 0)], n.outputs[0])];

type Input = LayerCase<UnaryAttrs>["inputs"][number];
const x8 = (scale: number, zero: number): Input => ({ dtype: "i8", shape: [1, 3, 87], quant: { scale: [scale], zero: [zero] } });
const x16 = (scale: number): Input => ({ dtype: "i16", shape: [301], quant: { scale: [scale], zero: [0] } });
const to8 = (scale: number, zero: number) => ({ dtype: "i8", quant: { scale: [scale], zero: [zero] } }) as const;
const to16 = (scale: number) => ({ dtype: "i16", quant: { scale: [scale], zero: [0] } }) as const;
const byte = (kind: Kind, from: Input, output: ReturnType<typeof to8>, tolerance = 0.51): LayerCase<UnaryAttrs> => ({ title: kind, attrs: { kind, alpha: 1 }, inputs: [from], output, tolerance });
const real = (kind: Kind): LayerCase<UnaryAttrs> => ({ title: `${kind}, float32`, attrs: { kind, alpha: 0.7 }, inputs: [{ dtype: "f32", shape: [5] }], output: { dtype: "f32" }, tolerance: 0.00001 });

/** What the file calls them, and the table of their options. */
const files: Readonly<Record<string, readonly [type: string, options: string | null, fields?: Readonly<Record<string, boolean>>]>> = {
  exp: ["EXP", "ExpOptions"], log: ["LOG", null], sqrt: ["SQRT", null], rsqrt: ["RSQRT", null], square: ["SQUARE", "SquareOptions"], sin: ["SIN", null], cos: ["COS", "CosOptions"],
  floor: ["FLOOR", null], ceil: ["CEIL", null], round: ["ROUND", null], sign: ["SIGN", "SignOptions"], hard_swish: ["HARD_SWISH", "HardSwishOptions"], elu: ["ELU", null],
  gelu: ["GELU", "GeluOptions", { approximate: false }], gelu_tanh: ["GELU", "GeluOptions", { approximate: true }],
};

export default defineOp({
  name: "unary",
  family: "arithmetic",
  doc: "y = f(x), f one of exp, log, sqrt, sin, gelu, hard_swish …",
  inputs: ["x"],
  outputs: ["y"],
  infer: (a, [x = []]) => [(functionOf(a.kind, a.alpha), x)],
  float: (a, [x]) => [(x ?? new Float64Array(0)).map(functionOf(a.kind, a.alpha))],
  params,
  levels: 1,
  prepare,
  int,
  traits: { elementwise: true, inPlace: true, quantise: {} },
  from: {},
  net: {
    keras: fromKeras,
    onnx: fromOnnx,
    tflite: {
      EXP: lower("exp"), LOG: lower("log"), SQRT: lower("sqrt"), RSQRT: lower("rsqrt"), SQUARE: lower("square"), SIN: lower("sin"), COS: lower("cos"),
      FLOOR: lower("floor"), CEIL: lower("ceil"), ROUND: lower("round"), SIGN: lower("sign"), HARD_SWISH: lower("hard_swish"),
      ELU: (n, b) => lower("elu", numberOption(n, "alpha", 1))(n, b),
      GELU: (n, b) => lower(flagOption(n, "approximate") ? "gelu_tanh" : "gelu")(n, b),
    },
  },
  write: { tflite: (a, w) => {
      if (a.kind === "elu" && a.alpha !== 1) w.refuse(`elu with alpha ${a.alpha}`, "TFLite's has alpha 1.");
      const [type, options, fields = {}] = files[a.kind] ?? w.refuse(a.kind, "TFLite has no operator for it.");
      w.add(type, options === null ? null : [options, fields], w.inputs, w.output);
    } },
  cases: [],
  layerCases: [
    byte("exp", x8(0.03, 100), to8(0.01, -128)), byte("log", x8(0.05, -128), to8(0.05, 20)), byte("sqrt", x8(0.05, -128), to8(0.02, -100), 1.01),
    byte("rsqrt", x8(0.05, -128), to8(0.02, -128), 1.5), byte("gelu", x8(0.05, 3), to8(0.03, -120)), byte("gelu_tanh", x8(0.05, 3), to8(0.03, -120)),
    byte("elu", x8(0.05, 3), to8(0.03, -90)), byte("hard_swish", x8(0.05, 3), to8(0.03, -115), 1.5), byte("round", x8(0.3, 3), to8(1, 0), 1),
    // The points of TFLite's tables stand 127.998 integers apart, their readers count 128: at the far end they are one integer of x off.
    { title: "exp, int16", attrs: { kind: "exp", alpha: 1 }, inputs: [x16(0.0001)], output: to16(0.001), tolerance: 4 },
    { title: "sin, int16", attrs: { kind: "sin", alpha: 1 }, inputs: [x16(0.0001)], output: to16(2 ** -15), tolerance: 5 },
    { title: "softplus, int16", attrs: { kind: "softplus", alpha: 1 }, inputs: [x16(0.0003)], output: to16(0.0004), tolerance: 2 },
    ...(["exp", "elu", "gelu", "gelu_tanh", "hard_swish", "erf", "softplus", "silu", "cos", "round", "sign", "square"] as const).map(real),
  ],
});
