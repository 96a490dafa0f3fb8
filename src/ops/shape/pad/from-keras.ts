import { operand, shapeOf } from "../../../ir/foreign-node.js";
import { bordersOf, output } from "../../../ir/keras-node.js";
import type { NetLowering } from "../../../ir/op.js";

const pad: NetLowering = (n, b) => {
  const borders = bordersOf(n, "padding", shapeOf(b, operand(n, 0)).length);
  return [b.add("pad", { before: Int32Array.from(borders, ([v]) => v), after: Int32Array.from(borders, ([, v]) => v), value: 0 }, [operand(n, 0)], output(n))];
};

export const fromKeras = { ZeroPadding1D: pad, ZeroPadding2D: pad };
