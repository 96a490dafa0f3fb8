/** How foreign models become nodes, and nodes foreign models again: what operators are given by importers and writers. */
import type { Foreign } from "./foreign.js";
import type { Attrs, DType, NodeIo, OutputRole, Quant, Shape, Task, Tensor, TypedArray } from "./types.js";

/** A value while a graph is being built: an index into its tensors. */
export type Value = number;

/** What an operator's `from` functions build with; they name sister operators, they never import them. */
export interface Builder {
  /** The value the foreign object is applied to. */
  readonly x: Value;
  readonly features: (v: Value) => number;
  add(op: string, attrs: Attrs, inputs: readonly Value[], name?: string): Value;
  output(role: OutputRole, v: Value): void;
  setLabels(labels: readonly (string | number)[]): void;
  setTask(task: Task): void;
  note(text: string): void;
  /** Lowers a nested foreign object (a pipeline step, a wrapped estimator) applied to `x`. */
  lower(f: Foreign, x: Value): Value;
}

/** Lowers one foreign object to nodes; returns the value that the object's output stands for. */
export type Lowering = (f: Foreign, b: Builder) => Value;
export type ForeignFormat = "sklearn" | "onnx" | "xgboost" | "lightgbm";

/** What a network file says of a value: its name and as much of its type as it tells. */
export interface Template {
  readonly name: string;
  readonly dtype?: DType;
  readonly shape?: Shape;
  readonly quant?: Quant;
}

/** A node of a network file, as its importer shows it to the operators that claim its type. */
export interface ForeignNode {
  /** Name of the operator in its format, e.g. `CONV_2D`. */
  readonly type: string;
  readonly name: string;
  /** For error texts: file and node. */
  readonly where: string;
  readonly options: Readonly<Record<string, number | string | boolean | TypedArray | readonly number[] | readonly string[]>>;
  /** Null where an optional input is absent. */
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly Template[];
}

/** What a {@link NetLowering} builds with. */
export interface NetBuilder {
  tensor(v: Value): Tensor;
  /** Adds a node with one output; `as` tells its name, type and scale (default: those of the first input). */
  add(op: string, attrs: Attrs, inputs: readonly Value[], as?: Template): Value;
  constant(t: { readonly name: string; readonly dtype: DType; readonly shape: Shape; readonly data: TypedArray; readonly quant?: Quant }): Value;
  /** A tensor kept from call to call; starts at `start`, else at real zero. */
  state(t: { readonly name: string; readonly dtype: DType; readonly shape: Shape; readonly quant?: Quant; readonly start?: TypedArray }): Value;
  note(text: string): void;
}

/** Lowers one node of a network to nodes of ours; returns the values of its outputs, in order. */
export type NetLowering = (n: ForeignNode, b: NetBuilder) => readonly Value[];
export type NetFormat = "tflite" | "onnx" | "keras";

/** Where an operator becomes nodes of a network file: see {@link NetWriter}. */
export interface NetWriting {
  readonly name: string;
  /** Tensors of the node, as the graph has them. */
  readonly io: NodeIo;
  readonly inputs: readonly Value[];
  readonly output: Value;
  /** @param wide 64-bit integers in the file, as the biases of int16 layers are */
  constant(t: { readonly name: string; readonly dtype: DType; readonly shape: Shape; readonly data: TypedArray; readonly quant?: Quant }, wide?: boolean): Value;
  /** A tensor between two nodes of the file. */
  between(t: Omit<Tensor, "data" | "state">): Value;
  /** Adds a node; `inputs` may hold null where an optional operand is absent. @param options the table's name and its fields */
  add(type: string, options: readonly [table: string, fields: Readonly<Record<string, number | string | boolean | readonly number[]>>] | null, inputs: readonly (Value | null)[], output: Value): void;
  /** Ends the writing at this node. */
  refuse(what: string, cure: string): never;
}

/** Writes one node as nodes of a file: the inverse of a {@link NetLowering}. */
export type NetWriter<A> = (attrs: A, w: NetWriting) => void;
