/** Weights as int8 with one scale for each output channel, biases as int32 at the product of the scales. */
import { fail } from "../../ir/diagnostics.js";
import { clamp } from "../../ir/fixed.js";
import { roundHalfAway } from "../../ir/requantise.js";
import { count, scaleAt, type Quant, type Tensor } from "../../ir/types.js";
import { slicer } from "./reals.js";

const f32 = Math.fround;

/** Largest |bias| in its own steps, so that sums keep room. */
const BIAS_ROOM = 2 ** 30;
/** A channel without weights: steps of its bias are this fine. */
const BIAS_STEPS = 2 ** 20;

/** One scale; `axis` tells where there are several. */
const perChannel = (scale: readonly number[], axis: number): Quant => ({ scale, zero: scale.map(() => 0), ...(scale.length > 1 ? { axis } : {}) });

/** The least scale of weights with which a bias fits. */
export const leastScale = (bias: number, inputScale: number, empty = false): number => Math.abs(bias) / (inputScale * (empty ? BIAS_STEPS : BIAS_ROOM));

function scaleFor(largest: number, bias: number, inputScale: number): number {
  const s = f32(Math.max(largest / 127, leastScale(bias, inputScale, largest === 0)));
  return s > 0 && Number.isFinite(f32(1 / s)) ? s : 1;
}

/** int8 weights: scale of each channel from its largest weight, coarser only where the bias would not fit 32 bits. */
export function byteWeights(w: Tensor, axis: number, bias: ArrayLike<number> | null, inputScale: number): Tensor {
  const { data, shape } = w;
  if (!data) return fail("network/computed-weights", w.name, "the weights are computed by the network itself", "Fold them into a constant before quantising.");
  const channel = slicer(shape, axis);
  const largest = new Float64Array(shape[axis] ?? 1);
  data.forEach((v, i) => { const c = channel(i); largest[c] = Math.max(largest[c] as number, Math.abs(v)); });
  const scale = Array.from(largest, (m, c) => scaleFor(m, bias?.[c] ?? 0, inputScale));
  const q = Int8Array.from(data, (v, i) => clamp(roundHalfAway(v / (scale[channel(i)] as number)), -127, 127));
  return { name: w.name, dtype: "i8", shape, quant: perChannel(scale, axis), data: q };
}

/** Weights that were rounded already. */
export const givenWeights = (w: Tensor, axis: number, data: Int8Array, scale: readonly number[]): Tensor => ({ name: w.name, dtype: "i8", shape: w.shape, quant: perChannel(scale, axis), data });

/** int32 biases for weights of {@link byteWeights}. */
export function wordBias(name: string, bias: ArrayLike<number>, weights: Tensor, inputScale: number): Tensor {
  const scale = (weights.quant?.scale ?? [1]).map((s) => f32(f32(inputScale) * s));
  const quant = perChannel(scale, 0);
  const data = Int32Array.from(bias, (v, c) => clamp(roundHalfAway(v / scaleAt(quant, c)), -(2 ** 31), 2 ** 31 - 1));
  return { name, dtype: "i32", shape: [bias.length], quant, data };
}

/** What the int8 weights stand for, minus the real ones. */
export function weightError(real: Tensor, bytes: Tensor, axis: number): Float64Array {
  const channel = slicer(real.shape, axis);
  return Float64Array.from({ length: count(real.shape) }, (_, i) => scaleAt(bytes.quant ?? { scale: [1], zero: [0] }, channel(i)) * (bytes.data?.[i] ?? 0) - (real.data?.[i] ?? 0));
}
