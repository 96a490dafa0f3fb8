/** Which tensors may share bytes: only where no element is read after it was overwritten. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Program, Step } from "../ir/op.js";
import type { DType, Tensor } from "../ir/types.js";
import { memoryOf } from "./memory.js";

const tensor = (dtype: DType, ...shape: readonly number[]): Tensor => ({ name: `${dtype} ${shape.join("x")}`, dtype, shape, quant: { scale: [1], zero: [0] } });
const step = (op: string, inputs: readonly number[], output: number): Step => ({ name: op, op, params: {}, inputs, outputs: [output] });

function program(tensors: readonly Tensor[], steps: readonly Step[], moreInputs: readonly number[] = []): Program {
  const scores = steps.at(-1)?.outputs[0] ?? 0;
  return {
    name: "t", task: "transform", labels: [], featureNames: [], arithmetic: "int", tensors, steps, input: 0, moreInputs, moreOutputs: [], label: null,
    scores, scoresView: tensors[scores] as Tensor, host: [], source: "",
  };
}

/** Whether a tensor may lie exactly where another one does. */
const inPlace = (p: Program, x: number, y: number): boolean => memoryOf(p).overlaps.some((o) => o.a === x && o.b === y && o.from === 0 && o.to === 0);

test("an element-wise step overwrites an input that nobody reads later", () => {
  const p = program([tensor("i8", 8), tensor("i8", 8), tensor("i8", 8)], [step("rectify", [0], 1), step("rectify", [1], 2)]);
  assert.ok(inPlace(p, 0, 1));
  assert.ok(inPlace(p, 1, 2));
});

test("an input that is read once more keeps its bytes", () => {
  const p = program([tensor("i8", 8), tensor("i8", 8), tensor("i8", 8)], [step("rectify", [0], 1), step("add", [1, 0], 2)]);
  assert.ok(!inPlace(p, 0, 1));
});

test("a stretched operand is not overwritten", () => {
  const p = program([tensor("f32", 3), tensor("i8", 3), tensor("i8", 4, 3), tensor("i8", 4, 3)], [step("quantize", [0], 1), step("add", [1, 2], 3)], [2]);
  assert.ok(inPlace(p, 0, 1));
  assert.ok(!inPlace(p, 1, 3));
});

test("a wider result does not overtake its input", () => {
  const p = program([tensor("i8", 8), tensor("f32", 8)], [step("dequantize", [0], 1)]);
  assert.ok(!inPlace(p, 0, 1));
});

/** A pointwise convolution over 8 x 8 pixels of 4 channels. */
const pointwise = (inputs: readonly number[], output: number): Step => ({
  ...step("conv_2d", inputs, output), params: { in_h: 8, in_w: 8, in_c: 4, out_h: 8, out_w: 8, out_c: 4, k_h: 1, k_w: 1, depth: 4, group: 4, stride_y: 1, stride_x: 1, dilation_y: 1, dilation_x: 1, top: 0, left: 0 },
});
const image = tensor("i8", 1, 8, 8, 4);

test("an output runs into an input that dies with the step, one pixel ahead of it or behind", () => {
  const p = program([image, image, image], [pointwise([0], 1), pointwise([1], 2)]);
  assert.deepEqual(memoryOf(p).overlaps, [[0, 1], [1, 2]].flatMap(([a, b]) => [{ a, b, from: -Infinity, to: -3 }, { a, b, from: 4, to: Infinity }]));
});

test("no output runs into an input that is read later, or written by a kernel that does not say how", () => {
  const p = program([image, image, image], [pointwise([0], 1), step("add", [0, 1], 2)]);
  assert.deepEqual(memoryOf(p).overlaps.filter((o) => o.b === 1), []);
  assert.deepEqual(memoryOf(program([image, image], [{ ...pointwise([0], 1), variant: "unknown" }])).overlaps, []);
});
