/** The trait `overlap`: the very C kernels in one shared buffer, right at the distance it gives, and wrong one element closer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runBatch, type Job } from "../../test/support/batch.js";
import { layerRows, layerVariant, rowBytes, type LayerVariant } from "../../test/support/one-layer.js";
import { findBoard } from "../boards/index.js";
import { without } from "../boards/testing.js";
import type { CpuFeature, LayerCase, Program } from "../ir/op.js";
import { bytesOf, count, elements, makeArray, type Attrs, type DType, type Shape, type Tensor } from "../ir/types.js";
import { forFlash, withKernels } from "../passes/kernels.js";
import { memoryOf } from "../passes/memory.js";
import { createRunner } from "../passes/run-program.js";
import { makeDraw, type Draw } from "../plan/testing.js";
import { allOps, findOp } from "./registry.js";

type Input = LayerCase<Attrs>["inputs"][number];

/** Weights so large that every input element matters, on a scale that seldom saturates. */
function weights(shape: Shape, draw: Draw, dtype: DType): Input {
  if (dtype === "f32") return { dtype, shape, data: makeArray("f32", count(shape)).map(() => (draw(2) === 0 ? -1 : 1) * (1 + draw(64) / 64)) };
  return { dtype: "i8", shape, data: makeArray("i8", count(shape)).map(() => (draw(2) === 0 ? -1 : 1) * (64 + draw(64))), quant: { scale: [0.01], zero: [0] } };
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
    const groups = 1 + draw(2);
    const [depth, k] = [1 + draw(5), 1 + draw(3)];
    return { title: "", attrs: { ...windowOf(draw, true), groups }, inputs: [{ ...activations(dtype, 0.05), shape: [1, 5 + draw(4), 5 + draw(4), depth * groups] }, weights([groups * (1 + draw(5)), k, 1 + draw(3), depth], draw, dtype)], output: activations(dtype, 0.05), tolerance: 1 };
  },
  depthwise_conv_2d(draw, dtype) {
    const [c, plain] = [1 + draw(7), draw(2) === 0];
    const k = (): number => (plain ? 3 : 1 + draw(3));
    return { title: "", attrs: { ...windowOf(draw, !plain), ...(plain ? { strideY: 1, strideX: 1 } : {}) }, inputs: [{ ...activations(dtype, 0.05), shape: [1, 5 + draw(4), 5 + draw(4), c] }, weights([1, k(), k(), plain ? c : c * (1 + draw(2))], draw, dtype)], output: activations(dtype, 0.05), tolerance: 1 };
  },
  fully_connected(draw, dtype) {
    const [rows, depth] = [1 + draw(3), 1 + draw(12)];
    return { title: "", attrs: { keepDims: false, activation: "none" }, inputs: [{ ...activations(dtype, 0.05), shape: [rows, depth] }, weights([1 + draw(12), depth], draw, dtype)], output: activations(dtype, 0.05), tolerance: 1 };
  },
  add(draw, dtype) {
    const shape = [1, 8, 8, 8 + draw(9)];
    return { title: "", attrs: { subtract: draw(2) === 0, activation: "none" }, inputs: [{ ...activations(dtype, 0.05), shape }, { ...activations(dtype, 0.04), shape }], output: activations(dtype, 0.1), tolerance: 1 };
  },
  average_pool_2d: pool,
  max_pool_2d: pool,
};

function pool(draw: Draw, dtype: DType): LayerCase<Attrs> {
  return { title: "", attrs: { ...windowOf(draw, false), kernelY: 2 + draw(2), kernelX: 2 + draw(2) }, inputs: [{ ...activations(dtype, 0.05), shape: [1, 4 + draw(4), 4 + draw(4), 1 + draw(4)] }], output: activations(dtype, 0.05), tolerance: 1 };
}

interface Shared { readonly v: LayerVariant; readonly program: Program; readonly distance: number; readonly size: number }

const DSP: ReadonlySet<CpuFeature> = new Set(["dsp"]);

