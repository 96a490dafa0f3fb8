/** Runs a network and shows every tensor in between: what calibration and the comparison of layers look at. */
import type { Program } from "../../ir/op.js";
import { dequantised } from "./reals.js";
import { findOp } from "../../ops/registry.js";
import { elements, type Graph, type Tensor, type TypedArray } from "../../ir/types.js";
import { convertRows } from "../../ir/conversion.js";
import { prepareNetwork } from "../quantise/network.js";
import { initial } from "../run-program.js";

/** Tensors that are another's elements under a new shape, by the tensor they lie in. */
export function homes(graph: Graph): readonly number[] {
  const home = graph.tensors.map((_, i) => i);
  for (const n of graph.nodes) {
    const [from = 0] = n.inputs;
    const [to = 0] = n.outputs;
    if (findOp(n.op).traits.view === true) home[to] = home[from] as number;
  }
  return home;
}

/** Values of all tensors for one row; arrays are used again for the next one. */
export type Trace = (row: ArrayLike<number>) => readonly TypedArray[];

export interface Traced {
  readonly program: Program;
  readonly run: Trace;
  /** Real values of a tensor of the last row. */
  readonly reals: (values: readonly TypedArray[], tensor: number) => ArrayLike<number>;
}

export function tracer(graph: Graph): Traced {
  const program = prepareNetwork(graph);
  const home = homes(graph);
  const inputs = [program.input, ...program.moreInputs];
  const given = inputs.map((t) => program.tensors[t] as Tensor);
  const values = program.tensors.map(initial);
  const steps = program.steps.map((s) => ({ s, op: findOp(s.op) }));
  const run: Trace = (row) => {
    const rows = convertRows(Float64Array.from(row), given);
    inputs.forEach((t, i) => { values[t] = rows[i] as TypedArray; });
    for (const { s, op } of steps) op.int(s.params, s.inputs.map((t) => values[t] as TypedArray), s.outputs.map((t) => (values[t] as TypedArray).fill(0)));
    return values;
  };
  const reals = (all: readonly TypedArray[], tensor: number): ArrayLike<number> => {
    const at = home[tensor] ?? tensor;
    return dequantised(all[at] as TypedArray, program.tensors[at] as Tensor);
  };
  return { program, run, reals };
}

/** Channels stand on the last axis. */
export const channelsOf = (t: Tensor | undefined): number => t?.shape.at(-1) ?? Math.max(1, elements(t));

/** n of the rows, evenly out of all. */
export const thinned = <T>(rows: readonly T[], n: number): readonly T[] => (rows.length <= n ? rows : Array.from({ length: n }, (_, i) => rows[Math.floor((i * rows.length) / n)] as T));
