/** Lowerings of data movement and reductions that no fixture holds, each against its definition. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NetworkBuilder, netLowerings } from "../../importers/network.js";
import type { ForeignNode, Template, Value } from "../../ir/op.js";
import { count, makeArray, type DType, type Shape, type TypedArray } from "../../ir/types.js";
import { prepareNetwork } from "../../passes/quantise/network.js";
import { createRunner } from "../../passes/run-program.js";

const table = netLowerings("tflite");
const quant = { scale: [0.5], zero: [3] } as const;

type Operand = { readonly shape: Shape; readonly dtype?: DType } | readonly number[];

interface Lowered { readonly outputs: readonly (readonly number[])[]; readonly shapes: readonly Shape[]; readonly ops: readonly string[] }

const isList = (o: Operand): o is readonly number[] => Array.isArray(o);

/** Runs one foreign node; computed operands hold 0, 1, 2 ..., lists are constants. */
function run(type: string, options: ForeignNode["options"], given: readonly Operand[], outputs: readonly Partial<Template>[] = [{}], feed: readonly (readonly number[])[] = []): Lowered {
  const b = new NetworkBuilder();
  const inputs: Value[] = [];
  const values: TypedArray[] = [];
  const operands = given.map((o, i) => {
    if (isList(o)) return b.constant({ name: `c${i}`, dtype: "i32", shape: [o.length], data: Int32Array.from(o) });
    const dtype = o.dtype ?? "i8";
    const v = b.place({ name: `x${i}`, dtype, shape: o.shape, ...(dtype === "i8" ? { quant } : {}) });
    inputs.push(v);
    values.push(makeArray(dtype, count(o.shape)).map((_, k) => feed[inputs.length - 1]?.[k] ?? k) as TypedArray);
    return v;
  });
  const made = table.get(type)?.({ type, name: "node", where: "test", options, inputs: operands, outputs: outputs.map((t, i) => ({ name: `y${i}`, dtype: "i8" as const, quant, ...t })) }, b) ?? [];
  const graph = b.finish({ name: "test", source: "", labels: [] }, inputs, made);
  const answer = createRunner(prepareNetwork(graph))(...values);
  return { outputs: [answer.scores, ...answer.more].map((a) => [...a]), shapes: made.map((v) => b.tensor(v).shape), ops: graph.nodes.map((n) => n.op) };
}

/** The elements of y by its definition: for each place of y, the place in x (or null: the border). */
function by(shape: Shape, place: (...i: readonly number[]) => number): number[] {
  let all: readonly (readonly number[])[] = [[]];
  for (const size of shape) all = all.flatMap((head) => Array.from({ length: size }, (_, k) => [...head, k]));
  return all.map((i) => place(...i));
}

const at = (shape: Shape, ...i: readonly number[]): number => i.reduce((p, k, d) => p * (shape[d] as number) + k, 0);

function moves(title: string, type: string, options: ForeignNode["options"], given: readonly Operand[], shape: Shape, place: (...i: readonly number[]) => number): void {
  test(title, () => {
    const { outputs: [y], shapes: [got] } = run(type, options, given);
    assert.deepEqual(got, shape);
    assert.deepEqual(y, by(shape, place));
  });
}

const masks = { begin_mask: 0, end_mask: 0, ellipsis_mask: 0, new_axis_mask: 0, shrink_axis_mask: 0, offset: false };
const s4: Shape = [1, 4, 6, 2];