/** The layer with the distance that its kernel asks for; nothing where it may lie anywhere, or has no such kernel. */
function sharedLayer(v: LayerVariant, take: ((p: Program) => Program) | null): readonly Shared[] {
  const variant = take !== null;
  const program = take ? take(v.program) : v.program;
  const [step] = program.steps;
  if (!step || (step.variant !== undefined) !== variant) return [];
  const [x, y] = [v.inputs[0], program.scoresView] as [Tensor, Tensor];
  const size = { x: bytesOf(x.dtype), y: bytesOf(y.dtype) };
  const { traits, variants } = findOp(step.op);
  const rule = variant ? variants?.find((k) => k.name === step.variant)?.overlap : traits.overlap;
  const distance = rule?.(step.params, size) ?? NaN;
  return Number.isFinite(distance) ? [{ v, program, distance, size: size.y }] : [];
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

function drawn(op: string, dtypes: readonly DType[], change = (c: LayerCase<Attrs>): LayerCase<Attrs> => c): readonly LayerVariant[] {
  const draw = makeDraw(7);
  const cases = dtypes.flatMap((dtype) => Array.from({ length: 12 }, () => makers[op]?.(draw, dtype) ?? assert.fail(`no cases of ${op} to draw`)));
  return cases.map((c, i) => layerVariant(op, { ...change(c), title: `drawn ${i}` }));
}

async function exact(layers: readonly Shared[]): Promise<void> {
  assert.ok(layers.length > 0, "no case");
  const right = await runBatch(layers.map((s) => job(s, s.distance)), host);
  assert.deepEqual(right.slice(0, 2), [], `${right.length} rows differ at the distance itself`);
  const closer = await runBatch(layers.map((s) => job(s, s.distance - s.size)), host);
  const missed = layers.filter(({ v }) => !closer.some((m) => m.title.startsWith(`${v.title} (`)));
  assert.deepEqual(missed.map(({ v, distance }) => `${v.title}: ${distance}`), [], "right one element closer as well");
}

for (const op of allOps.filter((o) => o.traits.overlap)) {
  test(`${op.name}: the output runs as far into the input as it may, and no further`, { skip: without("gcc") }, () =>
    exact(drawn(op.name, ["i8", "i8", "i16", "f32"]).flatMap((v) => sharedLayer(v, null))));
}

for (const cpu of ["dsp", "mul"] as const) {
  for (const op of allOps.filter((o) => o.variants?.some((v) => v.overlap && v.needs.includes(cpu)))) {
    test(`${op.name} for "${cpu}": likewise`, { skip: without("gcc") }, () =>
      exact(drawn(op.name, ["i8", "i8"]).flatMap((v) => sharedLayer(v, (p) => withKernels(p, new Set([cpu]))))));
  }
}

/** The same weights in 4 bits. */
const coarse = (c: LayerCase<Attrs>): LayerCase<Attrs> => ({ ...c, inputs: c.inputs.map((t) => (t.data ? { ...t, data: t.data.map((w) => Math.trunc(w / 16)), quant: { scale: [0.16], zero: [0] } } : t)) });

for (const op of allOps.filter((o) => o.variants?.some((v) => v.overlap && v.gains === "flash"))) {
  test(`${op.name} for less flash: likewise`, { skip: without("gcc") }, () =>
    exact(drawn(op.name, ["i8", "i8"], coarse).flatMap((v) => sharedLayer(v, (p) => withKernels(p, new Set(), forFlash)))));
}

for (const op of allOps.filter((o) => o.variants?.some((v) => v.inPlace))) {
  test(`${op.name} for the DSP extension: the output lies where the input does`, { skip: without("gcc") }, async () => {
    const programs = drawn(op.name, ["i8", "i8", "i8", "i8"]).map((v) => ({ v, program: withKernels(v.program, DSP) }));
    const merged = programs.filter(({ program: p }) => p.steps[0]?.variant !== undefined && memoryOf(p).homes.get(p.scores) === p.input);
    assert.ok(merged.length > 3, `${merged.length} cases`);
    assert.deepEqual((await runBatch(merged.map((m) => job(m, 0)), host)).slice(0, 2), []);
  });
}
