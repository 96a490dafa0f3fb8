/**
 * The operator contract: one folder under `ops/` is one call of {@link defineOp}.
 * Everything any room needs to know of an operator is said here; no room tests an operator's name.
 */
import type { ForeignFormat, Lowering, NetFormat, NetLowering, NetWriter } from "./building.js";
import type { ElementSizes } from "./overlap.js";
import type { AnyParams, ParamTable, ParamValues } from "./params.js";
import type { Arithmetic } from "./program.js";
import type { RowRule } from "./rows.js";
import type { Attrs, DType, NodeIo, Quant, Shape, Tensor, TypedArray } from "./types.js";

export type { Builder, ForeignFormat, ForeignNode, Lowering, NetBuilder, NetFormat, NetLowering, NetWriter, NetWriting, Template, Value } from "./building.js";
export type { NodeIo } from "./types.js";
export type { Arithmetic, HostChain, Program, Step } from "./program.js";

/** Smallest and largest value of each element of a tensor, over the calibration rows. */
export interface Range {
  readonly min: Float64Array;
  readonly max: Float64Array;
}

/** A range with the mean of each element. */
export interface Stats extends Range {
  readonly mean: Float64Array;
}

/** What {@link OpDef.prepare} is told. */
export interface PrepareCtx<A> {
  readonly attrs: A;
  readonly arithmetic: Arithmetic;
  /** Types and quantisation of the inputs, as the device sees them. */
  readonly inputs: readonly Tensor[];
  /** Shapes of the outputs; a `quant` is present only where the model file fixes it (already quantised networks). */
  readonly outputs: readonly Tensor[];
  /** Measured ranges of the inputs and outputs in real units. */
  readonly inputStats: readonly Stats[];
  readonly outputStats: readonly Stats[];
  /** The consumers of the output take one scale per element (they never compare elements with each other). */
  readonly perElementOutput: boolean;
  /** Precision asked for: 0 is the smallest, `levels - 1` the finest. */
  readonly level: number;
}

/** Type and scale an operator chose for one of its outputs. */
export interface Format {
  readonly dtype: DType;
  readonly quant?: Quant;
}

export interface Prepared<P extends ParamTable> {
  readonly params: ParamValues<P>;
  readonly outputs: readonly Format[];
  /** Bytes the kernel needs besides its tensors while it runs; given to it as its last argument. */
  readonly scratch?: number;
}

/** A branch of an unrolled kernel; {@link emit} prints it as nested C `if`s. Values are final integers (or floats). */
export type Branch =
  | { readonly kind: "split"; readonly element: number; readonly test: "le" | "le_f32" | "ge_f32_bits"; readonly value: number; readonly yes: Branch; readonly no: Branch }
  /** `y[at[i]] += value[i]` */
  | { readonly kind: "add"; readonly at: readonly number[]; readonly value: readonly number[] }
  /** `y[at[i]] = value[i]` */
  | { readonly kind: "set"; readonly at: readonly number[]; readonly value: readonly number[] };

/** A kernel as straight code: outputs start at `start`, then every branch is run in order. */
export interface Unrolled {
  readonly start: readonly number[];
  readonly branches: readonly Branch[];
}

/** Scale and zero point that a layer's output always has, by its width. */
export interface FixedScales {
  readonly i8: { readonly scale: number; readonly zero: number };
  readonly i16?: { readonly scale: number; readonly zero: number };
}

/** Which inputs the weights of one output meet: what rounding weights on typical inputs needs. */
export interface Taps {
  /** Output channel o meets the inputs of group `floor(o * groups / channels)`; more than one group: the weights of all channels are packed as one row. */
  readonly groups: number;
  /** Weights of one output channel. */
  readonly depth: number;
  /** Places where they are laid on the input. */
  readonly positions: number;
  /** Writes the element of input 0 that each weight of a group meets at a position; -1 where it lies outside. */
  readonly at: (position: number, group: number, into: Int32Array) => void;
  /** Where weight k of output channel o stands in the weights. */
  readonly weight: (o: number, k: number) => number;
}

/** What the post-training quantiser must know of a layer of a network (TFLite's int8 specification); without it the layer is refused by name. */
export interface QuantiseTrait<A> {
  /** The first constant holds weights: the axes of their output channels (one scale each) and of their input channels. The second is the bias. */
  readonly weights?: { readonly outputs: number; readonly inputs: number };
  /** Null: the weights stay int8, no kernel could keep them in fewer bits. */
  readonly taps?: (attrs: A, io: NodeIo) => Taps | null;
  /** Operands and output have one scale. */
  readonly sameScale?: boolean | ((attrs: A) => boolean);
  /** The scale of the output does not hang on its values. */
  readonly output?: (attrs: A) => FixedScales;
  /** The output holds positions or truth values, no real numbers. */
  readonly positions?: boolean;
  /** f(s x) = s f(x) for every s > 0, channel by channel, with channels on the last axis. */
  readonly homogeneous?: boolean | ((attrs: A) => boolean);
  /** There is no int16 form. */
  readonly bytesOnly?: boolean;
}

