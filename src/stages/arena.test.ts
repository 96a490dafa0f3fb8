/** Bytes of activations and scratch of the MLPerf Tiny networks: plans at their bounds, with plain kernels and with those for little memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sharedFiles } from "../importers/tflite/testing.js";
import { readGraph } from "../importers/tflite/index.js";
import { withKernels, type Allowed } from "../passes/kernels.js";
import { placeTensors } from "./arena.js";
import { compile } from "./compile.js";
import { programForms } from "./program-forms.js";

interface Known {
  readonly plain: number;
  /** Every depthwise convolution in place. */
  readonly inPlace: number;
  /** With the DSP extension, depthwise convolutions in small bands; one of stride 2 beside the largest tensor in place. */
  readonly lanes: number;
}

const BYTES: Readonly<Record<string, Known>> = {
  pretrainedResnet_quant: { plain: 33_312, inPlace: 33_312, lanes: 37_008 },
  kws_ref_model: { plain: 8_384, inPlace: 8_064, lanes: 8_512 },
  vww_96_int8: { plain: 36_872, inPlace: 37_011, lanes: 37_012 },
  ad01_int8: { plain: 768, inPlace: 768, lanes: 1_920 },
  str_ww_ref_model: { plain: 3_624, inPlace: 3_624, lanes: 4_096 },
};

for (const { name, bytes } of sharedFiles("models") ?? []) {
  const known = BYTES[name.replace(/\.tflite$/, "")];
  if (!known) continue;
  test(`${name}: as few bytes as some step needs`, () => {
    const { program } = compile(readGraph(bytes, name));
    const widest = Math.max(...program.tensors.map((t) => (t.data ? 0 : t.shape.reduce((a, b) => a * b, 1))));
    const besideWidest = (step: number): boolean => program.tensors[program.steps[step]?.inputs[0] ?? 0]?.shape.reduce((a, b) => a * b, 1) === widest;
    const small: Allowed = (step, v) => (program.steps[step]?.op === "depthwise_conv_2d" && besideWidest(step)) === (v.needs.length === 0);
    const forms = { plain: program, inPlace: withKernels(program, new Set(), (_step, v) => v.gains === "ram"), lanes: withKernels(program, new Set(["dsp"]), small) };
    for (const form of ["plain", "inPlace", "lanes"] as const) {
      const { arena, bound } = placeTensors(forms[form]);
      assert.ok(arena.bytes <= known[form], `${form}: ${arena.bytes} bytes, ${known[form]} were enough`);
      assert.ok(arena.bytes - bound < 4, `${form}: ${arena.bytes} bytes, ${bound} at least`);
    }
  });
}

/** With the first layers row by row, as many as take the least: the input in memory as a whole, or handed over by rows. */
const BY_ROWS = { pretrainedResnet_quant: [11_840, 10_180], kws_ref_model: [3_890, 3_540], vww_96_int8: [29_488, 10_848], str_ww_ref_model: [3_624, 3_624] };

for (const { name, bytes } of sharedFiles("models") ?? []) {
  const known = Object.entries(BY_ROWS).find(([n]) => name === `${n}.tflite`)?.[1];
  if (known === undefined) continue;
  test(`${name}, row by row: ${known.join(" and ")} bytes`, () => {
    const c = compile(readGraph(bytes, name));
    const least = (resident: boolean): number => {
      const [form] = programForms({ ...c, rows: { layers: "least", resident } }, true);
      return form ? placeTensors(form.program).arena.bytes : NaN;
    };
    assert.deepEqual([least(true), least(false)], known);
  });
}
