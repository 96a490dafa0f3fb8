/** Picking along the axes: `y[i, j, ...] = x[T0[i], T1[j], ...]` with constant tables. Gather, mirrored borders and nearest-neighbour resizing are of this kind. */
import type { NetBuilder, Template, Value } from "./op.js";
import { allocatable } from "./strided.js";
import { count, makeArray, type Shape } from "./types.js";

/** For each axis of x, the positions that y takes, in order. */
export type Tables = readonly (readonly number[])[];

export const upTo = (n: number): readonly number[] => Array.from({ length: allocatable(n, "tensor") }, (_, i) => i);

/** Reads every element that the tables name, in the order of y. */
export function readPicked<T extends { [i: number]: number }>(x: ArrayLike<number>, shape: Shape, tables: Tables, y: T): T {
  let places: readonly number[] = [0];
  tables.forEach((table, d) => { places = places.flatMap((p) => table.map((i) => p * (shape[d] as number) + i)); });
  places.forEach((p, i) => { y[i] = x[p] as number; });
  return y;
}

/** Adds a `pick` node; a new constant where x is one. @param shape of the result where the file does not tell it */
export function addPicked(b: NetBuilder, x: Value, tables: Tables, shape: Shape, as?: Template): Value {
  const t = b.tensor(x);
  const n = tables.reduce((p, table) => p * table.length, 1);
  const told = as?.shape && count(as.shape) === n ? as.shape : shape;
  const template = as ?? { name: `${t.name}_picked`, dtype: t.dtype, ...(t.quant ? { quant: t.quant } : {}) };
  if (t.data) return b.constant({ ...template, dtype: t.dtype, shape: told, data: readPicked(t.data, t.shape, tables, makeArray(t.dtype, allocatable(n, template.name))) });
  return b.add("pick", { shape: Int32Array.from(told), size: Int32Array.from(tables, (l) => l.length), index: Int32Array.from(tables.flat()) }, [x], template);
}
