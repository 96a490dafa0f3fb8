/** The one vocabulary every room shares: plain readonly data, safe to print, diff and store. */

/** Element types of tensors; `f64` exists only before quantisation. */
export type DType = "f64" | "f32" | "i32" | "u32" | "i16" | "u16" | "i8" | "u8";
export type IntDType = Exclude<DType, "f64" | "f32">;
export type Shape = readonly number[];

export type TypedArray =
  | Float64Array | Float32Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array;

/**
 * How integers stand for numbers: `real = scale * (q - zero)`, per tensor (length 1) or per element of the last axis.
 * Neural tensors have an integer `zero`; a scaler folded into the input leaves a fractional one.
 */
export interface Quant {
  readonly scale: readonly number[];
  readonly zero: readonly number[];
  /** The axis that `scale` runs along where it is not the last one (weights: one scale for each output channel). */
  readonly axis?: number;
  /** Bits a constant takes in flash, where they are fewer than its type's. */
  readonly bits?: number;
}

export interface Tensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly quant?: Quant;
  /** The values of a constant, in row-major order; absent where the tensor is computed. */
  readonly data?: TypedArray;
  /** Kept from one call to the next; starts at `start`, else at real zero. */
  readonly state?: true;
  /** What a state holds before the first call, in row-major order. */
  readonly start?: TypedArray;
}

/** Operator attributes: numbers, strings and typed arrays only, so that a graph is data. */
export type AttrValue = number | string | boolean | TypedArray;
export type Attrs = Readonly<Record<string, AttrValue>>;

/** A node as the rooms that know no operator see it; `ops/registry.ts` derives the precise union. */
export interface AnyNode {
  readonly name: string;
  readonly op: string;
  readonly attrs: Attrs;
  /** Indices into `Graph.tensors`. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** Shapes, types and scales around a node, for operators whose meaning needs them. */
export interface NodeIo {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

export type Task = "classification" | "regression" | "anomaly" | "clustering" | "transform";

/** What an output means to the user. */
export type OutputRole = "label" | "scores" | "more";

export interface GraphOutput {
  readonly role: OutputRole;
  readonly tensor: number;
}

export interface Graph<N extends AnyNode = AnyNode> {
  readonly name: string;
  readonly task: Task;
  /** Names of the label values, by index; numbers stay numbers. Empty where there is no label. */
  readonly labels: readonly (string | number)[];
  readonly featureNames: readonly string[];
  readonly tensors: readonly Tensor[];
  readonly nodes: readonly N[];
  /** Index of the first input tensor: (features) for tables, any shape for networks. */
  readonly input: number;
  /** Networks with several inputs: the others, in order. */
  readonly moreInputs?: readonly number[];
  readonly outputs: readonly GraphOutput[];
  /** Where it came from, for reports: format, class and writer version. */
  readonly source: string;
  /** What a user should know: assumptions the importer made. */
  readonly notes: readonly string[];
}

export const count = (s: Shape): number => s.reduce((a, b) => a * b, 1);

/** Elements of a tensor, all dimensions together. */
export const elements = (t: Tensor | undefined): number => (t ? count(t.shape) : 0);

const makers = {
  f64: Float64Array, f32: Float32Array, i32: Int32Array, u32: Uint32Array,
  i16: Int16Array, u16: Uint16Array, i8: Int8Array, u8: Uint8Array,
} as const;

export const makeArray = (dtype: DType, length: number): TypedArray => new makers[dtype](length);

export function arrayFrom(dtype: DType, values: ArrayLike<number>): TypedArray {
  const out = makeArray(dtype, values.length);
  for (let i = 0; i < values.length; i++) out[i] = values[i] ?? 0;
  return out;
}

export const bytesOf = (dtype: DType): number => makers[dtype].BYTES_PER_ELEMENT;

export const dtypeOf = (a: TypedArray): DType => {
  for (const d of Object.keys(makers) as DType[]) if (a instanceof makers[d]) return d;
  throw new Error("not a typed array of a known element type");
};

/** Smallest and largest value an integer type holds. */
export const limits = (dtype: IntDType): readonly [number, number] => {
  const bits = bytesOf(dtype) * 8;
  return dtype.startsWith("u") ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
};

export const isInt = (d: DType): d is IntDType => d !== "f32" && d !== "f64";

/** `quant.scale[i]`/`zero[i]`, whether it is stored per tensor or per element. */
export const scaleAt = (q: Quant, i: number): number => q.scale[q.scale.length === 1 ? 0 : i] ?? 1;
export const zeroAt = (q: Quant, i: number): number => q.zero[q.zero.length === 1 ? 0 : i] ?? 0;
