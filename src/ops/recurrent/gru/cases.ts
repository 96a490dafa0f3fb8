/** Situations of the GRU that the shared suite runs. */
import type { LayerCase } from "../../../ir/op.js";
import { count, type Shape } from "../../../ir/types.js";
import type { GruAttrs } from "./reference.js";

type Input = LayerCase<GruAttrs>["inputs"][number];

const spread = (n: number, m: number, seed: number): number[] => Array.from({ length: n }, (_, i) => ((i * 37 + seed * 11) % (2 * m + 1)) - m);

const weights = (units: number, inputs: number, scale: number, seed: number): Input => ({
  dtype: "i8", shape: [3 * units, inputs], data: Int8Array.from(spread(3 * units * inputs, 127, seed)),
  quant: { scale: Array.from({ length: 3 * units }, (_, i) => scale * (1 + Math.floor(i / units) / 8)), zero: [0], axis: 0 },
});

function int8(title: string, shape: Shape, units: number, kept: boolean, a: GruAttrs): LayerCase<GruAttrs> {
  const inputs = shape.at(-1) ?? 1;
  const state = { dtype: "i16", shape: [1, units], quant: { scale: [2 ** -15], zero: [0] } } as const;
  const [w, r] = [weights(units, inputs, 0.004, 3), weights(units, units, 0.003, 8)];
  const scale = [...(w.quant?.scale ?? []).map((s) => s * 0.02), ...(r.quant?.scale ?? []).map((s) => s / 120)];
  return {
    title, attrs: a, output: { dtype: "i8", quant: { scale: [1 / 120], zero: [-9] } }, tolerance: 3,
    inputs: [
      { dtype: "i8", shape, quant: { scale: [0.02], zero: [4] } }, kept ? { ...state, state: true } : { ...state, data: Int16Array.from(spread(units, 30000, 5)) },
      w, r, { dtype: "i32", shape: [6 * units], data: Int32Array.from(spread(6 * units, 2500, 1)), quant: { scale, zero: [0], axis: 0 } },
    ],
  };
}

const values = (s: Shape, m: number): Input => ({ dtype: "f32", shape: s, data: Float32Array.from(spread(count(s), 50, 2), (v) => (v * m) / 50) });

function float32(title: string, shape: Shape, units: number, a: GruAttrs): LayerCase<GruAttrs> {
  const inputs = shape.at(-1) ?? 1;
  return {
    title, attrs: a, output: { dtype: "f32" }, tolerance: 1e-5,
    inputs: [{ dtype: "f32", shape }, values([units], 0.5), values([3 * units, inputs], 0.7), values([3 * units, units], 0.4), values([6 * units], 0.3)],
  };
}

export const layerCases: readonly LayerCase<GruAttrs>[] = [
  int8("reset after the product, kept state", [1, 5, 3], 7, true, { after: true, reverse: false }),
  int8("reset before the product, start value in flash", [4, 1, 6], 5, false, { after: false, reverse: false }),
  int8("backwards", [1, 3, 2], 3, false, { after: true, reverse: true }),
  int8("one step, reset before the product, kept state", [1, 1, 9], 4, true, { after: false, reverse: false }),
  float32("float32, reset after the product", [1, 4, 3], 5, { after: true, reverse: false }),
  float32("float32, reset before the product, backwards", [4, 1, 3], 5, { after: false, reverse: true }),
];
