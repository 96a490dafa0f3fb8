/** The trait `overlap`: the very C kernels in one shared buffer, right at the distance it gives, and wrong one element closer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runBatch, type Job } from "../../test/support/batch.js";
import { layerRows, layerVariant, rowBytes, type LayerVariant } from "../../test/support/one-layer.js";
import { findBoard } from "../boards/index.js";
import { without } from "../boards/testing.js";
import type { KernelVariant, LayerCase, Program } from "../ir/op.js";
import { bytesOf, count, elements, makeArray, type Attrs, type DType, type Shape, type Tensor } from "../ir/types.js";
import { withKernels } from "../passes/kernels.js";
import { memoryOf } from "../passes/memory.js";
import { createRunner } from "../passes/run-program.js";
import { makeDraw, type Draw } from "../plan/testing.js";
import { allOps, findOp } from "./registry.js";

type Input = LayerCase<Attrs>["inputs"][number];

/** Weights so large that every input element matters, on a scale that seldom saturates. */
function weights(shape: Shape, draw: Draw, dtype: DType, least = 64): Input {
  if (dtype === "f32") return { dtype, shape, data: makeArray("f32", count(shape)).map(() => (draw(2) === 0 ? -1 : 1) * (1 + draw(64) / 64)) };
  return { dtype: "i8", shape, data: makeArray("i8", count(shape)).map(() => (draw(2) === 0 ? -1 : 1) * (least + draw(least))), quant: { scale: [0.64 / least], zero: [0] } };
}

const activations = (dtype: DType, scale: number): Pick<Tensor, "dtype" | "quant"> => (dtype === "f32" ? { dtype } : { dtype, quant: { scale: [scale], zero: [0] } });

function windowOf(draw: Draw, dilated: boolean): Attrs {
  const side = (): number => draw(3) === 0 ? 1 : 0;
  return {
    strideY: 1 + draw(2), strideX: 1 + draw(2), dilationY: dilated ? 1 + draw(2) : 1, dilationX: dilated ? 1 + draw(2) : 1,
    top: side(), left: side(), bottom: side(), right: side(), activation: "none",
  };
}

/** Any layer of an operator that has the trait. */
const makers: Readonly<Record<string, (draw: Draw, dtype: DType) => LayerCase<Attrs>>> = {
  conv_2d(draw, dtype) {
    const pointwise = draw(3) === 0;
    const groups = pointwise ? 1 : 1 + draw(2);
    const [depth, k, across] = [1 + draw(5), 1 + draw(3), 1 + draw(3)];
    const window = { ...windowOf(draw, true), ...(pointwise ? { strideY: 1, strideX: 1, top: 0, left: 0, bottom: 0, right: 0 } : {}) };
    const kernel = pointwise ? [1, 1] : [k, across];
    return { title: "", attrs: { ...window, groups }, inputs: [{ ...activations(dtype, 0.05), shape: [1, 5 + draw(4), 5 + draw(4), depth * groups] }, weights([groups * (1 + draw(5)), ...kernel, depth], draw, dtype)], output: activations(dtype, 0.05), tolerance: 1 };
  },
  depthwise_conv_2d(draw, dtype) {
    const [c, plain, stride] = [1 + draw(7), draw(2) === 0, 1 + draw(2)];
    const k = (): number => (plain ? 3 : 1 + draw(3));
    return { title: "", attrs: { ...windowOf(draw, !plain), ...(plain ? { strideY: stride, strideX: stride, ...(draw(2) === 0 ? { top: 1, left: 1, bottom: 1, right: 1 } : {}) } : {}) }, inputs: [{ ...activations(dtype, 0.05), shape: [1, 5 + draw(plain ? 12 : 4), 5 + draw(4), c] }, weights([1, k(), k(), plain ? c : c * (1 + draw(2))], draw, dtype)], output: activations(dtype, 0.05), tolerance: 1 };
  },
  fully_connected(draw, dtype) {
    const [rows, depth, least] = [1 + draw(3), 1 + draw(20), draw(2) === 0 ? 64 : 16];
    return { title: "", attrs: { keepDims: false, activation: "none" }, inputs: [{ ...activations(dtype, 0.05), shape: [rows, depth] }, weights([1 + draw(20), depth], draw, dtype, least)], output: activations(dtype, 0.05), tolerance: 1 };
  },
  add(draw, dtype) {
    const shape = [1, 8, 8, 8 + draw(9)];
    return { title: "", attrs: { subtract: draw(2) === 0, activation: "none" }, inputs: [{ ...activations(dtype, 0.05), shape }, { ...activations(dtype, 0.04), shape }], output: activations(dtype, 0.1), tolerance: 1 };
  },
  average_pool_2d: pool,
  max_pool_2d: pool,
  "depthwise_conv_2d dsp_direct"(draw, dtype) {
    const c = 4 + draw(6);
    return { title: "", attrs: windowOf(draw, false), inputs: [{ ...activations(dtype, 0.05), shape: [1, 5 + draw(4), 5 + draw(4), c] }, weights([1, 1 + draw(3), 1 + draw(3), c], draw, dtype)], output: activations(dtype, 0.05), tolerance: 1 };
  },
  "conv_2d dsp"(draw, dtype) {
    const c = 1 + draw(5);
    return { title: "", attrs: { ...windowOf(draw, false), groups: 1 }, inputs: [{ ...activations(dtype, 0.05), shape: [1, 5 + draw(4), 5 + draw(4), c] }, weights([1 + draw(9), 1 + draw(3), 1 + draw(4), c], draw, dtype)], output: activations(dtype, 0.2), tolerance: 1 };
  },
  "conv_2d winograd": tiled,
  "conv_2d winograd_bytes": tiled,
};

