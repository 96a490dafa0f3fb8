/** What the device runs: steps with prepared parameters over typed tensors; the TypeScript reference and the emitted C both run it. */
import type { AnyParams } from "./params.js";
import type { RowHead } from "./rows.js";
import type { Attrs, Task, Tensor } from "./types.js";

/** How numbers are represented on the device: fixed point, or float32 for chips with an FPU (or on request). */
export type Arithmetic = "int" | "float";

/** A node of the device's program: parameters prepared, types decided. */
export interface Step {
  readonly name: string;
  readonly op: string;
  readonly params: AnyParams;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Bytes the kernel needs besides its tensors. */
  readonly scratch?: number;
  /** Multiply-accumulates, where the operator counts them. */
  readonly macs?: number;
  /** Networks: the float32 kernel is meant, whatever the rest of the program runs in. */
  readonly real?: boolean;
  /** The kernel that is meant, where it is not the plain one. */
  readonly variant?: string;
}

/** The integer (or float32) program that the TypeScript reference, the emitted C and the interpreter all run. */
export interface Program {
  readonly name: string;
  readonly task: Task;
  readonly labels: readonly (string | number)[];
  readonly featureNames: readonly string[];
  readonly arithmetic: Arithmetic;
  readonly tensors: readonly Tensor[];
  readonly steps: readonly Step[];
  readonly input: number;
  /** Further inputs of a network, in order; a row holds all inputs one after the other. */
  readonly moreInputs: readonly number[];
  /** Further outputs of a network; they follow the scores. */
  readonly moreOutputs: readonly number[];
  /** Tensor of the label, or null where the task has none. */
  readonly label: number | null;
  /** Tensor of the raw scores (or of the value, in regression). */
  readonly scores: number;
  /** How the raw scores are read (a scaler may stand behind the tensor itself). */
  readonly scoresView: Tensor;
  /** Nodes that turn dequantised scores into what the source library prints; run on the host in double precision. */
  readonly host: HostChain;
  /** Networks: the first steps run row by row. */
  readonly rows?: RowHead;
  readonly source: string;
}

/** Host part of a program: a chain of float operators from the scores to the printed scores. */
export type HostChain = readonly { readonly op: string; readonly attrs: Attrs }[];

/** All inputs of a program, in the order in which a row holds them. */
export const inputTensors = (p: Program): readonly Tensor[] => [p.input, ...p.moreInputs].map((t) => p.tensors[t] as Tensor);