moves("REVERSE_V2 of two axes", "REVERSE_V2", {}, [{ shape: [2, 3, 4] }, [0, -1]], [2, 3, 4], (i = 0, j = 0, k = 0) => at([2, 3, 4], 1 - i, j, 3 - k));
moves("TILE", "TILE", {}, [{ shape: [2, 3] }, [2, 3]], [4, 9], (i = 0, j = 0) => at([2, 3], i % 2, j % 3));
moves("BROADCAST_TO adds and repeats axes", "BROADCAST_TO", {}, [{ shape: [3, 1] }, [2, 3, 4]], [2, 3, 4], (_i, j = 0) => j);
moves("SLICE to the end", "SLICE", {}, [{ shape: [4, 5] }, [1, 2], [2, -1]], [2, 3], (i = 0, j = 0) => at([4, 5], i + 1, j + 2));
moves("STRIDED_SLICE with dots and a new axis", "STRIDED_SLICE", { ...masks, ellipsis_mask: 1, new_axis_mask: 2 }, [{ shape: [2, 3, 4] }, [0, 0, 1], [0, 0, 4], [1, 1, 2]], [2, 3, 1, 2], (i = 0, j = 0, _n, k = 0) => at([2, 3, 4], i, j, 1 + 2 * k));
moves("STRIDED_SLICE backwards to the first", "STRIDED_SLICE", { ...masks, end_mask: 1 }, [{ shape: [7] }, [-2], [0], [-2]], [3], (i = 0) => 5 - 2 * i);
moves("STRIDED_SLICE of one row", "STRIDED_SLICE", { ...masks, shrink_axis_mask: 1 }, [{ shape: [4, 3] }, [-1], [0], [1]], [3], (i = 0) => 9 + i);
moves("STRIDED_SLICE with ends counted from the begin", "STRIDED_SLICE", { ...masks, offset: true }, [{ shape: [6] }, [2], [3], [1]], [3], (i = 0) => 2 + i);
moves("DEPTH_TO_SPACE", "DEPTH_TO_SPACE", { block_size: 2 }, [{ shape: [1, 2, 3, 8] }], [1, 4, 6, 2], (_n, h = 0, w = 0, c = 0) => at([2, 3, 2, 2, 2], h >> 1, w >> 1, h & 1, w & 1, c));
moves("SPACE_TO_BATCH_ND", "SPACE_TO_BATCH_ND", {}, [{ shape: s4 }, [2, 3], [0, 0, 0, 0]], [6, 2, 2, 2], (n = 0, h = 0, w = 0, c = 0) => at(s4, 0, 2 * h + Math.floor(n / 3), 3 * w + (n % 3), c));
moves("BATCH_TO_SPACE_ND with crops", "BATCH_TO_SPACE_ND", {}, [{ shape: [4, 2, 3, 2] }, [2, 2], [1, 0, 0, 2]], [1, 3, 4, 2], (_n, h = 0, w = 0, c = 0) => at([2, 2, 2, 3, 2], (h + 1) & 1, w & 1, (h + 1) >> 1, w >> 1, c));
moves("GATHER along the last axis", "GATHER", { axis: -1, batch_dims: 0 }, [{ shape: [2, 3] }, [2, 0]], [2, 2], (i = 0, j = 0) => at([2, 3], i, j === 0 ? 2 : 0));
moves("MIRROR_PAD, symmetric", "MIRROR_PAD", { mode: "SYMMETRIC" }, [{ shape: [3] }, [2, 3]], [8], (i = 0) => [1, 0, 0, 1, 2, 2, 1, 0][i] as number);
moves("RESIZE_NEAREST_NEIGHBOR, corners aligned", "RESIZE_NEAREST_NEIGHBOR", { align_corners: true, half_pixel_centers: false }, [{ shape: [1, 2, 1, 1] }, [4, 2]], [1, 4, 2, 1], (_n, h = 0) => Math.round(h / 3));

test("GATHER_ND takes rows by two constants", () => {
  const b = new NetworkBuilder();
  const x = b.place({ name: "x", dtype: "i8", shape: [2, 3, 2], quant });
  const index = b.constant({ name: "i", dtype: "i32", shape: [2, 2], data: Int32Array.of(1, 2, 0, 1) });
  const [y = 0] = table.get("GATHER_ND")?.({ type: "GATHER_ND", name: "n", where: "", options: {}, inputs: [x, index], outputs: [{ name: "y", dtype: "i8", quant }] }, b) ?? [];
  const p = prepareNetwork(b.finish({ name: "t", source: "", labels: [] }, [x], [y]));
  assert.deepEqual([...createRunner(p)(Int8Array.from({ length: 12 }, (_, i) => i)).scores], [10, 11, 2, 3]);
});