/** 3x3 convolutions of stride 1 with channels enough. */
function tiled(draw: Draw, dtype: DType): LayerCase<Attrs> {
  const side = (): number => draw(3) === 0 ? 0 : 1;
  const c = 8 + 3 * draw(4);
  return {
    title: "", attrs: { strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, top: side(), left: side(), bottom: side(), right: side(), groups: 1, activation: "none" },
    inputs: [{ ...activations(dtype, 0.05), shape: [1, 7 + draw(5), 15 + draw(5), c] }, weights([c + draw(5), 3, 3, c], draw, dtype)], output: activations(dtype, 0.5), tolerance: 1,
  };
}

function pool(draw: Draw, dtype: DType): LayerCase<Attrs> {
  return { title: "", attrs: { ...windowOf(draw, false), kernelY: 2 + draw(2), kernelX: 2 + draw(2) }, inputs: [{ ...activations(dtype, 0.05), shape: [1, 4 + draw(4), 4 + draw(4), 1 + draw(4)] }], output: activations(dtype, 0.05), tolerance: 1 };
}

/** `distance` from the start of the output to the start of the input; with `closer`, where there is one, it would be wrong. */
interface Shared { readonly v: LayerVariant; readonly program: Program; readonly distance: number; readonly closer: number | null }

/** The layer at the distances that its kernel asks for; nothing where it may lie anywhere, or has no such kernel. */
function sharedLayer(v: LayerVariant, kernel: KernelVariant | null): readonly Shared[] {
  const variant = kernel !== null;
  const program = variant ? withKernels(v.program, new Set(kernel.needs), (_step, k) => k.name === kernel.name) : v.program;
  const [step] = program.steps;
  if (!step || (step.variant !== undefined) !== variant) return [];
  const [x, y] = [v.inputs[0], program.scoresView] as [Tensor, Tensor];
  const size = { x: bytesOf(x.dtype), y: bytesOf(y.dtype) };
  const { traits, variants } = findOp(step.op);
  const rules = variant ? variants?.find((k) => k.name === step.variant) : traits;
  const [before, behind] = [rules?.overlap?.(step.params, size) ?? NaN, rules?.overlapBehind?.(step.params, size) ?? NaN];
  return [
    // A kernel that goes the other way where the output starts behind the input turns at 0.
    ...(Number.isFinite(before) ? [behind < Infinity && before <= 0 ? { v, program, distance: 0, closer: null } : { v, program, distance: before, closer: before - size.y }] : []),
    ...(behind < Infinity ? [{ v: { ...v, title: `${v.title}, behind` }, program, distance: -behind, closer: behind > size.y ? size.y - behind : null }] : []),
  ];
}

