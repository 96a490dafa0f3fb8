/** What the pooling operators share: attributes, shapes, geometry for the kernel, and TFLite's options. */
import { fail } from "./diagnostics.js";
import { fusedActivation, numberOption, operand, shapeOf, textOption } from "./foreign-node.js";
import type { NetLowering, OverlapRule } from "./op.js";
import { trailingWindow } from "./overlap.js";
import type { ParamValues } from "./params.js";
import type { Shape } from "./types.js";
import { endInside, firstInside, padding, windowShape, type WindowAttrs } from "./window.js";

export type PoolAttrs = WindowAttrs & { readonly kernelY: number; readonly kernelX: number; readonly activation: string };

export const poolParams = {
  in_h: "len", in_w: "len", channels: "len", out_h: "len", out_w: "len", k_h: "len", k_w: "len",
  stride_y: "len", stride_x: "len", top: "i16", left: "i16", lo: "i16", hi: "i16", f_lo: "f32", f_hi: "f32",
} as const;
export type PoolValues = ParamValues<typeof poolParams>;

export function poolShape(a: PoolAttrs, [x = []]: readonly Shape[], where: string): readonly Shape[] {
  const [batch = 0, h = 0, wide = 0, channels = 0] = x;
  if (x.length !== 4 || batch !== 1) fail("ir/bad-shape", where, `input (${x.join(", ")})`, "Supported: (1, height, width, channels).");
  if (a.dilationY !== 1 || a.dilationX !== 1) fail("ir/bad-window", where, "a dilated window", "Supported: dilation 1.");
  // Every window holds a cell of the image, and its sum fits 32 bits.
  if ([a.top, a.bottom].some((v) => v >= a.kernelY) || [a.left, a.right].some((v) => v >= a.kernelX)) fail("ir/bad-window", where, "a border as wide as the window", "Borders must be narrower than the window.");
  if (a.kernelY * a.kernelX > 65535) fail("ir/bad-window", where, `a window of ${a.kernelY} x ${a.kernelX} cells`, "Supported: up to 65535 cells.");
  return [[1, ...windowShape(a, [h, wide], [a.kernelY, a.kernelX], where), channels]];
}

/** The scalars of {@link poolParams} but for the bounds. */
export function poolGeometry(a: PoolAttrs, x: Shape, y: Shape) {
  const [, inH = 1, inW = 1, channels = 1] = x;
  return { in_h: inH, in_w: inW, channels, out_h: y[1] ?? 1, out_w: y[2] ?? 1, k_h: a.kernelY, k_w: a.kernelX, stride_y: a.strideY, stride_x: a.strideX, top: a.top, left: a.left };
}

/** Calls `window` for every element of the output: index of the window's first cell inside the image, rows, columns, and where the result goes. */
export function eachWindow(p: Pick<PoolValues, "in_h" | "in_w" | "channels" | "out_h" | "out_w" | "k_h" | "k_w" | "stride_y" | "stride_x" | "top" | "left">, window: (first: number, rows: number, columns: number, at: number) => void): void {
  for (let oy = 0, at = 0; oy < p.out_h; oy++) {
    const y0 = oy * p.stride_y - p.top;
    const [firstY, endY] = [firstInside(y0, 1), endInside(y0, 1, p.k_h, p.in_h)];
    for (let ox = 0; ox < p.out_w; ox++) {
      const x0 = ox * p.stride_x - p.left;
      const [firstX, endX] = [firstInside(x0, 1), endInside(x0, 1, p.k_w, p.in_w)];
      const first = ((y0 + firstY) * p.in_w + x0 + firstX) * p.channels;
      for (let c = 0; c < p.channels; c++, at++) window(first + c, endY - firstY, endX - firstX, at);
    }
  }
}

/** The trait `overlap` of pools. */
export const trailingPool: OverlapRule = (p, size) => {
  const v = p as unknown as PoolValues;
  return trailingWindow({ ...v, in_c: v.channels, out_c: v.channels, dilation_y: 1, dilation_x: 1 }, (o) => o, size);
};

/** Options Pool2DOptions. */
export const poolFromTflite = (op: string): NetLowering => (n, b) => {
  const [, h = 1, wide = 1] = shapeOf(b, operand(n, 0));
  const [kernelY, kernelX] = [numberOption(n, "filter_height"), numberOption(n, "filter_width")];
  const [strideY, strideX] = [numberOption(n, "stride_h"), numberOption(n, "stride_w")];
  const attrs = {
    kernelY, kernelX, strideY, strideX, dilationY: 1, dilationX: 1, activation: fusedActivation(n),
    ...padding(textOption(n, "padding") === "SAME", [h, wide], [kernelY, kernelX], [strideY, strideX], [1, 1]),
  };
  return [b.add(op, attrs, [operand(n, 0)], n.outputs[0])];
};
