/** The reference of the device: runs a program in TypeScript on the very integers the C runs on. */
import type { Program } from "../ir/op.js";
import { dtypeOf, elements, makeArray, scaleAt, zeroAt, type Tensor, type TypedArray } from "../ir/types.js";
import { findOp } from "../ops/registry.js";

export interface RawAnswer {
  /** Label index, or -1. */
  readonly label: number;
  /** Raw scores in the type of the scores tensor. */
  readonly scores: TypedArray;
  /** Further outputs of a network. */
  readonly more: readonly TypedArray[];
}

/** What a tensor holds before the first call: its constants, its start values, or real zero in its own integers. */
export function initial(t: Tensor): TypedArray {
  if (t.data) return t.data;
  if (t.start && dtypeOf(t.start) !== t.dtype) throw new Error(`${t.name}: start values of another type than the state`);
  if (t.start) return t.start.slice();
  const zeros = makeArray(t.dtype === "f64" ? "i32" : t.dtype, elements(t));
  return t.state && t.quant ? zeros.fill(zeroAt(t.quant, 0)) : zeros;
}

/** The device's answers, row after row; `inputs` in the types of the program's inputs. State is kept from row to row. */
export type Runner = (...inputs: readonly TypedArray[]) => RawAnswer;

/** @param after called after every step, with what it made; the array is overwritten later. */
export function createRunner(p: Program, after?: (step: number, made: TypedArray) => void): Runner {
  const values = p.tensors.map(initial);
  const steps = p.steps.map((s) => ({ s, op: findOp(s.op) }));
  return (...inputs) => {
    [p.input, ...p.moreInputs].forEach((t, i) => { values[t] = inputs[i] ?? values[t] ?? new Int32Array(0); });
    // The caller keeps what was returned, so that outputs are made anew; all else is overwritten in place.
    for (const t of [p.scores, ...p.moreOutputs]) if (t !== p.input) values[t] = initial(p.tensors[t] as Tensor);
    steps.forEach(({ s, op }, k) => {
      const ys = s.outputs.map((t) => (values[t] as TypedArray).fill(0));
      op.int(s.params, s.inputs.map((t) => values[t] as TypedArray), ys);
      after?.(k, ys[0] as TypedArray);
    });
    return { label: p.label === null ? -1 : (values[p.label]?.[0] ?? -1), scores: values[p.scores] as TypedArray, more: p.moreOutputs.map((t) => values[t] as TypedArray) };
  };
}

/** Runs one row of device input (type of the program's input tensor), from the start state. */
export const runProgram = (p: Program, ...inputs: readonly TypedArray[]): RawAnswer => createRunner(p)(...inputs);

/** Raw scores in real units, before the host chain. */
export function dequantise(p: Program, scores: ArrayLike<number>): Float64Array {
  const q = p.scoresView.quant;
  return Float64Array.from({ length: scores.length }, (_, i) => (q ? scaleAt(q, i) * ((scores[i] ?? 0) - zeroAt(q, i)) : (scores[i] ?? 0)));
}
