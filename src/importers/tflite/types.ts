/** What a .tflite file says, as inert data: read by `model.ts`, written by `write.ts`. */
import type { Member, Options } from "./codec.js";
import type { TensorType } from "./element.js";
import type { Sparsity } from "./schema.js";

export interface TfliteTensor {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  /** As `shape`, with -1 for what was unknown at conversion; empty where the file says nothing. */
  readonly shapeSignature: readonly number[];
  /** Raw bytes of a constant (`valuesOf` reads them); null for what is computed. Tensors that share a buffer share the object. */
  readonly data: Uint8Array | null;
  /** Empty: not quantised. One value: per tensor. Else per slice along `quantizedDimension`. */
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  readonly quantizedDimension: number;
  /** Another way of quantising (blocks, several axes), which makes the three fields above meaningless; null as a rule. */
  readonly otherQuantization: Member | null;
  /** State that survives from one inference to the next. */
  readonly isVariable: boolean;
  readonly sparsity: Sparsity | null;
}

export interface OperatorCode {
  /** Upstream's name, e.g. `CONV_2D`; `CUSTOM` has its own name in `customCode`. */
  readonly name: string;
  readonly customCode: string;
  readonly version: number;
}

export const codeKey = (c: OperatorCode): string => `${c.name}\n${c.customCode}\n${c.version}`;

export interface TfliteOperator extends OperatorCode {
  /** Indices into the tensors of the subgraph; -1 is an optional input left out. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly intermediates: readonly number[];
  /** Which table the options came from, e.g. `Conv2DOptions`; null where the file holds none (then `defaultOptions` of the one you expect). */
  readonly optionsType: string | null;
  /** Field names are upstream's (`stride_w`), enums are their names (`SAME`, `RELU6`), absent fields have their defaults. */
  readonly options: Options;
  readonly customOptions: Uint8Array | null;
}

export interface TfliteSubgraph {
  readonly name: string;
  readonly tensors: readonly TfliteTensor[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** In order of execution. */
  readonly operators: readonly TfliteOperator[];
}

export interface NamedTensor { readonly name: string; readonly tensor: number }

/** Names the user's own program gave to inputs and outputs. */
export interface Signature {
  readonly key: string;
  readonly subgraph: number;
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
}

export interface TfliteModel {
  readonly version: number;
  readonly description: string;
  /** Each once, though files may list one code several times. */
  readonly operatorCodes: readonly OperatorCode[];
  readonly subgraphs: readonly TfliteSubgraph[];
  readonly metadata: readonly { readonly name: string; readonly data: Uint8Array | null }[];
  readonly signatures: readonly Signature[];
}
