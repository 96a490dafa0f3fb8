/** Rows of the bench: x and y of a .npz, or a part of a .npy data set. */
import { readFileSync } from "node:fs";
import { unzipSync } from "fflate";
import { readNpy } from "../../src/data/npy.js";

export interface Rows {
  readonly rows: readonly Float64Array[];
  readonly labels: ArrayLike<number>;
}

function rowsOf(x: Uint8Array, y: Uint8Array, unit: (v: number) => number): Rows {
  const [a, b] = [readNpy(x, "x.npy"), readNpy(y, "y.npy")];
  const values = (a.values as Float64Array).map(unit);
  const n = a.shape[0] ?? 0;
  const width = values.length / n;
  return { rows: Array.from({ length: n }, (_, i) => values.subarray(i * width, (i + 1) * width)), labels: b.values as Float64Array };
}

export function readNpz(file: string): Rows {
  const { "x.npy": x, "y.npy": y } = unzipSync(readFileSync(file));
  if (!x || !y) throw new Error(`${file}: no x.npy and y.npy`);
  return rowsOf(x, y, (v) => v);
}

export const readPart = (folder: string, part: "train" | "val"): Rows => rowsOf(readFileSync(`${folder}/public/${part}_x.npy`), readFileSync(`${folder}/public/${part}_y.npy`), (v) => v);
