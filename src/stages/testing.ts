/** For tests of this room: small integer networks made by hand. */
import type { AnyNode, Graph, Quant, Tensor } from "../ir/types.js";

const per = (scale: number, zero: number): Quant => ({ scale: [scale], zero: [zero] });
const weights = (n: number): Int8Array => Int8Array.from({ length: n }, (_, i) => ((i * 89 + 31) % 255) - 127);

interface Building {
  readonly tensors: Tensor[];
  readonly nodes: AnyNode[];
  readonly put: (t: Tensor) => number;
  /** A convolution of 3 x 3 (or `window`) that keeps height and width (or halves them). */
  readonly conv: (x: number, to: number, more?: { readonly window?: number; readonly stride?: number; readonly each?: boolean }) => number;
}

function building(image: readonly number[]): Building {
  const tensors: Tensor[] = [{ name: "image", dtype: "i8", shape: [...image], quant: per(0.05, -3) }];
  const nodes: AnyNode[] = [];
  const put = (t: Tensor): number => tensors.push(t) - 1;
  const conv: Building["conv"] = (x, to, { window = 3, stride = 1, each = false } = {}) => {
    const k = nodes.length;
    const [, h = 0, wide = 0, from = 0] = tensors[x]?.shape ?? [];
    const shape = each ? [1, window, window, to] : [to, window, window, from];
    const w = put({ name: `w${k}`, dtype: "i8", shape, data: weights(shape.reduce((a, b) => a * b, 1)), quant: per(0.01, 0) });
    const b = put({ name: `b${k}`, dtype: "i32", shape: [to], data: Int32Array.from({ length: to }, (_, i) => i * 37 - 50), quant: per(0.0005, 0) });
    const y = put({ name: `conv${k}`, dtype: "i8", shape: [1, h / stride, wide / stride, to], quant: per(0.08, 4) });
    const border = (window - 1) / 2;
    const attrs = { strideY: stride, strideX: stride, dilationY: 1, dilationX: 1, top: stride > 1 ? 0 : border, left: stride > 1 ? 0 : border, bottom: border, right: border, activation: "none" };
    nodes.push({ name: `conv${k}`, op: each ? "depthwise_conv_2d" : "conv_2d", attrs: each ? attrs : { ...attrs, groups: 1 }, inputs: [x, w, b], outputs: [y] });
    return y;
  };
  return { tensors, nodes, put, conv };
}

const graph = (name: string, { tensors, nodes }: Building, last: number): Graph =>
  ({ name, task: "transform", labels: [], featureNames: [], tensors, nodes, input: 0, outputs: [{ role: "scores", tensor: last }], source: "made by a test", notes: [] });

/** Convolution, addition of its own output, convolution: four layers with a branch that stays alive. */
export function branched(name: string): Graph {
  const b = building([1, 6, 5, 3]);
  const a = b.conv(0, 4);
  const c = b.conv(a, 4);
  const sum = b.put({ name: "sum", dtype: "i8", shape: [1, 6, 5, 4], quant: per(0.1, 2) });
  b.nodes.push({ name: "sum", op: "add", attrs: { subtract: false, activation: "none" }, inputs: [a, c], outputs: [sum] });
  return graph(name, b, b.conv(sum, 2));
}

/** Convolutions of channels each by itself and of pixels each by itself, in turn: some layers lie at the peak of memory, some do not. */
export function separable(name: string): Graph {
  const b = building([1, 16, 16, 4]);
  const wide = b.conv(b.conv(0, 4, { each: true }), 12, { window: 1 });
  const half = b.conv(wide, 12, { each: true, stride: 2 });
  return graph(name, b, b.conv(b.conv(half, 8, { window: 1 }), 8, { each: true }));
}
