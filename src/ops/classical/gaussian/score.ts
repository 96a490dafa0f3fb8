/** The TypeScript twin of kernel.c and kernel.f32.c. */
import type { ParamValues } from "../../../ir/params.js";
import type { TypedArray } from "../../../ir/types.js";

export const params = {
  rows: "len", features: "len", power: "u8", pick: "u8", shared: "u8", same_shift: "u8", shift0: "u8", fold: "u8", top: "i16",
  r: "rom", offset: "rom", shift: "rom", b: "rom",
} as const;
type Values = ParamValues<typeof params>;

export function score(p: Values, x: TypedArray, y: TypedArray): void {
  const f = Math.fround;
  let best = -Infinity;
  for (let c = 0; c < p.rows; c++) {
    let sum = p.b[c] ?? 0;
    for (let i = 0; i < p.features; i++) {
      const at = c * p.features + i;
      const w = p.shared ? i : at;
      if (x instanceof Float32Array) {
        const z = f(f((x[i] ?? 0) - (p.offset[at] ?? 0)) * (p.r[w] ?? 0));
        sum = f(sum - (p.power === 2 ? f(z * z) : Math.abs(z)));
      } else {
        const v = (Math.imul(x[i] ?? 0, p.r[w] ?? 0) + (p.offset[at] ?? 0)) >> (p.same_shift ? p.shift0 : (p.shift[w] ?? 0));
        const z = Math.min(Math.abs(v), p.top);
        sum -= p.power === 2 ? Math.imul(z, z) >> p.fold : z;
      }
      if (p.pick && sum <= best) break;
    }
    if (!p.pick) y[c] = sum;
    else if (sum > best) { best = sum; y[0] = c; }
  }
}
