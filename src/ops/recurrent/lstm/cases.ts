/** Situations of the LSTM that the shared suite runs. */
import type { LayerCase } from "../../../ir/op.js";
import type { Shape } from "../../../ir/types.js";
import type { LstmAttrs } from "./reference.js";

type Input = LayerCase<LstmAttrs>["inputs"][number];

const spread = (n: number, m: number, seed: number): number[] => Array.from({ length: n }, (_, i) => ((i * 37 + seed * 11) % (2 * m + 1)) - m);

const weights = (units: number, inputs: number, scale: number, seed: number): Input => ({
  dtype: "i8", shape: [4 * units, inputs], data: Int8Array.from(spread(4 * units * inputs, 127, seed)),
  quant: { scale: Array.from({ length: 4 * units }, (_, i) => scale * (1 + Math.floor(i / units) / 8)), zero: [0], axis: 0 },
});

function int8(title: string, shape: Shape, units: number, kept: boolean, a: Partial<LstmAttrs>, power: number): LayerCase<LstmAttrs> {
  const inputs = shape.at(-1) ?? 1;
  const [hidden, cell] = [{ dtype: "i8", quant: { scale: [1 / 120], zero: [-9] } }, { dtype: "i16", quant: { scale: [2 ** power], zero: [0] } }] as const;
  const w = weights(units, inputs, 0.004, 3);
  const starts: Input[] = kept
    ? [{ ...hidden, shape: [1, units], state: true }, { ...cell, shape: [1, units], state: true, start: Int16Array.from(spread(units, 2000, 9)) }]
    : [{ ...hidden, shape: [units], data: Int8Array.from(spread(units, 100, 5)) }, { ...cell, shape: [units], data: Int16Array.from(spread(units, 1000, 7)) }];
  const bias: Input = { dtype: "i32", shape: [4 * units], data: Int32Array.from(spread(4 * units, 2500, 1)), quant: { scale: (w.quant?.scale ?? []).map((s) => s * 0.02), zero: [0], axis: 0 } };
  return {
    title, attrs: { cellClip: 0, reverse: false, cells: false, ...a }, output: hidden, tolerance: 3,
    inputs: [{ dtype: "i8", shape, quant: { scale: [0.02], zero: [4] } }, ...starts, w, weights(units, units, 0.003, 8), bias],
  };
}

const values = (s: Shape, m: number): Input => ({ dtype: "f32", shape: s, data: Float32Array.from(spread(s.reduce((p, q) => p * q, 1), 50, 2), (v) => (v * m) / 50) });

function float32(title: string, shape: Shape, units: number, a: Partial<LstmAttrs>): LayerCase<LstmAttrs> {
  const inputs = shape.at(-1) ?? 1;
  return {
    title, attrs: { cellClip: 0, reverse: false, cells: false, ...a }, output: { dtype: "f32" }, tolerance: 1e-5,
    inputs: [{ dtype: "f32", shape }, values([units], 0.5), values([units], 2), values([4 * units, inputs], 0.7), values([4 * units, units], 0.4), values([4 * units], 0.3)],
  };
}

export const layerCases: readonly LayerCase<LstmAttrs>[] = [
  int8("kept states, clipped", [1, 5, 3], 7, true, { cellClip: 1.5 }, -13),
  int8("start values in flash", [4, 1, 6], 5, false, {}, -11),
  int8("backwards, wide cells", [1, 3, 2], 3, false, { reverse: true }, -15),
  int8("one step", [1, 1, 9], 4, true, {}, -12),
  float32("float32", [1, 4, 3], 5, {}),
  float32("float32, backwards, with cells", [4, 1, 3], 5, { reverse: true, cells: true, cellClip: 0.8 }),
];
