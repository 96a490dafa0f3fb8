/** The reference of the device: runs a program in TypeScript on the very integers the C runs on. */
import type { Program } from "../ir/op.js";
import { makeArray, scaleAt, zeroAt, type TypedArray } from "../ir/types.js";
import { findOp } from "../ops/registry.js";

export interface RawAnswer {
  /** Label index, or -1. */
  readonly label: number;
  /** Raw scores in the type of the scores tensor. */
  readonly scores: TypedArray;
}

/** Runs one row of device input (type of the program's input tensor). */
export function runProgram(p: Program, input: TypedArray): RawAnswer {
  const values: TypedArray[] = [];
  values[p.input] = input;
  for (const s of p.steps) {
    const ys = s.outputs.map((t) => {
      const tensor = p.tensors[t];
      return makeArray(tensor?.dtype ?? "i32", tensor?.shape[0] ?? 1);
    });
    findOp(s.op).int(s.params, s.inputs.map((t) => values[t] ?? new Int32Array(0)), ys);
    s.outputs.forEach((t, i) => { values[t] = ys[i] ?? new Int32Array(0); });
  }
  return { label: p.label === null ? -1 : (values[p.label]?.[0] ?? -1), scores: values[p.scores] ?? input };
}

/** Raw scores in real units, before the host chain. */
export function dequantise(p: Program, scores: ArrayLike<number>): Float64Array {
  const q = p.scoresView.quant;
  return Float64Array.from({ length: scores.length }, (_, i) => (q ? scaleAt(q, i) * ((scores[i] ?? 0) - zeroAt(q, i)) : (scores[i] ?? 0)));
}