/** From a kernel's parameters, of the plain one or a variant, to the least distance that `ir/overlap.ts` defines. */
export type OverlapRule = (p: AnyParams, size: ElementSizes) => number;

/** What an operator's kernel can read, and how passes may treat it. */
export interface Traits<A> {
  /** The kernel takes a scale and zero per element on input 0 (else the compiler inserts a `rescale`); may hang on the attributes. */
  readonly perElementInput?: boolean | ((attrs: A) => boolean);
  /** Widest integer the kernel reads on input 0 (else a `rescale` is inserted). */
  readonly maxInputBits?: 8 | 16;
  /** Only the order of input values against the model's own constants matters, so values beyond the calibrated range may be clipped. */
  readonly clippingSafe?: boolean;
  /** The kernel reads float32 inputs without floating-point arithmetic. */
  readonly readsF32?: boolean;
  /** The operator is `y = x * scale + offset` per element, so it can be folded into the quantisation of its input. */
  readonly affine?: (attrs: A) => { readonly scale: ArrayLike<number>; readonly offset: ArrayLike<number> };
  /** Order-preserving or label-free post-processing that runs on the host, on dequantised scores; the reason is shown to the user. */
  readonly hostOnly?: string;
  /** The operator picks the index of the largest element of input 0. */
  readonly picksLargest?: (attrs: A) => boolean;
  /** A cheaper operator that gives the same arg-max when only the label is wanted. */
  readonly labelForm?: (attrs: A) => { readonly op: string; readonly attrs: Attrs } | null;
  /** Ranges of input 0 as far as the model itself tells them (used when no calibration data is given). */
  readonly inputHint?: (attrs: A) => Range | null;
  /** The output is the bytes of input 0 under another shape: nothing is computed. */
  readonly view?: boolean;
  /** Element i of the output hangs on element i of input 0 only (and on elements of others): it may overwrite it. */
  readonly inPlace?: boolean;
  /** The output is a distribution over classes, so that a network that ends in it is a classifier. */
  readonly distribution?: boolean;
  /** Every element of the output hangs on one element of each (broadcast) operand, at the same place: axes of all may be reordered alike. */
  readonly elementwise?: boolean;
  /** Attributes and order of the output's axes where those of input 0 are reordered: axis i of the new input is axis `order[i]` of the old one. Null: it must stay. */
  readonly followsAxes?: (attrs: A, order: readonly number[], shape: Shape) => { readonly attrs: A; readonly order: readonly number[] } | null;
  /** `attrs.activation` names an activation fused into the operator. */
  readonly fusesActivation?: boolean;
  /** The operator is such an activation and nothing else. */
  readonly asActivation?: (attrs: A) => string | null;
  /** With a constant as second operand the operator multiplies input 0, or adds to it. */
  readonly channelScale?: (attrs: A) => "times" | "plus" | "minus" | null;
  /** Input 0 is read as rows of `depth` elements, whatever its shape; the weights are (out, depth). */
  readonly readsRows?: boolean;
  /** Channel c of the output (last axis) hangs on channel c of the operands only, through one rule for all channels, or weights (`quantise.weights`) of its own. */
  readonly channelwise?: boolean | ((attrs: A, io: NodeIo) => boolean);
  /** Every channel of the output is a weighted sum over all channels of input 0 (`quantise.weights`), through the output stage of `ir/layer.ts`. */
  readonly mixesChannels?: boolean | ((attrs: A) => boolean);
  /** The plain kernels write the output element after element: bytes that input 0 must start behind it while both share memory (`ir/overlap.ts`). */
  readonly overlap?: OverlapRule;
  /** Where the output starts behind input 0 they write it from the last pixel to the first: bytes that it must start behind it. */
  readonly overlapBehind?: OverlapRule;
  /** How the kernel runs row by row; element-wise operators need not say. */
  readonly rows?: RowRule;
  /** Multiply-accumulates of one call. */
  readonly macs?: (attrs: A, io: NodeIo) => number;
  /** How the layer becomes integers after training. */
  readonly quantise?: QuantiseTrait<A>;
}

/** Whether a node's kernel takes a scale and zero per element on input 0. */
export function takesPerElement<A>(traits: Traits<A>, attrs: A): boolean {
  const { perElementInput: may } = traits;
  return typeof may === "function" ? may(attrs) : may === true;
}

/** What a CPU offers beyond plain C; the board's core says which (`boards/board.ts`). */
export type CpuFeature = "dsp" | "mve" | "mul" | "mul32";

/** Another kernel for the same arithmetic: equal bytes, fewer instructions or bytes on some CPUs. */
export interface KernelVariant {
  readonly name: string;
  /** Its file is `kernel.<file>.c`; `name` unless another variant has the same kernel (and parameters) packed otherwise. */
  readonly file?: string;
  readonly needs: readonly CpuFeature[];
  /** What it is for, where that is not fewer cycles: such a kernel is only taken when asked for. */
  readonly gains?: "ram" | "flash";
  /** Its own parameters. */
  readonly params: ParamTable;
  /** The plain kernel's parameters, re-packed at compile time; null where shapes or weights do not suit. */
  readonly repack: (p: AnyParams, io: NodeIo) => { readonly params: AnyParams; readonly scratch?: number } | null;
  /** How far its output may run into input 0; without it they share nothing. */
  readonly overlap?: OverlapRule;
  readonly overlapBehind?: OverlapRule;
  /** The output may lie exactly where input 0 does, but not elsewhere in its bytes. */
  readonly inPlace?: (p: AnyParams) => boolean;
}

