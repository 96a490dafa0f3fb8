/** What recurrent layers share: the geometry of a sequence, and how ONNX's layers become one node for each direction. */
import { fail } from "./diagnostics.js";
import { flagOption, operand, refuse, textOption } from "./foreign-node.js";
import type { ForeignNode, NetBuilder, Template, Value } from "./op.js";
import { addStrided, sliced, whole } from "./strided.js";
import { count, type Attrs, type Shape, type Tensor } from "./types.js";

/** x is (..., inputs) with `steps` vectors; weights are (gates * units, inputs) and (gates * units, units). */
export interface Sequence {
  readonly steps: number;
  readonly inputs: number;
  readonly units: number;
}

export function sequence(where: string, gates: number, x: Shape, w: Shape, r: Shape): Sequence {
  const [rows = 0, inputs = 0] = w;
  const units = rows / gates;
  const steps = count(x) / inputs;
  const fits = w.length === 2 && r.length === 2 && Number.isInteger(units) && units > 0 && r[0] === rows && r[1] === units && x.at(-1) === inputs && steps >= 1;
  return fits ? { steps, inputs, units } : fail("ir/bad-shape", where, `input (${x.join(", ")}), weights (${w.join(", ")}) and (${r.join(", ")})`, `Supported: input (steps, n), weights (${gates} * units, n) and (${gates} * units, units).`);
}

/** A state or a start value has one element for each unit. */
export function expectUnits(where: string, units: number, ...states: readonly (Shape | undefined)[]): void {
  for (const s of states) if (s && count(s) !== units) fail("ir/bad-shape", where, `a state of (${s.join(", ")}) for ${units} units`, "Supported: batch 1, one value for each unit.");
}

/** Row of x at turn k: the backward direction reads the last one first, and leaves its answer in the same row. */
export const rowAt = (k: number, steps: number, reverse: boolean | number): number => (reverse ? steps - 1 - k : k);

/** Biases of integer layers are sums of products: 32 bits wide. */
export function expectWords(where: string, b: Tensor | undefined): void {
  if (b && b.dtype !== "i32") fail("network/unsupported-type", where, `biases of type ${b.dtype}`, "Supported: int32 biases beside int8 weights.");
}

/** How an ONNX layer differs from its sisters. */
export interface OnnxForm {
  readonly op: string;
  /** Our gate g is ONNX's gate `order[g]`. */
  readonly order: readonly number[];
  readonly activations: readonly string[];
  /** One bias for each unit and gate (else the recurrent ones follow those of the input). */
  readonly summedBias: boolean;
  /** Inputs of the node that hold the start values of the states. */
  readonly states: readonly number[];
  readonly attrs: Attrs;
  /** Attributes that make the final cell state one more row of the output, where someone reads it. */
  readonly withCells?: Attrs;
}

const wanted = (t: Template | undefined): t is Template => t !== undefined && t.name !== "";
const input = (n: ForeignNode, i: number): Value | null => n.inputs[i] ?? null;

function checkOptions(n: ForeignNode, form: OnnxForm, dirs: number): void {
  const given = n.options["activations"];
  const expected = Array.from({ length: dirs }, () => form.activations).flat();
  const names = Array.isArray(given) ? given.map((s) => String(s)) : expected;
  if (names.join().toLowerCase() !== expected.join().toLowerCase()) refuse(n, `the activations ${names.join(", ")}`, `Supported: ${expected.join(", ")}.`);
  if (Number(n.options["clip"] ?? 0) !== 0) refuse(n, "gates are clipped", "Supported: no clip.");
  if (flagOption(n, "input_forget")) refuse(n, "input and forget gate are coupled", "Supported: input_forget 0.");
  if (input(n, 4) !== null) refuse(n, "lengths of sequences (sequence_lens)", "Supported: one sequence of fixed length.");
  if (input(n, 7) !== null) refuse(n, "peephole weights", "Supported: layers without peepholes.");
}

/** Shapes as the format has them, so that whoever cuts pieces out stays inside. */
function checkShapes(n: ForeignNode, b: NetBuilder, form: OnnxForm, dirs: number, shape: Shape, units: number): void {
  const rows = form.order.length * units;
  const bias = input(n, 3);
  const fits = (v: Value, ...want: readonly number[]): boolean => b.tensor(v).shape.join() === want.join();
  const good = units >= 1 && fits(operand(n, 1), dirs, rows, shape[2] ?? 0) && fits(operand(n, 2), dirs, rows, units) && (bias === null || fits(bias, dirs, 2 * rows));
  const starts = form.states.every((i) => { const v = input(n, i); return v === null || count(b.tensor(v).shape) === dirs * units; });
  if (!good || !starts) refuse(n, `weights of (${b.tensor(operand(n, 1)).shape.join(", ")}) and (${b.tensor(operand(n, 2)).shape.join(", ")}) for an input of (${shape.join(", ")})`, "The file is damaged; export the model again.");
}

