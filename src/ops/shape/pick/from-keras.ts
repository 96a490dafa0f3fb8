/** UpSampling1D/2D: every cell several times; bilinear is another operator's. */
import { operand, refuse, shapeOf, textOption } from "../../../ir/foreign-node.js";
import { channelsLast, output, pairOf } from "../../../ir/keras-node.js";
import type { NetLowering } from "../../../ir/op.js";
import { addPicked, upTo } from "../../../ir/picked.js";

const grow: NetLowering = (n, b) => {
  channelsLast(n);
  const x = operand(n, 0);
  const shape = shapeOf(b, x);
  if (shape.length !== 3 && shape.length !== 4) return refuse(n, `an input of (${shape.join(", ")})`, "Supported: (height, width, channels) and (steps, channels).");
  const mode = textOption(n, "interpolation", "nearest");
  const pair = pairOf(n, "size", shape.length);
  const times = [1, ...(shape.length === 3 ? pair.slice(1) : pair), 1];
  const result = shape.map((size, d) => size * (times[d] ?? 1));
  if (mode === "bilinear") return [b.add("resize_bilinear", { height: result[1] ?? 1, width: result[2] ?? 1, align: false, half: true }, [x], output(n))];
  if (mode !== "nearest") return refuse(n, `interpolation ${mode.slice(0, 30)}`, "Supported: nearest, bilinear.");
  return [addPicked(b, x, result.map((size, d) => upTo(size).map((i) => Math.floor(i / (times[d] ?? 1)))), result, output(n))];
};

export const fromKeras = { UpSampling1D: grow, UpSampling2D: grow };
