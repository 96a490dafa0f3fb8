/** The ways a network's program may go through its layers: each has its own arena, and the choice of kernels is made for each. */
import type { Program } from "../ir/op.js";

export interface ProgramForm {
  readonly name: string;
  /** With plain kernels; step k computes what step k of the network does. */
  readonly program: Program;
}

/** The one place where further forms join: the cheapest first, since costs are measured on the first one. */
export const programForms = (p: Program): readonly ProgramForm[] => [{ name: "layer by layer", program: p }];