/** Weights of one direction, the gates in our order: (dirs, gates * rows, columns) to (gates * rows, columns). */
function block(n: ForeignNode, b: NetBuilder, i: number, dir: number, order: readonly number[]): Value {
  const t = b.tensor(operand(n, i));
  const data = t.data ?? refuse(n, `input ${i} (${t.name}) is computed by the network`, "Supported: weights stored in the file.");
  const [, rows = 0, columns = 1] = t.shape;
  const part = (rows * columns) / order.length;
  const out = new Float32Array(rows * columns);
  order.forEach((from, to) => out.set(data.subarray((dir * order.length + from) * part, (dir * order.length + from + 1) * part), to * part));
  return b.constant({ name: `${t.name}_${dir}`, dtype: "f32", shape: [rows, columns], data: out });
}

/** (dirs, 2 * gates * units): biases of the input, then of the state. */
function biases(n: ForeignNode, b: NetBuilder, dir: number, units: number, { order, summedBias }: OnnxForm): Value {
  const half = order.length * units;
  const out = new Float32Array(2 * half);
  const given = input(n, 3);
  const t = given === null ? null : b.tensor(given);
  const data = t ? (t.data ?? refuse(n, `input 3 (${t.name}) is computed by the network`, "Supported: biases stored in the file.")) : null;
  if (data) for (const part of [0, 1]) order.forEach((from, to) => {
    const at = dir * 2 * half + part * half + from * units;
    out.set(data.subarray(at, at + units), part * half + to * units);
  });
  const summed = out.slice(0, half).map((v, i) => v + (out[half + i] ?? 0));
  return b.constant({ name: `${n.name}_bias_${dir}`, dtype: "f32", shape: [summedBias ? half : 2 * half], data: summedBias ? summed : out });
}

/** Start value of a state: (dirs, 1, units) of the file, or zero. */
function start(n: ForeignNode, b: NetBuilder, i: number, dir: number, units: number): Value {
  const v = input(n, i);
  if (v === null) return b.constant({ name: `${n.name}_start_${i}`, dtype: "f32", shape: [units], data: new Float32Array(units) });
  const all = count(b.tensor(v).shape);
  return all === units ? v : addStrided(b, v, sliced(whole([all / units, units]), 0, dir, 1, 1), [units]);
}

/** Y, Y_h and Y_c, as far as they are asked for; Y_h is a row of Y. */
export function lowerOnnx(n: ForeignNode, b: NetBuilder, form: OnnxForm): readonly Value[] {
  const direction = textOption(n, "direction", "forward");
  const dirs = direction === "bidirectional" ? [false, true] : [direction === "reverse"];
  const batchFirst = Number(n.options["layout"] ?? 0) === 1;
  checkOptions(n, form, dirs.length);
  const x = operand(n, 0);
  const shape = b.tensor(x).shape;
  if (shape.length !== 3 || shape[batchFirst ? 0 : 1] !== 1) refuse(n, `an input of (${shape.join(", ")})`, "Supported: batch 1.");
  const units = b.tensor(operand(n, 2)).shape[2] ?? 0;
  checkShapes(n, b, form, dirs.length, shape, units);
  const [steps, cells] = [shape[batchFirst ? 1 : 0] ?? 1, form.withCells !== undefined && wanted(n.outputs[2])];
  const made = dirs.map((reverse, d) => b.add(form.op, { ...form.attrs, ...(cells ? form.withCells : {}), reverse },
    [x, ...form.states.map((i) => start(n, b, i, d, units)), block(n, b, 1, d, form.order), block(n, b, 2, d, form.order), biases(n, b, d, units, form)],
    { name: `${n.name}_${d}`, dtype: "f32" }));
  const rows = whole([cells ? steps + 1 : steps, 1, units]);
  const parts = (from: (reverse: boolean) => number, many: number): Value[] =>
    dirs.map((reverse, d) => addStrided(b, made[d] as Value, sliced(rows, 0, from(reverse), 1, many), batchFirst ? [1, many, units] : [many, 1, units], { name: `${n.name}_${d}_part`, dtype: "f32" }));
  const axis = batchFirst ? 1 : 0;
  const ends = (i: number, from: (reverse: boolean) => number): Value[] => (wanted(n.outputs[i]) ? [joined(b, parts(from, 1), axis, false, n.outputs[i])] : []);
  return [joined(b, parts(() => 0, steps), axis + 1, true, n.outputs[0]), ...ends(1, (reverse) => (reverse ? 0 : steps - 1)), ...(cells ? ends(2, () => steps) : [])];
}

/** The directions side by side, along a new axis or one of length 1. */
function joined(b: NetBuilder, parts: readonly Value[], axis: number, stack: boolean, told: Template | undefined): Value {
  const as: Template = { name: told?.name || "joined", dtype: "f32", ...(told?.shape ? { shape: told.shape } : {}) };
  const [only, more] = parts;
  if (only === undefined || more !== undefined) return b.add("concat", { axis, stack }, parts, as);
  const { shape } = b.tensor(only);
  return b.add("reshape", { shape: Int32Array.from(stack ? shape.toSpliced(axis, 0, 1) : shape) }, [only], as);
}
