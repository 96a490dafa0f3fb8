/** Device inputs on which forms are compared where no rows are given to run. */
import { convertRow, convertRows, joinRows } from "../ir/conversion.js";
import { elements, type Tensor } from "../ir/types.js";
import type { Compiled } from "./compile.js";
import { randomRows } from "./random-rows.js";

/** Calibration rows, or (any bytes are an input) a fixed pattern. */
export function probe(c: Compiled, rows: readonly Float64Array[]): Uint8Array {
  if (c.placed) {
    const inputs = [c.program.input, ...c.program.moreInputs].map((t) => c.program.tensors[t] as Tensor);
    return joinRows((rows.length > 0 ? rows.slice(0, 1) : randomRows(c.program, 1, 1).rows).flatMap((r) => convertRows(r, inputs)));
  }
  const input = c.program.tensors[c.program.input] as Tensor;
  const features = elements(input);
  const some = rows.length > 0 ? rows.slice(0, 24) : Array.from({ length: 24 }, (_, r) => Float64Array.from({ length: features }, (__, i) => ((r * 37 + i * 11) % 97) / 9 - 5));
  return joinRows(some.map((row) => convertRow(row, input)));
}
