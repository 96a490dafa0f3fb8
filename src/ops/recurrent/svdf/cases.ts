/** Situations of the SVDF that the shared suite runs. */
import type { LayerCase } from "../../../ir/op.js";
import { arrayFrom, type DType } from "../../../ir/types.js";
import type { SvdfAttrs } from "./reference.js";

interface Sizes { readonly units: number; readonly rank: number; readonly inputs: number; readonly memory: number }

const spread = (n: number, m: number, seed: number): number[] => Array.from({ length: n }, (_, i) => ((i * 37 + seed * 11) % (2 * m + 1)) - m);

function int8(title: string, s: Sizes, wide: boolean, biased: boolean, tolerance: number, step = 0.2): LayerCase<SvdfAttrs> {
  const filters = s.units * s.rank;
  const dtype: DType = wide ? "i16" : "i8";
  const state = { dtype, shape: [1, filters * s.memory], state: true as const, quant: wide ? { scale: [0.001], zero: [0] } : { scale: [step], zero: [-50] } };
  const wt = spread(filters * s.memory, wide ? 20000 : 127, 2);
  const scale = wide ? 0.00002 : 0.008;
  return {
    title, attrs: { rank: s.rank, activation: "none" }, output: { dtype: "i8", quant: { scale: [0.11], zero: [5] } }, tolerance,
    inputs: [
      { dtype: "i8", shape: [1, s.inputs], quant: { scale: [0.05], zero: [-3] } }, state,
      { dtype: "i8", shape: [filters, s.inputs], data: Int8Array.from(spread(filters * s.inputs, 127, 1)), quant: { scale: [0.004], zero: [0] } },
      { dtype, shape: [filters, s.memory], data: arrayFrom(dtype, wt), quant: { scale: [scale], zero: [0] } },
      ...(biased ? [{ dtype: "i32" as const, shape: [s.units], data: Int32Array.from(spread(s.units, 900, 4)), quant: { scale: [(state.quant.scale[0] ?? 1) * scale], zero: [0] } }] : []),
    ],
  };
}

export const layerCases: readonly LayerCase<SvdfAttrs>[] = [
  int8("int16 state", { units: 3, rank: 2, inputs: 7, memory: 5 }, true, true, 1),
  int8("int8 state with a zero point", { units: 5, rank: 1, inputs: 4, memory: 3 }, false, true, 8),
  int8("one call remembered, no bias", { units: 2, rank: 3, inputs: 1, memory: 1 }, true, false, 1),
  // Here the integers mean something else than the model does; what counts is that C and TypeScript agree.
  int8("int8 state driven out of its range", { units: 3, rank: 1, inputs: 6, memory: 2 }, false, true, 255, 0.02),
  {
    title: "float32", attrs: { rank: 2, activation: "relu" }, output: { dtype: "f32" }, tolerance: 1e-5,
    inputs: [
      { dtype: "f32", shape: [1, 3] }, { dtype: "f32", shape: [1, 16], state: true }, { dtype: "f32", shape: [4, 3], data: Float32Array.from(spread(12, 5, 1), (v) => v / 7) },
      { dtype: "f32", shape: [4, 4], data: Float32Array.from(spread(16, 5, 2), (v) => v / 9) }, { dtype: "f32", shape: [2], data: Float32Array.of(0.25, -0.5) },
    ],
  },
];