test("GATHER with computed indices limits them to the axis", () => {
  const { outputs: [y], ops } = run("GATHER", { axis: 0, batch_dims: 0 }, [{ shape: [3, 2] }, { shape: [3], dtype: "i32" }], [{}], [[], [2, -5, 9]]);
  assert.deepEqual(ops, ["gather"]);
  assert.deepEqual(y, [4, 5, 0, 1, 4, 5]);
});

test("SPLIT_V: one length is what is left", () => {
  const { outputs } = run("SPLIT_V", { num_splits: 3 }, [{ shape: [2, 6] }, [1, -1, 2], [1]], [{}, {}, {}]);
  assert.deepEqual(outputs, [[0, 6], [1, 2, 3, 7, 8, 9], [4, 5, 10, 11]]);
});

test("UNPACK along the last axis", () => {
  const { outputs, shapes } = run("UNPACK", { num: 2, axis: -1 }, [{ shape: [3, 2] }], [{}, {}]);
  assert.deepEqual(outputs, [[0, 2, 4], [1, 3, 5]]);
  assert.deepEqual(shapes, [[3], [3]]);
});

test("TOPK_V2 gives values and positions, the first first on a tie", () => {
  const { outputs } = run("TOPK_V2", {}, [{ shape: [5] }, [3]], [{}, { dtype: "i32" }], [[7, 9, -1, 9, 8]]);
  assert.deepEqual(outputs, [[9, 9, 8], [1, 3, 4]]);
});

test("ONE_HOT along a new first axis", () => {
  const { outputs: [y] } = run("ONE_HOT", { axis: 0 }, [{ shape: [3], dtype: "i32" }, [2], [5], [-5]], [{}], [[1, 0, 7]]);
  assert.deepEqual(y, [-5, 5, -5, 5, -5, -5]);
});

test("REDUCE_MAX over axes that are apart is transposed first", () => {
  const { outputs: [y], ops } = run("REDUCE_MAX", { keep_dims: false }, [{ shape: [2, 3, 4] }, [0, 2]], [{ shape: [3] }]);
  assert.deepEqual(ops, ["rearrange", "reduce_extreme"]);
  assert.deepEqual(y, [15, 19, 23]);
});

test("MEAN keeps dimensions", () => {
  const { outputs: [y], shapes } = run("MEAN", { keep_dims: true }, [{ shape: [2, 3, 4] }, [0, 2]], [{ shape: [1, 3, 1] }]);
  assert.deepEqual(shapes, [[1, 3, 1]]);
  assert.deepEqual(y, [8, 12, 16]);
});

test("SHAPE, STRIDED_SLICE and PACK of constants are constants", () => {
  const b = new NetworkBuilder();
  const x = b.place({ name: "x", dtype: "i8", shape: [1, 6], quant });
  const lower = (type: string, options: ForeignNode["options"], inputs: readonly Value[], name: string): Value =>
    table.get(type)?.({ type, name, where: "", options, inputs, outputs: [{ name, dtype: "i32" }] }, b)[0] ?? -1;
  const list = (name: string, ...v: readonly number[]): Value => b.constant({ name, dtype: "i32", shape: [v.length], data: Int32Array.from(v) });
  const shape = lower("SHAPE", {}, [x], "shape");
  const batch = lower("STRIDED_SLICE", { ...masks, shrink_axis_mask: 1 }, [shape, list("b", 0), list("e", 1), list("s", 1)], "batch");
  const packed = lower("PACK", { values_count: 2, axis: 0 }, [batch, list("n", 3)], "packed");
  assert.deepEqual([...(b.tensor(packed).data ?? [])], [1, 3]);
});

