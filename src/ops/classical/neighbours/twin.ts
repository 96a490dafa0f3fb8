/** The TypeScript twin of kernel.c and kernel.f32.c. */
import { clamp, sqrtU32 } from "../../../ir/fixed.js";
import type { ParamValues } from "../../../ir/params.js";
import type { TypedArray } from "../../../ir/types.js";
import { added, classOf, keep, say } from "./attrs.js";

export const PLAIN = 0, WEIGHED = 1, COMMON = 2;

/** `shift0`: the one shift of all features, or 255 where each has its own. */
export const params = {
  rows: "len", features: "len", k: "len", outputs: "len", power: "u8", values: "u8", weighted: "u8", mode: "u8", bytes: "u8", shift0: "u8", one: "u16", top: "u16",
  r: "rom", offset: "rom", shift: "rom", points: "rom", target: "rom",
} as const;
type Values = ParamValues<typeof params>;

function difference(p: Values, x: number, point: number, i: number): number {
  const d = Math.abs(x - point);
  if (p.mode === PLAIN) return Math.min(d >> p.shift0, p.top);
  if (p.mode === COMMON) return Math.min(d, p.top);
  return Math.min(Math.imul(p.r[i] ?? 0, Math.min(d, 255)) >> (p.shift0 !== 255 ? p.shift0 : (p.shift[i] ?? 0)), p.top);
}

function search(p: Values, x: TypedArray, distance: TypedArray, index: TypedArray): void {
  for (let row = 0; row < p.rows; row++) {
    const worst = distance[p.k - 1] ?? 0;
    let sum = 0;
    for (let i = 0; i < p.features && sum < worst; i++) sum = added(sum, difference(p, x[i] ?? 0, p.points[row * p.features + i] ?? 0, i), p.power);
    if (sum < worst) keep({ k: p.k, distance, index }, sum, row);
  }
}

function searchFloat(p: Values, x: TypedArray, distance: TypedArray, index: TypedArray): void {
  const f = Math.fround;
  for (let row = 0; row < p.rows; row++) {
    const worst = distance[p.k - 1] ?? 0;
    let sum = 0;
    for (let i = 0; i < p.features && sum < worst; i++) {
      const z = Math.abs(f((x[i] ?? 0) - (p.points[row * p.features + i] ?? 0)));
      sum = p.power === 2 ? f(sum + f(z * z)) : f(added(sum, z, p.power));
    }
    if (sum < worst) keep({ k: p.k, distance, index }, sum, row);
  }
}

/** The shift that brings the largest distance to the top of 32 bits (squares, of which roots are taken) or into 16 bits. */
function shiftOf(p: Values, largest: number): number {
  let shift = 0;
  if (p.power === 2) while (largest * 2 ** shift < 2 ** 30) shift += 2;
  else while (largest / 2 ** shift >= 65536) shift++;
  return shift;
}

function answer(p: Values, distance: TypedArray, index: TypedArray, y: TypedArray): void {
  const near = distance[0] ?? 0;
  const shift = p.weighted && near !== 0 ? shiftOf(p, distance[p.k - 1] ?? 1) : 0;
  const size = (d: number): number => (p.power === 2 ? sqrtU32(d * 2 ** shift) : Math.floor(d / 2 ** shift));
  const first = size(near);
  let total = 0;
  let sum = 0;
  y.fill(0);
  for (let j = 0; j < p.k; j++) {
    const d = distance[j] ?? 0;
    const w = !p.weighted ? 1 : near === 0 ? (d === 0 ? p.one : 0) : Math.floor((first * p.one) / Math.max(1, size(d)));
    total += w;
    if (p.values) sum += w * (p.target[index[j] ?? 0] ?? 0);
    else y[classOf(p.target, index[j] ?? 0)]! += w;
  }
  if (p.values) y[0] = p.weighted ? Math.trunc(sum / Math.max(1, total)) : sum;
}

export function int(p: Values, xs: readonly TypedArray[], [y, distance, index, common]: readonly TypedArray[]): void {
  const [x] = xs;
  if (!x || !y || !distance || !index || !common) return;
  if (x instanceof Float32Array) {
    distance.fill(3.4028234663852886e38);
    searchFloat(p, x, distance, index);
    const kind = p.values ? "values" : "classes";
    y.set(say({ rows: p.rows, features: p.features, k: p.k, power: p.power, kind, weighted: p.weighted !== 0, target: Float64Array.from(p.target) }, distance, index, Math.fround));
    return;
  }
  for (let i = 0; p.mode === COMMON && i < p.features; i++) common[i] = clamp((Math.imul(x[i] ?? 0, p.r[i] ?? 0) + (p.offset[i] ?? 0)) >> (p.shift[i] ?? 0), -32767, 32767);
  distance.fill(0xffffffff);
  search(p, p.mode === COMMON ? common : x, distance, index);
  answer(p, distance, index, y);
}
