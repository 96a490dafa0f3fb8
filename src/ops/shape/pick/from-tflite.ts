/** MIRROR_PAD and RESIZE_NEAREST_NEIGHBOR: tables of positions along the axes. */
import { constantOf, flagOption, operand, refuse, shapeOf, textOption } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";
import { addPicked, upTo } from "../../../ir/picked.js";

const f32 = Math.fround;

/** The border repeats the image backwards: `reflect` without the cell at the edge, `symmetric` with it. */
function mirrorPad(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const shape = shapeOf(b, operand(n, 0));
  const edge = textOption(n, "mode", "REFLECT") === "REFLECT" ? 0 : 1;
  const pairs = constantOf(n, b, 1);
  const tables = shape.map((size, d) => {
    const [before = -1, after = -1] = pairs.slice(2 * d);
    if (Math.min(before, after) < 0 || Math.max(before, after) > size - 1 + edge) refuse(n, `borders of ${before} and ${after} of an axis of ${size}`, "Supported: borders not longer than the image itself (one cell less where the edge is not repeated).");
    return Array.from({ length: before + size + after }, (_, i) => {
      const at = i - before;
      return at < 0 ? -at - edge : at >= size ? 2 * size - 2 - at + edge : at;
    });
  });
  return [addPicked(b, operand(n, 0), tables, tables.map((t) => t.length), n.outputs[0])];
}

/** Nearest positions, in float32 as TFLite. */
export function nearest(size: number, out: number, align: boolean, half: boolean): readonly number[] {
  const scale = align && out > 1 ? f32((size - 1) / (out - 1)) : f32(size / out);
  return upTo(out).map((v) => {
    const at = f32(f32(v + (half ? 0.5 : 0)) * scale);
    return Math.max(0, Math.min(size - 1, align ? Math.floor(at + 0.5) : Math.floor(at)));
  });
}

function resizeNearest(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const [batch = 1, h = 1, w = 1, c = 1, ...more] = shapeOf(b, operand(n, 0));
  const [outH = 0, outW = 0] = constantOf(n, b, 1);
  if (more.length > 0 || outH < 1 || outW < 1) refuse(n, `an image of (${[batch, h, w, c, ...more].join(", ")}) to ${outH} x ${outW}`, "Supported: (1, height, width, channels).");
  const [align, half] = [flagOption(n, "align_corners"), flagOption(n, "half_pixel_centers")];
  return [addPicked(b, operand(n, 0), [upTo(batch), nearest(h, outH, align, half), nearest(w, outW, align, half), upTo(c)], [batch, outH, outW, c], n.outputs[0])];
}

export const fromTflite = { MIRROR_PAD: mirrorPad, RESIZE_NEAREST_NEIGHBOR: resizeNearest };