test("CONCATENATION copies a constant among its operands to RAM", () => {
  const b = new NetworkBuilder();
  const x = b.place({ name: "x", dtype: "i8", shape: [1, 2], quant });
  const c = b.constant({ name: "c", dtype: "i8", shape: [1, 3], data: Int8Array.of(7, 8, 9), quant });
  const [y = 0] = table.get("CONCATENATION")?.({ type: "CONCATENATION", name: "n", where: "", options: { axis: 1, fused_activation_function: "NONE" }, inputs: [x, c], outputs: [{ name: "y", dtype: "i8", quant }] }, b) ?? [];
  const graph = b.finish({ name: "t", source: "", labels: [] }, [x], [y]);
  assert.deepEqual(graph.nodes.map((n) => n.op), ["constant", "concat"]);
  assert.deepEqual([...createRunner(prepareNetwork(graph))(Int8Array.of(1, 2)).scores], [1, 2, 7, 8, 9]);
});

function refused(type: string, options: ForeignNode["options"], given: readonly Operand[]): void {
  assert.throws(() => run(type, options, given), /Supported|damaged|must/);
}

test("a variable is read before it is assigned, and keeps its value for the next call", () => {
  const b = new NetworkBuilder();
  const x = b.place({ name: "x", dtype: "i8", shape: [2], quant });
  const handle = b.state({ name: "v", dtype: "i8", shape: [2], quant });
  const lower = (type: string, inputs: readonly Value[]): readonly Value[] => table.get(type)?.({ type, name: type, where: "", options: {}, inputs, outputs: [{ name: type, dtype: "i8", quant }] }, b) ?? [];
  const [old = 0] = lower("READ_VARIABLE", [handle]);
  lower("ASSIGN_VARIABLE", [handle, x]);
  const next = createRunner(prepareNetwork(b.finish({ name: "t", source: "", labels: [] }, [x], [old])));
  const answers = [[1, 2], [5, 6], [0, 0]].map((row) => [...next(Int8Array.from(row)).scores]);
  assert.deepEqual(answers, [[3, 3], [1, 2], [5, 6]]);
});

test("CIRCULAR_BUFFER of period 1 holds the last slots", () => {
  const b = new NetworkBuilder();
  const x = b.place({ name: "x", dtype: "i8", shape: [1, 1, 1, 2], quant });
  const made = table.get("CUSTOM CIRCULAR_BUFFER")?.({ type: "CUSTOM CIRCULAR_BUFFER", name: "n", where: "", options: { cycles_max: 1 }, inputs: [x], outputs: [{ name: "y", dtype: "i8", quant, shape: [1, 3, 1, 2] }] }, b) ?? [];
  const next = createRunner(prepareNetwork(b.finish({ name: "t", source: "", labels: [] }, [x], made)));
  next(Int8Array.of(1, 2));
  assert.deepEqual([...next(Int8Array.of(5, 6)).scores], [3, 3, 1, 2, 5, 6]);
});

test("what is not supported is refused", () => {
  refused("GATHER", { axis: 0, batch_dims: 1 }, [{ shape: [2, 3] }, [0]]);
  refused("GATHER", { axis: 0, batch_dims: 0 }, [{ shape: [2, 3] }, [2]]);
  refused("STRIDED_SLICE", masks, [{ shape: [4] }, [2], [2], [1]]);
  refused("SPACE_TO_DEPTH", { block_size: 3 }, [{ shape: [1, 4, 6, 1] }]);
  refused("CUSTOM CIRCULAR_BUFFER", {}, [{ shape: [1, 1, 1, 4] }]);
  refused("TILE", {}, [[1, 2], [2_000_000]]);
  refused("RESIZE_NEAREST_NEIGHBOR", { align_corners: false, half_pixel_centers: false }, [{ shape: [1, 2, 2, 1] }, [2_000_000_000, 2]]);
  refused("MIRROR_PAD", { mode: "REFLECT" }, [{ shape: [3] }, [3, 0]]);
});
