/** What stands behind the sparse projection: a tree of predictors or prototypes, with its gradient. */
import type { Random } from "../random.js";

export interface Head {
  /** Number of parameters. */
  readonly size: number;
  /** Writes starting values; `z` (rows, dims) are the projected training rows, `y` their classes. Gives what the projection is to be multiplied by. */
  init(p: Float64Array, z: Float64Array, y: Int32Array, random: Random): number;
  /** Scores of one projected row; keeps what {@link backward} needs. `sharpness` of the path: Infinity is the tree as it runs. */
  scores(p: Float64Array, z: Float64Array, out: Float64Array, sharpness: number): void;
  /** After {@link scores}: adds to `grad` and to `dz` what `dScores` asks for. */
  backward(p: Float64Array, z: Float64Array, dScores: Float64Array, grad: Float64Array, dz: Float64Array): void;
}

/**
 * tanh as the device computes it: `a - a |a| / 4` up to |a| = 2, then 1. Smooth, at most 0.045 away from tanh; training with the
 * very curve that runs leaves nothing to lose (Bonsai's own integer form approximates tanh as well).
 */
export const squash = (a: number): number => (a >= 2 ? 1 : a <= -2 ? -1 : a - (a * Math.abs(a)) / 4);
export const squashSlope = (a: number): number => Math.max(0, 1 - Math.abs(a) / 2);
