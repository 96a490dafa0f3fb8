/** The device's input: its type, and scale and zero per feature, declared or chosen from calibration rows. */
import { fail } from "../../ir/diagnostics.js";
import type { Range } from "../../ir/op.js";
import { limits, type IntDType, type Quant } from "../../ir/types.js";

export const inputTypes = ["u8", "i8", "i16", "f32"] as const;
export type InputType = (typeof inputTypes)[number];

export function parseInputType(text: string): InputType {
  return inputTypes.find((t) => t === text) ?? fail("cli/bad-input-type", "--input-type", `"${text}"`, `Supported: ${inputTypes.join(", ")}.`);
}

/** Steps a sensor or a rounded table may have; on such a grid the integers stand for the values exactly. */
const steps = [1, 0.5, 0.25, 0.2, 0.1, 0.05, 0.025, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001, 10, 5, 2].sort((a, b) => b - a);

function onGrid(values: Float64Array, step: number): boolean {
  for (const v of values) {
    const q = v / step;
    if (Math.abs(q - Math.round(q)) > 1e-3 || Math.abs(v - Math.round(q) * step) > Math.abs(v) * 3e-7 + 1e-9) return false;
  }
  return true;
}

/** Room above and below the rows seen, as a part of their range: 16 bits can afford values three ranges away, 8 bits cannot. */
export const headroom = (type: IntDType, clippingSafe: boolean): number => (clippingSafe || limits(type)[1] < 256 ? 0.05 : 3);

/** Scale and zero of one feature from its values; an exact grid is preferred, and zero itself where it fits. */
export function chooseFeature(values: Float64Array, min: number, max: number, type: IntDType, room: number): { readonly scale: number; readonly zero: number } {
  const [lo, hi] = limits(type);
  for (const step of values.length > 0 ? steps : []) {
    const natural = min / step >= lo && max / step <= hi;
    if ((!natural && (max - min) / step > (hi - lo) * 0.9) || !onGrid(values, step)) continue;
    if (natural) return { scale: step, zero: 0 };
    return { scale: step, zero: Math.round((lo + hi) / 2) - Math.round((min + max) / 2 / step) };
  }
  // What was never negative stays so.
  const margin = Math.max((max - min) * room, Math.abs(max) * 1e-6, 1e-9);
  const bottom = min >= 0 ? Math.max(0, min - margin) : min - margin;
  const scale = (max + margin - bottom) / (hi - lo);
  return { scale, zero: Math.round(lo - bottom / scale) };
}

/** Feature f of every row. A plain loop: `Float64Array.from` with a function is many times slower. */
export function columnOf(rows: readonly Float64Array[], f: number): Float64Array {
  const out = new Float64Array(rows.length);
  for (let r = 0; r < rows.length; r++) out[r] = rows[r]?.[f] ?? 0;
  return out;
}

function rangeOf(values: Float64Array): readonly [number, number] {
  let [min, max] = [Infinity, -Infinity];
  for (const v of values) {
    if (v < min) min = v;
    if (v > max) max = v;
  }
  return [min, max];
}

/** Every feature lies on a grid whose steps fit the type: integers of that type then hold the rows exactly. */
export function fitsGrid(rows: readonly Float64Array[], type: IntDType): boolean {
  const [lo, hi] = limits(type);
  return Array.from(rows[0] ?? [], (_, f) => f).every((f) => {
    const v = columnOf(rows, f);
    const [min, max] = rangeOf(v);
    return steps.some((s) => ((min / s >= lo && max / s <= hi) || (max - min) / s <= (hi - lo) * 0.9) && onGrid(v, s));
  });
}

export function chooseQuant(stats: Range, columns: readonly Float64Array[] | null, type: IntDType, room: number): Quant {
  const picks = Array.from(stats.min, (lo, i) => chooseFeature(columns?.[i] ?? new Float64Array(0), lo, stats.max[i] ?? lo, type, room));
  return { scale: picks.map((p) => p.scale), zero: picks.map((p) => p.zero) };
}
