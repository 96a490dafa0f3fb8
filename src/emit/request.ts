/** What the emitter is asked for. */
import type { Program } from "../ir/op.js";
import type { Measured } from "./header.js";
import type { Form, KernelSource } from "./step.js";

/** Where everything lies: offsets into one block, by tensor, and for the scratch of each step. */
export interface Arena {
  readonly bytes: number;
  readonly offsets: ReadonlyMap<number, number>;
  /** By step; absent where the step needs none. */
  readonly scratch: ReadonlyMap<number, number>;
}

/** What is emitted: the whole program, and the shorter one that only finds the label (null: the same one). */
export interface EmitRequest {
  readonly program: Program;
  readonly labelProgram: Program | null;
  readonly form: Form;
  readonly sources: KernelSource;
  /** `coincell.h` with its arch headers pasted in. */
  readonly runtime: string;
  readonly measured: Measured | null;
  /** Networks: where their tensors lie. Absent for classical models, whose few values live on the stack. */
  readonly arena?: Arena | null;
}
