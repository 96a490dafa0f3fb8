/** Operators on integers (QLinear…, com.microsoft): the plain operator, where its operands stand, and where their scales. */
import type { Node } from "./values.js";

/** An operand and its scale and zero point, as input numbers; `scale` null: it has none of its own. */
export interface Operand { readonly at: number; readonly scale: number | null; readonly zero: number | null }

export interface Plain {
  readonly type: string;
  readonly operands: readonly Operand[];
  /** Scale and zero point of the output. */
  readonly scale: number;
  readonly zero: number;
}

const triple = (at: number): Operand => ({ at, scale: at + 1, zero: at + 2 });
const bias = (at: number): Operand => ({ at, scale: null, zero: null });
const unary = (type: string): Plain => ({ type, operands: [triple(0)], scale: 3, zero: 4 });
const binary = (type: string): Plain => ({ type, operands: [triple(0), triple(3)], scale: 6, zero: 7 });

const table: Readonly<Record<string, Plain>> = {
  QLinearConv: { type: "Conv", operands: [triple(0), triple(3), bias(8)], scale: 6, zero: 7 },
  QLinearMatMul: binary("MatMul"),
  "com.microsoft.QGemm": { type: "Gemm", operands: [triple(0), triple(3), bias(6)], scale: 7, zero: 8 },
  "com.microsoft.QLinearAdd": binary("Add"), "com.microsoft.QLinearMul": binary("Mul"),
  "com.microsoft.QLinearSigmoid": unary("Sigmoid"), "com.microsoft.QLinearLeakyRelu": unary("LeakyRelu"), "com.microsoft.QLinearSoftmax": unary("Softmax"),
  "com.microsoft.QLinearAveragePool": unary("AveragePool"), "com.microsoft.QLinearGlobalAveragePool": unary("GlobalAveragePool"),
};

export const qlinearTypes = [...Object.keys(table), "com.microsoft.QLinearConcat"];

/** Null for every other operator. Concatenation takes any number of operands behind the output's scale. */
export function plainOf(n: Node): Plain | null {
  if (n.type === "com.microsoft.QLinearConcat") return { type: "Concat", operands: Array.from({ length: Math.floor((n.inputs.length - 2) / 3) }, (_, i) => triple(2 + 3 * i)), scale: 0, zero: 1 };
  return Object.hasOwn(table, n.type) ? table[n.type] ?? null : null;
}

/** The output has the scale of the input: nothing is rescaled. */
export const KEEPS_SCALE: ReadonlySet<string> = new Set([
  "MaxPool", "AveragePool", "GlobalMaxPool", "Relu", "Clip", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Split", "Gather", "Pad", "Resize", "Upsample", "Identity", "Dropout",
  "Tile", "Expand", "DepthToSpace", "SpaceToDepth", "ReduceMax", "ReduceMin",
]);

/** All operands and the output have one scale. */
export const ONE_SCALE: ReadonlySet<string> = new Set(["Concat", "Max", "Min"]);

/** Operators with an integer form whose output has a scale of its own. */
export const RESCALES: ReadonlySet<string> = new Set([
  "Conv", "ConvTranspose", "Gemm", "MatMul", "Add", "Sub", "Mul", "LeakyRelu", "HardSwish", "Exp", "Log", "Sqrt", "Elu", "Gelu", "GlobalAveragePool", "ReduceMean", "ReduceSum", "BatchNormalization",
  "Sigmoid", "Tanh", "Softmax", "Abs", "Neg",
]);

/** Layers with weights as second operand and a bias as third. */
export const WEIGHTED: ReadonlySet<string> = new Set(["Conv", "ConvTranspose", "Gemm", "MatMul"]);

/** The only output scale that the kernel has. */
export const FIXED: Readonly<Record<string, { readonly scale: number; readonly zero: number }>> = {
  Sigmoid: { scale: 1 / 256, zero: -128 }, Softmax: { scale: 1 / 256, zero: -128 }, Tanh: { scale: 1 / 128, zero: 0 },
};
