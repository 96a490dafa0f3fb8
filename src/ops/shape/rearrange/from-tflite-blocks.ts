/** SPACE_TO_DEPTH, DEPTH_TO_SPACE, SPACE_TO_BATCH_ND, BATCH_TO_SPACE_ND: blocks of an image become channels or images, and back. */
import { constantOf, numberOption, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Template, Value } from "../../../ir/op.js";
import { addStrided, permuted, sliced, whole } from "../../../ir/strided.js";
import type { Shape } from "../../../ir/types.js";

function image(n: ForeignNode, b: NetBuilder): readonly [number, number, number, number] {
  const shape = shapeOf(b, operand(n, 0));
  return shape.length === 4 ? (shape as readonly [number, number, number, number]) : refuse(n, `a tensor of ${shape.length} dimensions`, "Supported: (1, height, width, channels).");
}

const blockSize = (n: ForeignNode, ok: (k: number) => boolean): number => {
  const k = numberOption(n, "block_size");
  return k >= 1 && ok(k) ? k : refuse(n, `blocks of ${k}`, "Blocks must divide the image (or its channels) without a rest.");
};

function spaceToDepth(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const [batch, h, w, c] = image(n, b);
  const k = blockSize(n, (s) => h % s === 0 && w % s === 0);
  const cells: Shape = [batch, h / k, k, w / k, k, c];
  return [addStrided(b, operand(n, 0), permuted(whole(cells), [0, 1, 3, 2, 4, 5]), [batch, h / k, w / k, k * k * c], n.outputs[0])];
}

function depthToSpace(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const [batch, h, w, c] = image(n, b);
  const k = blockSize(n, (s) => c % (s * s) === 0);
  const depth = c / (k * k);
  return [addStrided(b, operand(n, 0), permuted(whole([batch, h, w, k, k, depth]), [0, 1, 3, 2, 4, 5]), [batch, h * k, w * k, depth], n.outputs[0])];
}

/** Block lengths and the pairs of borders (or crops) that follow them, one for each spatial axis. */
function blocks(n: ForeignNode, b: NetBuilder, shape: Shape): { readonly block: readonly number[]; readonly before: readonly number[]; readonly after: readonly number[] } {
  const [block, pairs] = [constantOf(n, b, 1), constantOf(n, b, 2)];
  const sane = block.length >= 1 && block.length < shape.length && pairs.length === 2 * block.length && block.every((k) => k >= 1) && pairs.every((p) => p >= 0);
  if (!sane) refuse(n, `blocks of ${block.join(" x ")} with borders ${pairs.join(", ")} for (${shape.join(", ")})`, "The file is damaged; convert the model again.");
  return { block, before: block.map((_, i) => pairs[2 * i] as number), after: block.map((_, i) => pairs[2 * i + 1] as number) };
}

const unnamed = (n: ForeignNode, what: string, like: Template | undefined): Template => ({ name: `${n.name}/${what}`, ...(like?.dtype ? { dtype: like.dtype } : {}), ...(like?.quant ? { quant: like.quant } : {}) });

/** Borders hold real zero. */
function spaceToBatch(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const given = shapeOf(b, operand(n, 0));
  const { block, before, after } = blocks(n, b, given);
  const wide = (side: readonly number[]): Int32Array => Int32Array.from(given, (_, d) => side[d - 1] ?? 0);
  const bordered = [...before, ...after].some((v) => v > 0);
  const x = bordered ? b.add("pad", { before: wide(before), after: wide(after), value: 0 }, [operand(n, 0)], unnamed(n, "pad", n.outputs[0])) : operand(n, 0);
  const shape = shapeOf(b, x);
  const [batch = 1, ...rest] = shape;
  if (block.some((k, i) => (rest[i] as number) % k !== 0)) refuse(n, `blocks of ${block.join(" x ")} of an image of ${rest.slice(0, block.length).join(" x ")}`, "Blocks must divide the image without a rest.");
  const space = block.flatMap((k, i) => [(rest[i] as number) / k, k]);
  const inner = rest.slice(block.length);
  const m = block.length;
  const order = [...block.map((_, i) => 2 * i + 2), 0, ...block.map((_, i) => 2 * i + 1), ...inner.map((_, i) => 2 * m + 1 + i)];
  const out = [batch * block.reduce((p, q) => p * q, 1), ...block.map((k, i) => (rest[i] as number) / k), ...inner];
  return [addStrided(b, x, permuted(whole([batch, ...space, ...inner]), order), out, n.outputs[0])];
}

function batchToSpace(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const [images = 1, ...rest] = shapeOf(b, operand(n, 0));
  const { block, before, after } = blocks(n, b, [images, ...rest]);
  const m = block.length;
  const batch = images / block.reduce((p, q) => p * q, 1);
  if (!Number.isInteger(batch)) refuse(n, `${images} images in blocks of ${block.join(" x ")}`, "The file is damaged; convert the model again.");
  const inner = rest.slice(m);
  const order = [m, ...block.flatMap((_, i) => [m + 1 + i, i]), ...inner.map((_, i) => 2 * m + 1 + i)];
  const all: Shape = [batch, ...block.map((k, i) => k * (rest[i] as number)), ...inner];
  const v = permuted(whole([...block, batch, ...rest]), order);
  if ([...before, ...after].every((c) => c === 0)) return [addStrided(b, operand(n, 0), v, all, n.outputs[0])];
  const joined = addStrided(b, operand(n, 0), v, all, unnamed(n, "whole", n.outputs[0]));
  const cropped = block.map((_, i) => (all[i + 1] as number) - (before[i] as number) - (after[i] as number));
  if (cropped.some((c) => c < 1)) refuse(n, `crops of ${before.join(", ")} and ${after.join(", ")} of ${all.join(" x ")}`, "Something must be left of the image.");
  const part = cropped.reduce((u, size, i) => sliced(u, i + 1, before[i] as number, 1, size), whole(all));
  return [addStrided(b, joined, part, [batch, ...cropped, ...inner], n.outputs[0])];
}

export const blocksFromTflite = { SPACE_TO_DEPTH: spaceToDepth, DEPTH_TO_SPACE: depthToSpace, SPACE_TO_BATCH_ND: spaceToBatch, BATCH_TO_SPACE_ND: batchToSpace };
