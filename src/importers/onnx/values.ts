/** What an ONNX file's values and attributes are to the operators that lower its nodes. */
import { fail } from "../../ir/diagnostics.js";
import { isNdArray, type Foreign, type ForeignValue } from "../../ir/foreign.js";
import type { ForeignNode, Value } from "../../ir/op.js";
import { arrayFrom, count, type DType, type Shape, type Tensor } from "../../ir/types.js";
import type { OnnxValueInfo } from "./graph.js";
import { dtypeOfArray } from "./scales.js";
import type { OnnxTensor } from "./tensor.js";

const elementTypes: Readonly<Record<string, DType>> = { float32: "f32", float16: "f32", bfloat16: "f32", float64: "f32", int8: "i8", uint8: "u8", int16: "i16", int32: "i32", int64: "i32", bool: "u8" };

/** Ends of ranges in slices stand for "to the end": limited to 32 bits. */
const limited = (v: number): number => Math.min(2 ** 31 - 1, Math.max(-(2 ** 31), v));

/** A stored tensor; doubles become float32. */
export function constantOf(name: string, t: OnnxTensor, where: string): Omit<Tensor, "data"> & { readonly data: Exclude<Tensor["data"], undefined> } {
  if (isNdArray(t)) {
    const size = count(t.shape);
    if (size < 1 || size > 16_000_000) fail("onnx/tensor-size", where, `${name.slice(0, 80)} holds ${size} numbers`, "Supported: constants of 1 to 16 million numbers.");
    const whole = t.data instanceof Float64Array && t.data.every((v) => Number.isInteger(v) || !Number.isFinite(v));
    const dtype: DType = t.data instanceof Float64Array ? (whole ? "i32" : "f32") : dtypeOfArray(t.data);
    return { name, dtype, shape: t.shape, data: arrayFrom(dtype, dtype === "i32" ? Array.from(t.data, limited) : t.data) };
  }
  const big = t.data.every((v) => typeof v === "bigint");
  if (!big) return fail("onnx/text", where, `${name.slice(0, 80)} holds texts`, "Supported in networks: numbers.");
  return { name, dtype: "i32", shape: t.shape, data: Int32Array.from(t.data, (v) => limited(Number(v))) };
}

/** Shape of an input: an unknown batch is 1, all else must be told. */
export function inputShape(v: OnnxValueInfo, where: string): Shape {
  const cure = "Export the model with a fixed input shape (batch 1), e.g. python -m onnxruntime.tools.make_dynamic_shape_fixed.";
  const shape = v.shape?.map((d, i) => (typeof d === "number" && d > 0 ? d : i === 0 && (d === 0 || typeof d !== "number") ? 1 : fail("onnx/dynamic-shape", where, `input "${v.name.slice(0, 40)}" has the shape (${v.shape?.join(", ")})`, cure)));
  if (!shape || shape.length < 1 || shape.length > 6 || count(shape) > 1_000_000) return fail("onnx/inputs", where, `input "${v.name.slice(0, 40)}" has the shape (${v.shape?.join(", ") ?? "unknown"})`, cure);
  return shape;
}

export const inputType = (v: OnnxValueInfo, where: string): DType =>
  elementTypes[v.elemType] ?? fail("onnx/inputs", where, `input "${v.name.slice(0, 40)}" holds ${v.elemType}`, `Supported: ${Object.keys(elementTypes).join(", ")}.`);

/** The operator's name as lowerings claim it: those of the default domain have no prefix. */
export const typeName = (f: Foreign): string => f.type.replace(/^ai\.onnx\.(?!ml\.)/, "");

export const namesOf = (f: Foreign, field: "__inputs__" | "__outputs__"): readonly string[] => {
  const v = f.fields.get(field);
  return Array.isArray(v) ? v.filter((s): s is string => typeof s === "string") : [];
};

function optionOf(v: ForeignValue): ForeignNode["options"][string] | null {
  if (typeof v === "number" || typeof v === "string" || typeof v === "boolean") return v;
  if (typeof v === "bigint") return Number(v);
  if (isNdArray(v)) return v.shape.length <= 1 ? Array.from(v.data) : null;
  if (Array.isArray(v)) return v.every((s) => typeof s === "string") ? (v as string[]) : v.every((s) => typeof s === "bigint" || typeof s === "number") ? v.map((s) => limited(Number(s))) : null;
  return null;
}

export function optionsOf(f: Foreign, opset: number): ForeignNode["options"] {
  const all = [...f.fields].flatMap(([key, v]) => { const o = key.startsWith("__") ? null : optionOf(v); return o === null ? [] : [[key, o] as const]; });
  return Object.fromEntries([...all, ["__opset__", opset]]);
}

export interface Node {
  readonly foreign: Foreign;
  readonly type: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export function nodeOf(f: Foreign): Node {
  const [inputs, outputs] = [namesOf(f, "__inputs__"), namesOf(f, "__outputs__")];
  return { foreign: f, type: typeName(f), name: (outputs[0] ?? f.where).slice(0, 80), inputs, outputs };
}

/** A value that the network computes, by the name it has in the file. */
export type Values = Map<string, Value>;
