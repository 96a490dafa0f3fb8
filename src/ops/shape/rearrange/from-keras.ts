/** Permute, RepeatVector, Cropping1D/2D: elements in another order, or some of them. */
import { listOption, numberOption, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import { bordersOf, output } from "../../../ir/keras-node.js";
import type { NetLowering } from "../../../ir/op.js";
import { addStrided, permuted, sliced, whole } from "../../../ir/strided.js";

/** Axes are counted from 1: the batch stays. */
const permute: NetLowering = (n, b) => {
  const shape = shapeOf(b, operand(n, 0));
  const order = [0, ...listOption(n, "dims")];
  if (order.length !== shape.length || [...order].sort((p, q) => p - q).some((a, i) => a !== i)) return refuse(n, `the order (${order.slice(1).join(", ")}) of ${shape.length - 1} axes`, "The file is damaged; save the model again with model.save.");
  return [addStrided(b, operand(n, 0), permuted(whole(shape), order), order.map((a) => shape[a] as number), output(n))];
};

const repeat: NetLowering = (n, b) => {
  const shape = shapeOf(b, operand(n, 0));
  const [times, size] = [numberOption(n, "n"), shape[1] ?? 1];
  if (shape.length !== 2 || !Number.isInteger(times) || times < 1 || times > 32767) return refuse(n, `(${shape.join(", ")}) repeated ${times} times`, "Supported: a vector, 1 to 32767 times.");
  return [addStrided(b, operand(n, 0), { start: 0, loops: [{ size: times, step: 0 }, { size, step: 1 }] }, [1, times, size], output(n))];
};

const crop: NetLowering = (n, b) => {
  const shape = shapeOf(b, operand(n, 0));
  const borders = bordersOf(n, "cropping", shape.length);
  let v = whole(shape);
  const out = shape.map((size, d) => {
    const [before, after] = borders[d] ?? [0, 0];
    const left = size - before - after;
    if (left < 1) return refuse(n, `${before} and ${after} cut from ${size}`, "Something must be left; rebuild the layer with smaller cuts.");
    v = sliced(v, d, before, 1, left);
    return left;
  });
  return [addStrided(b, operand(n, 0), v, out, output(n))];
};

export const fromKeras = { Permute: permute, RepeatVector: repeat, Cropping1D: crop, Cropping2D: crop };
