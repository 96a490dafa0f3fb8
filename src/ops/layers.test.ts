/** One suite for the operators of networks, run on the cases each of them gives: shapes, meaning, and the C byte for byte. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runBatch, type Job } from "../../test/support/batch.js";
import { layerRows, layerVariant, rowBytes, type LayerVariant } from "../../test/support/one-layer.js";
import { features, findBoard, runProgram } from "../boards/index.js";
import type { CpuFeature } from "../ir/op.js";
import { joinRows } from "../ir/conversion.js";
import { build } from "../stages/candidates.js";
import { without } from "../boards/testing.js";
import { bytesOf, isInt, makeArray, scaleAt, zeroAt, type Tensor, type TypedArray } from "../ir/types.js";
import { decodeParams, encodeParams } from "../ir/params.js";
import { evaluate } from "../passes/evaluate.js";
import { createRunner } from "../passes/run-program.js";
import { withKernels } from "../passes/kernels.js";
import { placeTensors } from "../stages/arena.js";
import { allOps } from "./registry.js";

const layers = allOps.filter((op) => (op.layerCases?.length ?? 0) > 0);
const known = new Map<string, readonly LayerVariant[]>();

function variantsOf(name: string): readonly LayerVariant[] {
  const made = known.get(name) ?? (layers.find((op) => op.name === name)?.layerCases ?? []).map((c) => layerVariant(name, c));
  known.set(name, made);
  return made;
}

const real = (v: ArrayLike<number>, t: Tensor): number[] => Array.from(v, (q) => (t.quant ? scaleAt(t.quant, 0) * (q - zeroAt(t.quant, 0)) : q));

/** Outputs of the integer reference, row after row: state is kept. */
function answers(v: LayerVariant): TypedArray[] {
  const run = createRunner(v.program);
  return layerRows(v).map((row) => run(...row).scores.slice());
}

for (const op of layers) {
  test(`${op.name}: integers against their meaning`, () => {
    for (const v of variantsOf(op.name)) {
      const y = v.program.scoresView;
      const step = y.quant && isInt(y.dtype) ? scaleAt(y.quant, 0) : 1;
      const got = answers(v);
      layerRows(v).forEach((row, r) => {
        if (v.program.tensors.some((t) => t.state) && r > 0) return;
        const inputs = row.flatMap((x, i) => real(x, v.inputs[i] as Tensor));
        const want = evaluate(v.graph, inputs).scores;
        real(got[r] ?? [], y).forEach((g, k) => {
          const [lo, hi] = v.range;
          const w = Math.min(hi, Math.max(lo, want[k] ?? NaN));
          assert.ok(Math.abs(g - w) <= v.tolerance * step + 1e-5 * Math.abs(w), `${v.title}: row ${r}, output ${k} is ${g}, its meaning ${w}`);
        });
      });
    }
  });

  test(`${op.name}: parameters survive a model file`, () => {
    for (const v of variantsOf(op.name)) {
      const params = v.program.steps[0]?.params ?? {};
      assert.deepEqual(decodeParams(op.params, encodeParams(op.params, params)), params, v.title);
    }
  });
}

const jobs = (list: readonly LayerVariant[], rows: number): Job[] => list.map((v) => {
  const picked = layerRows(v).slice(0, rows);
  const run = createRunner(v.program);
  return { title: v.title, program: v.program, arena: placeTensors(v.program).arena, form: "inline", rows: picked.map((r) => rowBytes(r)), want: picked.map((r) => rowBytes([run(...r).scores])) };
});

/** Float kernels may round differently in the last place from one machine to the next: the host alone compares them, with the same rounding. */
const integer = (v: LayerVariant): boolean => v.program.tensors.every((t) => isInt(t.dtype));

async function floatRows(v: LayerVariant): Promise<readonly TypedArray[]> {
  const c = { graph: v.graph, program: v.program, labelProgram: null, placed: placeTensors(v.program) };
  const { built } = await build(c, findBoard("host"), "inline", "-O1", "scores", true);
  const { outputs } = await runProgram(built, joinRows(layerRows(v).flat()));
  return outputs.map((o) => { const y = makeArray(v.program.scoresView.dtype, o.length / bytesOf(v.program.scoresView.dtype)); new Uint8Array(y.buffer).set(o); return y; });
}

