/** The scan over the stored rows: in double precision, and the TypeScript twin of kernel.c. */
import type { ParamValues } from "../../../ir/params.js";
import type { TypedArray } from "../../../ir/types.js";
import type { NeighboursAttrs } from "./index.js";

export const params = {
  rows: "len", features: "len", k: "len", power: "u8", scaled: "u8", same_shift: "u8", shift0: "u8", top: "u16",
  shift: "rom", r: "rom", points: "rom",
} as const;

interface Kept { readonly k: number; readonly distance: { [i: number]: number }; readonly index: { [i: number]: number } }

/** Inserts behind all that are as near: of equal distances the first row is kept. */
function keep(t: Kept, distance: number, row: number): void {
  let j = t.k - 1;
  for (; j > 0 && (t.distance[j - 1] ?? 0) > distance; j--) {
    t.distance[j] = t.distance[j - 1] ?? 0;
    t.index[j] = t.index[j - 1] ?? 0;
  }
  t.distance[j] = distance;
  t.index[j] = row;
}

const added = (sum: number, z: number, power: number): number => (power === 2 ? sum + z * z : power === 1 ? sum + z : Math.max(sum, z));

export function searchFloat(a: NeighboursAttrs, x: ArrayLike<number>): readonly Float64Array[] {
  const t = { k: a.k, distance: new Float64Array(a.k).fill(Infinity), index: new Float64Array(a.k) };
  for (let row = 0; row < a.rows; row++) {
    let sum = 0;
    for (let i = 0; i < a.features; i++) sum = added(sum, Math.abs((x[i] ?? 0) - (a.points[row * a.features + i] ?? 0)), a.power);
    if (sum < (t.distance[a.k - 1] ?? 0)) keep(t, sum, row);
  }
  return [t.distance, t.index];
}

export function search(p: ParamValues<typeof params>, x: TypedArray, distance: TypedArray, index: TypedArray): void {
  const float = x instanceof Float32Array;
  const t: Kept = { k: p.k, distance, index };
  distance.fill(float ? 3.4028234663852886e38 : 0xffffffff);
  for (let row = 0; row < p.rows; row++) {
    const worst = distance[p.k - 1] ?? 0;
    let sum = 0;
    for (let i = 0; i < p.features && sum < worst; i++) {
      const d = Math.abs((x[i] ?? 0) - (p.points[row * p.features + i] ?? 0));
      if (float) { sum = added(sum, Math.fround(d), p.power); sum = p.power === 2 ? Math.fround(sum) : sum; continue; }
      const shift = p.same_shift ? p.shift0 : (p.shift[i] ?? 0);
      const z = Math.floor((p.scaled ? d * (p.r[i] ?? 0) : d) / 2 ** shift);
      sum = added(sum, Math.min(z, p.top), p.power);
    }
    if (sum < worst) keep(t, sum, row);
  }
}
