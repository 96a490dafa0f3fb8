/** Geometry of windows that slide over an image (convolution, pooling): TFLite's SAME and VALID as explicit borders. */
import { fail } from "./diagnostics.js";

/** One axis of a sliding window; `before` cells of border on the top or left, `after` on the bottom or right. */
export interface Axis {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

/** Attributes of every operator with a window; `Y` runs down, `X` to the right. */
export type WindowAttrs = {
  readonly strideY: number; readonly strideX: number;
  readonly dilationY: number; readonly dilationX: number;
  readonly top: number; readonly left: number; readonly bottom: number; readonly right: number;
};

const reach = (kernel: number, dilation: number): number => (kernel - 1) * dilation + 1;

/** Positions of a window along one axis. */
export function outputs(length: number, kernel: number, stride: number, dilation: number, before: number, after: number, where: string): number {
  const n = Math.floor((length + before + after - reach(kernel, dilation)) / stride) + 1;
  return n >= 1 && [stride, dilation, kernel].every((v) => v >= 1) ? n : fail("ir/bad-window", where, `a window of ${kernel} (stride ${stride}, dilation ${dilation}) does not fit ${length} cells with borders of ${before} and ${after}`, "The model is damaged, or its input has another size than it was trained for.");
}

/** Output height and width of a window over an image of (height, width). */
export const windowShape = (a: WindowAttrs, [h, w]: readonly [number, number], [kh, kw]: readonly [number, number], where: string): readonly [number, number] => [
  outputs(h, kh, a.strideY, a.dilationY, a.top, a.bottom, where), outputs(w, kw, a.strideX, a.dilationX, a.left, a.right, where),
];

/** Borders of padding SAME: the odd cell goes to the bottom or right. */
export function samePadding(length: number, kernel: number, stride: number, dilation: number): readonly [number, number] {
  const total = Math.max(0, (Math.ceil(length / stride) - 1) * stride + reach(kernel, dilation) - length);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** Borders on all four sides: `same` as above, else none. */
export function padding(same: boolean, [h, w]: readonly [number, number], [kh, kw]: readonly [number, number], [sy, sx]: readonly [number, number], [dy, dx]: readonly [number, number]): Pick<WindowAttrs, "top" | "left" | "bottom" | "right"> {
  const [top, bottom] = same ? samePadding(h, kh, sy, dy) : [0, 0];
  const [left, right] = same ? samePadding(w, kw, sx, dx) : [0, 0];
  return { top, left, bottom, right };
}

/** First cell of a window that lies inside the image, where its cell 0 stands at `start`. */
export const firstInside = (start: number, dilation: number): number => (start >= 0 ? 0 : Math.ceil(-start / dilation));

/** One past the last cell of a window that lies inside the image. */
export const endInside = (start: number, dilation: number, kernel: number, length: number): number => Math.max(0, Math.min(kernel, Math.ceil((length - start) / dilation)));