for (const op of layers.filter((o) => o.layerCases?.some((c) => c.inputs.some((t) => t.dtype === "f32")))) {
  test(`${op.name}: float32 C equals the reference within rounding`, { skip: without("gcc") }, async () => {
    for (const v of variantsOf(op.name).filter((x) => !integer(x))) {
      const want = answers(v);
      (await floatRows(v)).forEach((row, r) => row.forEach((g, k) => {
        const w = want[r]?.[k] ?? NaN;
        assert.ok(Math.abs(g - w) <= (isInt(v.program.scoresView.dtype) ? 1 : 1e-5 * Math.max(1, Math.abs(w))), `${v.title}: row ${r}, output ${k} is ${g}, the reference gives ${w}`);
      }));
    }
  });
}

/** The same with one kernel for a CPU that has this feature, where it suits; the answers stay those of the plain program. */
const variantJobs = (list: readonly LayerVariant[], rows: number, feature: CpuFeature, kernel: string): Job[] => jobs(list, rows).flatMap((j) => {
  const program = withKernels(j.program, new Set([feature]), (_step, variant) => variant.name === kernel);
  return program.steps.some((s) => s.variant !== undefined) ? (["inline", "table"] as const).map((form) => ({ ...j, form, program, arena: placeTensors(program).arena })) : [];
});

const variantBoards = [
  ["dsp", "host", "gcc", 40], ["dsp", "mps2-an386", "arm-none-eabi-gcc", 6],
  ["mve", "host", "gcc", 40], ["mve", "mps3-an547", "arm-none-eabi-gcc", 6],
  ["mul", "host", "gcc", 40], ["mul", "atmega2560", "avr-gcc", 3], ["mul", "mps2-an385", "arm-none-eabi-gcc", 6], ["mul", "pico", "arm-none-eabi-gcc", 3], ["mul", "rv32-virt", "riscv64-unknown-elf-gcc", 6],
  ["mul32", "host", "gcc", 40], ["mul32", "mps2-an385", "arm-none-eabi-gcc", 6], ["mul32", "pico", "arm-none-eabi-gcc", 3], ["mul32", "rv32-virt", "riscv64-unknown-elf-gcc", 6],
] as const;
for (const [feature, board, compiler, rows] of variantBoards) {
  for (const op of layers) {
    for (const { name } of (op.variants ?? []).filter((v) => v.needs.includes(feature))) {
      test(`${op.name}: kernel ${name} on ${board} equals the reference byte for byte`, { skip: without(compiler) }, async () => {
        const list = variantJobs(variantsOf(op.name).filter(integer), rows, feature, name);
        assert.ok(list.length > 0, "no case suits");
        const wrong = await runBatch(list, findBoard(board), board === "host");
        assert.deepEqual(wrong.slice(0, 3), [], `${wrong.length} rows differ`);
      });
    }
  }
}

/** Kernels that nobody takes unless asked, each by itself. */
const askedFor = [["host", "gcc", 40], ["atmega2560", "avr-gcc", 3], ["mps2-an386", "arm-none-eabi-gcc", 6], ["mps2-an385", "arm-none-eabi-gcc", 6], ["pico", "arm-none-eabi-gcc", 3], ["rv32-virt", "riscv64-unknown-elf-gcc", 6]] as const;
for (const [board, compiler, rows] of askedFor) {
  for (const op of layers) {
    const has = (f: CpuFeature): boolean => board === "host" || features(findBoard(board).core).has(f);
    for (const variant of op.variants?.filter((v) => v.gains !== undefined && v.needs.every(has)) ?? []) {
      test(`${op.name}: kernel ${variant.name} on ${board} equals the reference byte for byte`, { skip: without(compiler) }, async () => {
        const list = jobs(variantsOf(op.name).filter(integer), rows).flatMap((j) => {
          const program = withKernels(j.program, new Set(variant.needs), (_step, v) => v === variant);
          return program.steps.some((s) => s.variant !== undefined) ? (["inline", "table"] as const).map((form) => ({ ...j, form, program, arena: placeTensors(program).arena })) : [];
        });
        assert.ok(list.length > 0, "no case suits");
        const wrong = await runBatch(list, findBoard(board), board === "host");
        assert.deepEqual(wrong.slice(0, 3), [], `${wrong.length} rows differ`);
      });
    }
  }
}

const boards = [["host", "gcc", 40], ["atmega328p", "avr-gcc", 3], ["mps2-an386", "arm-none-eabi-gcc", 6]] as const;
for (const [board, compiler, rows] of boards) {
  for (const op of layers) {
    test(`${op.name}: C on ${board} equals the reference byte for byte`, { skip: without(compiler) }, async () => {
      const list = variantsOf(op.name).filter(integer);
      const wrong = await runBatch(jobs(list, rows), findBoard(board), board === "host");
      assert.deepEqual(wrong.slice(0, 3), [], `${wrong.length} rows differ`);
    });
  }
}