/** Input and output in one block, the input `distance` bytes behind the start of the output; all else behind both. */
function job({ v, program }: Pick<Shared, "v" | "program">, distance: number): Job {
  const rows = layerRows(v);
  const run = createRunner(v.program);
  const offsets = new Map([[program.scores, Math.max(0, -distance)], [program.input, Math.max(0, distance)]]);
  const bytesIn = (t: number): number => elements(program.tensors[t]) * bytesOf((program.tensors[t] as Tensor).dtype);
  let end = Math.max(...[...offsets].map(([t, from]) => from + bytesIn(t)));
  const behind = (bytes: number): number => { const from = Math.ceil(end / 4) * 4; end = from + bytes; return from; };
  for (const t of program.moreInputs) offsets.set(t, behind(bytesIn(t)));
  const need = program.steps[0]?.scratch ?? 0;
  const scratch = new Map(need > 0 ? [[0, behind(need)]] : []);
  const arena = { bytes: end, offsets, scratch };
  return { title: v.title, program, arena, form: "inline", rows: rows.map(rowBytes), want: rows.map((r) => rowBytes([run(...r).scores])) };
}

const host = findBoard("host");

/** The same weights in 4 bits. */
const coarse = (c: LayerCase<Attrs>): LayerCase<Attrs> => ({ ...c, inputs: c.inputs.map((t) => (t.data ? { ...t, data: t.data.map((w) => Math.trunc(w / 16)), quant: { scale: [0.16], zero: [0] } } : t)) });

function drawn(op: string, dtypes: readonly DType[], kernel?: KernelVariant): readonly LayerVariant[] {
  const draw = makeDraw(7);
  const make = makers[`${op} ${kernel?.name}`] ?? makers[op];
  const change = kernel?.gains === "flash" ? coarse : (c: LayerCase<Attrs>): LayerCase<Attrs> => c;
  const cases = dtypes.flatMap((dtype) => Array.from({ length: 12 }, () => make?.(draw, dtype) ?? assert.fail(`no cases of ${op} to draw`)));
  return cases.map((c, i) => layerVariant(op, { ...change(c), title: `drawn ${i}` }));
}

async function exact(layers: readonly Shared[]): Promise<void> {
  assert.ok(layers.length > 0, "no case");
  const right = await runBatch(layers.map((s) => job(s, s.distance)), host);
  assert.deepEqual(right.slice(0, 2), [], `${right.length} rows differ at the distance itself`);
  const tight = layers.flatMap((s) => (s.closer === null ? [] : [{ ...s, closer: s.closer }]));
  const closer = await runBatch(tight.map((s) => job(s, s.closer)), host);
  const missed = tight.filter(({ v }) => !closer.some((m) => m.title.startsWith(`${v.title} (`)));
  assert.deepEqual(missed.map(({ v, distance }) => `${v.title}: ${distance}`), [], "right one element closer as well");
}

for (const op of allOps.filter((o) => o.traits.overlap)) {
  test(`${op.name}: the output runs as far into the input as it may, and no further`, { skip: without("gcc") }, () =>
    exact(drawn(op.name, ["i8", "i8", "i16", "f32"]).flatMap((v) => sharedLayer(v, null))));
}

for (const op of allOps) {
  for (const kernel of (op.variants ?? []).filter((v) => v.overlap)) {
    test(`${op.name}, kernel ${kernel.name}: likewise`, { skip: without("gcc") }, () =>
      exact(drawn(op.name, ["i8", "i8"], kernel).flatMap((v) => sharedLayer(v, kernel))));
  }
}

for (const op of allOps.filter((o) => o.variants?.some((v) => v.inPlace))) {
  for (const variant of op.variants?.filter((v) => v.inPlace) ?? []) {
    test(`${op.name}, kernel ${variant.name}: the output lies where the input does`, { skip: without("gcc") }, async () => {
      const programs = drawn(op.name, ["i8", "i8", "i8", "i8"]).map((v) => ({ v, program: withKernels(v.program, new Set(variant.needs), (_step, k) => k === variant) }));
      const placed = programs.filter(({ program: p }) => p.steps[0]?.variant !== undefined && memoryOf(p).overlaps.some((o) => o.b === p.scores && o.from === 0 && o.to === 0));
      assert.ok(placed.length > 3, `${placed.length} cases`);
      assert.deepEqual((await runBatch(placed.map((m) => job(m, 0)), host)).slice(0, 2), []);
    });
  }
}
