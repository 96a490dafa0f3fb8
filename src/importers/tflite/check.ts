/** What must hold between the parts of a model before anyone works with it: indices, shapes, scales, order of execution. */
import { fail } from "../../ir/diagnostics.js";
import type { TfliteModel, TfliteOperator, TfliteSubgraph, TfliteTensor } from "./types.js";

const MAX_RANK = 16;
/** Elements of all computed tensors together; more fits no microcontroller, and whoever runs the model here has to hold them. */
const MAX_ELEMENTS = 2 ** 25;

const damaged = (where: string, what: string): never =>
  fail("tflite/damaged", where, what, "The file is damaged or written by a faulty tool; convert the model again with a released TensorFlow");

function checkTensor(t: TfliteTensor, where: string): void {
  if (t.shape.length > MAX_RANK) damaged(where, `a tensor of ${t.shape.length} dimensions`);
  if (t.shape.some((d) => d < 0)) {
    fail("tflite/dynamic-shape", where, `its shape is ${t.shape.join("x")}`,
      "Sizes must be known at compile time: give the model a fixed batch of 1 before converting it");
  }
  if (t.shapeSignature.length > 0 && t.shapeSignature.length !== t.shape.length) damaged(where, "shape and shape signature differ in length");
  if (!t.scale.every((s) => Number.isFinite(s) && s >= 0)) damaged(where, "a scale is negative or not finite");
  const zeros = t.zeroPoint.length;
  if (zeros > 1 && zeros !== t.scale.length) damaged(where, `${t.scale.length} scales and ${zeros} zero points`);
  if (t.zeroPoint.some((z) => z !== (z | 0))) damaged(where, "a zero point does not fit 32 bits");
  const slices = t.shape[t.quantizedDimension] ?? 0;
  if (t.scale.length > 1 && t.scale.length !== slices) {
    damaged(where, `${t.scale.length} scales for ${slices} slices along dimension ${t.quantizedDimension}`);
  }
}

function checkIndices(indices: readonly number[], g: TfliteSubgraph, least: number, where: string): void {
  for (const i of indices) if (i < least || i >= g.tensors.length) damaged(where, `tensor ${i} of ${g.tensors.length}`);
}

/** Marks in `ready` what operator `op` computes, once what it reads is there. */
function checkStep(op: TfliteOperator, g: TfliteSubgraph, ready: boolean[], where: string): void {
  checkIndices(op.inputs, g, -1, where);
  checkIndices(op.outputs, g, 0, where);
  checkIndices(op.intermediates, g, -1, where);
  for (const i of op.inputs) if (i >= 0 && !ready[i]) damaged(where, `it reads tensor ${i} "${g.tensors[i]?.name}", which nothing has computed yet`);
  for (const i of op.outputs) {
    // A second writer would give one tensor two lifetimes.
    if (ready[i] && g.tensors[i]?.isVariable !== true) damaged(where, `it writes tensor ${i} "${g.tensors[i]?.name}", which already has a value`);
    ready[i] = true;
  }
}

function checkSubgraph(g: TfliteSubgraph, where: string): void {
  g.tensors.forEach((t, i) => checkTensor(t, `${where}: tensor ${i} "${t.name}"`));
  checkIndices(g.inputs, g, 0, `${where}: inputs`);
  checkIndices(g.outputs, g, 0, `${where}: outputs`);
  // Empty lists such as the shape of a scalar are constants without bytes.
  const ready = g.tensors.map((t) => t.data !== null || t.isVariable || t.shape.includes(0));
  for (const i of g.inputs) {
    if (g.tensors[i]?.data) damaged(`${where}: inputs`, `tensor ${i} "${g.tensors[i].name}" is a constant`);
    ready[i] = true;
  }
  g.operators.forEach((op, i) => checkStep(op, g, ready, `${where}: operator ${i} (${op.name})`));
  for (const i of g.outputs) if (!ready[i]) damaged(`${where}: outputs`, `nothing computes tensor ${i} "${g.tensors[i]?.name}"`);
}

/** Tensors may share one buffer, so that a small file could ask for any amount of work. */
function checkSize(m: TfliteModel, fileBytes: number, file: string): void {
  let elements = 0;
  let constants = 0;
  for (const t of m.subgraphs.flatMap((g) => g.tensors)) {
    if (t.data === null) elements += t.shape.reduce((a, b) => a * b, 1);
    else constants += t.data.length;
  }
  if (elements > MAX_ELEMENTS) {
    fail("tflite/too-large", file, `its computed tensors have ${elements} elements in all`, `Up to ${MAX_ELEMENTS} are read; this model fits no microcontroller`);
  }
  if (constants > 8 * fileBytes) damaged(file, `constants of ${constants} bytes in all share the bytes of a file of ${fileBytes}`);
}

/** @throws CoincellError `tflite/…` for the first thing that does not hold. */
export function checkModel(m: TfliteModel, fileBytes: number, file: string): void {
  if (m.subgraphs.length === 0) damaged(file, "the file holds no graph");
  checkSize(m, fileBytes, file);
  m.subgraphs.forEach((g, i) => checkSubgraph(g, `${file}: subgraph ${i}`));
  for (const s of m.signatures) {
    const g = m.subgraphs[s.subgraph] ?? damaged(`${file}: signature "${s.key}"`, `subgraph ${s.subgraph} of ${m.subgraphs.length}`);
    checkIndices([...s.inputs, ...s.outputs].map((x) => x.tensor), g, 0, `${file}: signature "${s.key}"`);
  }
}
