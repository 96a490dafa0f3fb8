/** The whole way of a model, as a table of contents: import, quantise, emit, build, run, report. */
import { readFile } from "node:fs/promises";
import { kernelSource, runtimeHeader } from "./assets.js";
import { buildProgram, type Board, type Program as Built } from "./boards/index.js";
import { emitC, entry, type Form, type Measured } from "./emit/index.js";
import { importModel as importBytes } from "./importers/index.js";
import { fail } from "./ir/diagnostics.js";
import type { Program } from "./ir/op.js";
import type { Graph } from "./ir/types.js";
import { labelOnly } from "./passes/label-only.js";
import { quantise, type QuantiseOptions } from "./passes/quantise/index.js";

/** A model ready for a board: the program with scores, and the shorter one where only the label is wanted. */
export interface Compiled {
  readonly graph: Graph;
  readonly program: Program;
  readonly labelProgram: Program | null;
}

/** Reads a model file of any supported format into a float graph. */
export async function importModel(file: string): Promise<Graph> {
  const bytes = await readFile(file).catch((e: NodeJS.ErrnoException) => fail("file/unreadable", file, e.code === "ENOENT" ? "there is no such file" : String(e.message), "Give the path of a model file."));
  return importBytes(bytes, file);
}

/** Chooses input type, scales and widths; the result is what every board runs. */
export function compile(graph: Graph, options: QuantiseOptions): Compiled {
  const program = quantise(graph, options);
  const short = labelOnly(graph);
  const input = program.tensors[program.input];
  const quant = input?.quant;
  return { graph, program, labelProgram: short ? quantise(short, { ...options, ...(quant ? { inputQuant: quant } : {}) }) : null };
}

/** The model's C files, by path. */
export function emit(c: Compiled, form: Form, measured: Measured | null = null): ReadonlyMap<string, string> {
  return emitC({ program: c.program, labelProgram: c.labelProgram, form, sources: kernelSource, runtime: runtimeHeader(), measured });
}

/** Compiles the emitted C for a board, with the harness that feeds it rows. */
export function build(c: Compiled, board: Board, form: Form, what: "answer" | "scores", flags: { readonly optimise?: string; readonly sanitize?: boolean } = {}): Promise<Built> {
  const glue = entry(c.program, what);
  const files = new Map([...emit(c, form), ["entry.c", glue.text]]);
  return buildProgram({ board, files, inBytes: glue.inBytes, outBytes: glue.outBytes, ...flags });
}
