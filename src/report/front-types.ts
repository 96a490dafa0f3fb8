/** The programs that a network can be on a board, weighed against each other: the document `coincell check --pareto --json` prints. */
import type { KernelReport } from "./types.js";

export interface FrontPoint {
  readonly id: string;
  /** How the program goes through its layers. */
  readonly program: string;
  readonly form: string;
  readonly optimise: string;
  /** Of each layer; null: the plain one. */
  readonly kernels: readonly (string | null)[];
  /** Bytes: of all tensors and scratch; of the whole program with input and stack; of the whole program in flash. */
  readonly activations: number;
  readonly ram: number;
  readonly flash: number;
  /** Of one row; null where nothing was counted. */
  readonly instructions: number | null;
  readonly cycles: number | null;
  readonly fits: boolean;
  /** No other that fits is at least as good in RAM, flash and time. */
  readonly front: boolean;
  /** What `--optimise` chooses it for. */
  readonly goals: readonly string[];
}

export interface FrontReport {
  readonly model: string;
  readonly board: string;
  readonly limits: { readonly flash: number | null; readonly ram: number | null };
  /** What each layer was measured to take with each kernel. */
  readonly layers: readonly { readonly name: string; readonly op: string; readonly kernels: readonly KernelReport[] }[];
  /** Least RAM first. */
  readonly points: readonly FrontPoint[];
}
