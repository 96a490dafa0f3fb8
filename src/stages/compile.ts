/** Graph to programs: default input type, calibration rows, and the shorter program for the label alone. */
import type { KernelSource } from "../emit/index.js";
import type { Arithmetic, Program } from "../ir/op.js";
import type { Graph, Quant } from "../ir/types.js";
import { withoutDeadChannels } from "../passes/network/dead-channels.js";
import { simplify } from "../passes/network/index.js";
import { isNetwork, prepareNetwork } from "../passes/quantise/network.js";
import { withNarrowConstants } from "../passes/narrow.js";
import { labelOnly } from "../passes/label-only.js";
import { fitsGrid, type InputType } from "../passes/quantise/input.js";
import { quantise } from "../passes/quantise/index.js";
import { findOp } from "../ops/registry.js";
import { realNetwork } from "../passes/quantise-network/index.js";
import { integerNetwork } from "./quantise.js";
import { placeTensors, type Placed } from "./arena.js";

/** How much of a network runs row by row. */
export interface RowChoice {
  /** Layers that run row by row; 0: none; `least`: as many as take the least memory; `auto`: what the goal and the limits ask for. */
  readonly layers: number | "auto" | "least";
  /** The input is in memory as a whole; else the caller hands it over row by row. */
  readonly resident: boolean;
  /** Rows that a layer makes at a time; one where absent. More take more memory, and suit kernels that share work between rows. */
  readonly each?: number;
}

export interface CompileOptions {
  /** Type of the device's inputs; chosen from the calibration rows when absent. */
  readonly inputType?: InputType;
  /** Declared scale and zero of the inputs: `real = scale * (q - zero)`. */
  readonly inputQuant?: Quant;
  readonly arithmetic?: Arithmetic;
  /** Typical rows in the model's own units. */
  readonly rows?: readonly Float64Array[] | null;
  /** Networks: how much runs row by row on the device. */
  readonly byRows?: RowChoice;
}

/** A model ready for a board: the program with scores, and the shorter one where only the label is wanted. */
export interface Compiled {
  readonly graph: Graph;
  readonly program: Program;
  readonly labelProgram: Program | null;
  /** Networks: where their tensors lie in memory; null for classical models, whose few values are on the stack. */
  readonly placed: Placed | null;
  /** Networks with state: every row starts from rest, instead of where the one before it ended. */
  readonly fresh?: boolean;
  /** How much of the head is to run row by row on the device (absent: `auto`); the program at hand, the reference, is the plain one. */
  readonly rows?: RowChoice;
  /** Other kernels than the operators' own; for tests of what happens when one is wrong. */
  readonly sources?: KernelSource;
}

/**
 * A network brings its types and scales with it; what is left to decide is where its tensors lie. A float network becomes integers
 * on the calibration rows; answers are still judged by what it means in real numbers.
 */
function compileNetwork(graph: Graph, options: CompileOptions): Compiled {
  const made = integerNetwork(graph, options);
  const lean = withoutDeadChannels(made);
  const program = withNarrowConstants(prepareNetwork(lean.graph));
  const asked = options.byRows ? { rows: options.byRows } : {};
  const notes = lean.removed === 0 ? made.notes : [...made.notes, `${lean.removed} of ${lean.channels} channels carry nothing and are left out; every answer stays as it is`];
  return { graph: { ...(made === graph ? graph : realNetwork(graph)), notes }, program, labelProgram: null, placed: placeTensors(program), ...asked };
}

/** Trees read float32 without float arithmetic; all else is cheaper in integers. */
function defaultInput(graph: Graph, options: CompileOptions): InputType {
  if (options.inputType) return options.inputType;
  if (options.arithmetic === "float") return "f32";
  const rows = options.rows ?? [];
  if (rows.length > 0) return fitsGrid(rows, "u8") ? "u8" : "i16";
  const readers = graph.nodes.filter((n) => n.inputs.includes(graph.input));
  return readers.every((n) => findOp(n.op).traits.readsF32 === true) ? "f32" : "i16";
}

export function compile(graph: Graph, options: CompileOptions = {}): Compiled {
  if (isNetwork(graph)) return compileNetwork(simplify(graph), options);
  const base = { arithmetic: options.arithmetic ?? "int", inputType: defaultInput(graph, options), rows: options.rows ?? null } as const;
  const program = quantise(graph, { ...base, ...(options.inputQuant ? { inputQuant: options.inputQuant } : {}) });
  const short = labelOnly(graph);
  const quant = program.tensors[program.input]?.quant;
  return { graph, program, labelProgram: short ? quantise(short, { ...base, ...(quant ? { inputQuant: quant } : {}) }) : null, placed: null, ...(options.byRows ? { rows: options.byRows } : {}) };
}
