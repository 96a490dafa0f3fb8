/** Images whose channels stand first, (1, channels, height, width) or (1, channels, length), for operators that want them last. */
import { refuse } from "./foreign-node.js";
import type { ForeignNode, NetBuilder, Template, Value } from "./op.js";
import { addStrided, permuted, whole } from "./strided.js";
import type { Shape, Tensor } from "./types.js";

const formatOf = ({ dtype, quant }: Tensor): Pick<Template, "dtype" | "quant"> => ({ dtype, ...(quant ? { quant } : {}) });

/** The axes in another order; a constant stays one, and the axis of its scales goes along. */
export function transposed(b: NetBuilder, x: Value, order: readonly number[], name: string): Value {
  const t = b.tensor(x);
  const shape = order.map((d) => t.shape[d] ?? 1);
  const axis = t.quant?.axis;
  const quant = t.quant && axis !== undefined ? { ...t.quant, axis: order.indexOf(axis) } : t.quant;
  return addStrided(b, x, permuted(whole(t.shape), order), shape, { name, dtype: t.dtype, ...(quant ? { quant } : {}) });
}

/** (1, channels, height, width) as (1, height, width, channels); sequences get the height 1. */
export function channelsLast(n: ForeignNode, b: NetBuilder, x: Value): Value {
  const t = b.tensor(x);
  const [batch = 1, c = 1, l = 1] = t.shape;
  if (t.shape.length !== 3 && t.shape.length !== 4) return refuse(n, `an input of shape (${t.shape.join(", ")})`, "Supported: (1, channels, height, width) and (1, channels, length).");
  if (batch !== 1) return refuse(n, `a batch of ${batch}`, "Supported: one sample at a time, batch 1.");
  const image = t.shape.length === 4 ? x : b.add("reshape", { shape: Int32Array.of(1, c, 1, l) }, [x], { name: `${t.name}/image`, ...formatOf(t) });
  return transposed(b, image, [0, 2, 3, 1], `${t.name}/channels_last`);
}

/** The way back, to as many axes as the file has. */
export function channelsFirst(b: NetBuilder, y: Value, rank: number, as: Template): Value {
  const t = b.tensor(y);
  const [, h = 1, w = 1, c = 1] = t.shape;
  const moved = transposed(b, y, [0, 3, 1, 2], rank === 4 ? as.name : `${as.name}/image`);
  const shape: Shape = rank === 4 ? [1, c, h, w] : [1, c, w];
  return rank === 4 ? moved : b.add("reshape", { shape: Int32Array.from(shape) }, [moved], { name: as.name, ...formatOf(t) });
}

/** The name and format of what is made before the way back. */
export const inner = (as: Template | undefined, what = "channels_last"): Template => ({ ...(as?.dtype ? { dtype: as.dtype } : {}), ...(as?.quant ? { quant: as.quant } : {}), name: `${as?.name ?? "node"}/${what}` });