/** One situation of an operator of networks: tensors as they stand around the node; constants carry their data. */
export interface LayerCase<A> {
  readonly title: string;
  readonly attrs: A;
  readonly inputs: readonly Omit<Tensor, "name">[];
  /** Type and scale of the output; its shape is inferred. */
  readonly output: { readonly dtype: DType; readonly quant?: Quant };
  /** Largest |integer - float| allowed, in steps of the output. */
  readonly tolerance: number;
}

/** One situation every check of the operator is run on. */
export interface Case<A> {
  readonly title: string;
  readonly attrs: A;
  /** Length of input 0 and its real range, from which rows are drawn. */
  readonly features: number;
  readonly range: readonly [number, number];
  readonly inputs?: readonly DType[];
  /** Largest |integer - float| allowed at the finest level, as a part of the output's range. */
  readonly tolerance: number;
}

export interface OpDef<N extends string, A extends Attrs, P extends ParamTable> {
  readonly name: N;
  readonly family: "classical" | "elementwise" | "decision" | "signal" | "neural" | "recurrent" | "shape" | "reduce" | "arithmetic";
  /** One line: the formula. */
  readonly doc: string;
  /** Tensors the kernel is given, by the names of its arguments. */
  readonly inputs: readonly string[];
  /** Constants that follow the inputs in a node (weights); they reach the device inside `params`. */
  readonly constants?: readonly string[];
  /** The first input may stand any number of times; the kernel is given an array of pointers. */
  readonly variadic?: boolean;
  readonly outputs: readonly string[];
  /** Shapes of the outputs; throws a CoincellError where attributes and inputs do not agree. */
  infer(attrs: A, inputs: readonly Shape[]): readonly Shape[];
  /** The meaning, in double precision (float32 where the source library rounds to it). */
  float(attrs: A, xs: readonly Float64Array[], io?: NodeIo): readonly Float64Array[];
  readonly params: P;
  /** How many precision levels there are in fixed point. */
  readonly levels: number;
  /** Everything the device needs, as integers; runs once, at compile time. Null: no device form (then `traits.hostOnly` or `traits.view` says why). */
  readonly prepare: ((ctx: PrepareCtx<A>) => Prepared<P>) | null;
  /** The integer reference: exactly what kernel.c computes. */
  int(p: ParamValues<P>, xs: readonly TypedArray[], ys: readonly TypedArray[]): void;
  /** Straight-code form of the kernel, for speed; null where it would be absurdly large. */
  readonly unroll?: (p: ParamValues<P>, inputs: readonly Tensor[]) => Unrolled | null;
  readonly traits: Traits<A>;
  readonly from: { readonly [F in ForeignFormat]?: Readonly<Record<string, Lowering>> };
  /** Nodes of network files that this operator claims, by format and type. */
  readonly net?: { readonly [F in NetFormat]?: Readonly<Record<string, NetLowering>> };
  /** The operator as nodes of a network file. */
  readonly write?: { readonly tflite?: NetWriter<A> };
  readonly cases: readonly Case<A>[];
  readonly layerCases?: readonly LayerCase<A>[];
  /** Kernels for some CPUs, the best first; the plain one stays what they are compared with. */
  readonly variants?: readonly KernelVariant[];
}

export const defineOp = <const N extends string, A extends Attrs, const P extends ParamTable>(op: OpDef<N, A, P>): OpDef<N, A, P> => op;

/** An operator whose attribute and parameter types are forgotten: what rooms hold that treat all operators alike. */
export interface AnyOp extends Omit<OpDef<string, Attrs, ParamTable>, "infer" | "float" | "prepare" | "int" | "unroll" | "traits" | "cases" | "layerCases" | "params" | "write"> {
  readonly params: ParamTable;
  infer(attrs: Attrs, inputs: readonly Shape[]): readonly Shape[];
  float(attrs: Attrs, xs: readonly Float64Array[], io?: NodeIo): readonly Float64Array[];
  readonly prepare: ((ctx: PrepareCtx<Attrs>) => { readonly params: AnyParams; readonly outputs: readonly Format[]; readonly scratch?: number }) | null;
  int(p: AnyParams, xs: readonly TypedArray[], ys: readonly TypedArray[]): void;
  readonly unroll?: (p: AnyParams, inputs: readonly Tensor[]) => Unrolled | null;
  readonly traits: Traits<Attrs>;
  readonly write?: { readonly tflite?: NetWriter<Attrs> };
  readonly cases: readonly Case<Attrs>[];
  readonly layerCases?: readonly LayerCase<Attrs>[];
}
