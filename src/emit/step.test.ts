/** Arrays in flash are written once, whoever reads them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { kernelSource } from "../assets.js";
import type { Program } from "../ir/op.js";
import type { Tensor } from "../ir/types.js";
import { findOp } from "../ops/registry.js";
import { emitStep, type Shared } from "./step.js";

const quant = (scale: number) => ({ scale: [scale], zero: [-3] });
const tensor = (name: string, scale: number): Tensor => ({ name, dtype: "i8", shape: [8], quant: quant(scale) });

test("layers with the same table share it, layers with another do not", () => {
  const tensors = [tensor("a", 0.1), tensor("b", 0.1), tensor("c", 0.1), tensor("d", 0.3)];
  const op = findOp("rectify");
  const stats = { min: new Float64Array(8), max: new Float64Array(8), mean: new Float64Array(8) };
  const steps = [0, 1, 2].map((k) => {
    const [inputs, outputs] = [[tensors[k] as Tensor], [tensors[k + 1] as Tensor]];
    const made = op.prepare?.({ attrs: { above: 1, below: 0, lo: 0, hi: 6, rescale: true }, arithmetic: "int", inputs, outputs, inputStats: [stats], outputStats: [stats], perElementOutput: false, level: 0 });
    return { name: `relu ${k}`, op: "rectify", params: made?.params ?? {}, inputs: [k], outputs: [k + 1] };
  });
  const program: Program = {
    name: "t", task: "transform", labels: [], featureNames: [], arithmetic: "int", tensors, steps, input: 0, moreInputs: [], moreOutputs: [], label: null,
    scores: 3, scoresView: tensors[3] as Tensor, host: [], source: "",
  };
  const shared: Shared = { instances: null, arrays: new Map() };
  const texts = steps.map((s, k) => emitStep(`k${k}`, s, program, "table", kernelSource, shared).text);
  assert.deepEqual(texts.map((t) => /static const int8_t k\d_table\[256\]/.test(t)), [true, false, true]);
  assert.deepEqual(texts.map((t) => /\.table = (\w+)/.exec(t)?.[1]), ["k0_table", "k0_table", "k2_table"]);
});
