/** Rows of random device input as a table: any bytes are an input, so every model can be compared without data. */
import type { Table } from "../data/table.js";
import { inputTensors, type Program } from "../ir/program.js";
import { xorshift } from "../ir/random.js";
import { elements, isInt, limits, scaleAt, zeroAt, type Tensor } from "../ir/types.js";

/** A value the device could hold, in real units: integers over their whole range, floats from -1 to 1. */
function drawn(t: Tensor, i: number, random: () => number): number {
  if (!isInt(t.dtype)) return Math.fround(random() * 2 - 1);
  const [lo, hi] = limits(t.dtype);
  const q = lo + Math.floor(random() * (hi - lo + 1));
  return t.quant ? scaleAt(t.quant, i) * (q - zeroAt(t.quant, i)) : q;
}

/** `n` rows in the model's own units; they come back to the very integers that were drawn. */
export function randomRows(p: Program, n: number, seed: number): Table {
  const inputs = inputTensors(p);
  const random = xorshift((seed * 0x9e3779b1) >>> 0 || 0x2545f491);
  const width = inputs.reduce((sum, t) => sum + elements(t), 0);
  const row = (): Float64Array => Float64Array.from(inputs.flatMap((t) => Array.from({ length: elements(t) }, (_, i) => drawn(t, i, random))));
  return { features: Array.from({ length: width }, (_, i) => `f${i}`), rows: Array.from({ length: n }, row), labels: null };
}
