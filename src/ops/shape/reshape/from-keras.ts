/** Flatten, Reshape; and layers that do nothing when a network is used. */
import { channelsLast, output } from "../../../ir/keras-node.js";
import { listOption, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import type { NetLowering } from "../../../ir/op.js";
import { count } from "../../../ir/types.js";

const nothing: NetLowering = (n) => [operand(n, 0)];

const flatten: NetLowering = (n, b) => {
  channelsLast(n);
  return [b.add("reshape", { shape: Int32Array.of(1, count(shapeOf(b, operand(n, 0)))) }, [operand(n, 0)], output(n))];
};

const reshape: NetLowering = (n, b) => {
  const shape = listOption(n, "target_shape");
  if (shape.some((d) => !Number.isInteger(d) || d === 0 || d < -1) || shape.filter((d) => d === -1).length > 1) return refuse(n, `the shape (${shape.join(", ")})`, "The file is damaged; save the model again with model.save.");
  return [b.add("reshape", { shape: Int32Array.of(1, ...shape) }, [operand(n, 0)], output(n))];
};

export const fromKeras = {
  Flatten: flatten, Reshape: reshape, Dropout: nothing, SpatialDropout1D: nothing, SpatialDropout2D: nothing, AlphaDropout: nothing,
  GaussianDropout: nothing, GaussianNoise: nothing, ActivityRegularization: nothing, Identity: nothing,
};
