/** From a float graph to the device's program: input type, calibration, and the smallest widths that keep the answers. */
import { fail } from "../../ir/diagnostics.js";
import { convertRow } from "../../ir/conversion.js";
import type { Arithmetic, Program } from "../../ir/op.js";
import { isInt, type Graph, type Quant, type Tensor } from "../../ir/types.js";
import { evaluate, type Answer } from "../evaluate.js";
import { dequantise, runProgram } from "../run-program.js";
import { findOp } from "../../ops/registry.js";
import { calibrate, drawRows, hintedRange, type Calibration } from "./calibrate.js";
import { chooseQuant, type InputType } from "./input.js";
import { prepareProgram, splitHost } from "./prepare.js";

export interface QuantiseOptions {
  readonly arithmetic: Arithmetic;
  readonly inputType: InputType;
  /** Declared scale and zero of the device's input; chosen from the calibration rows when absent. */
  readonly inputQuant?: Quant;
  /** Rows in the model's own units. Null: ranges come from the model itself, where it tells them. */
  readonly rows: readonly Float64Array[] | null;
}

/** Rows used to compare candidates; more rows do not change the choice but cost time. */
const MAX_ROWS = 400;

/** Real rows, thinned evenly, or rows drawn from the range that the model's own constants suggest. */
function calibrationOf(graph: Graph, rows: readonly Float64Array[] | null): Calibration {
  if (rows && rows.length > 0) {
    const step = Math.max(1, rows.length / MAX_ROWS);
    return calibrate(graph, rows.length <= MAX_ROWS ? rows : Array.from({ length: MAX_ROWS }, (_, i) => rows[Math.floor(i * step)] ?? new Float64Array(0)), true);
  }
  const range = hintedRange(graph);
  if (!range) fail("quantise/no-calibration", graph.name, "fixed point needs the range of the inputs, and this model does not tell it", "Give rows of typical inputs with --calibrate train.csv, or choose --input-type f32.");
  return calibrate(graph, drawRows(range, MAX_ROWS), false);
}

/** Points between random pairs of rows: they lie nearer to the decision borders than the rows do. */
function between(rows: readonly Float64Array[]): Float64Array[] {
  let seed = 12345;
  const next = (): number => { seed = (Math.imul(seed, 1103515245) + 12345) >>> 0; return seed / 2 ** 32; };
  const pick = (): Float64Array => rows[Math.floor(next() * rows.length)] ?? new Float64Array(0);
  return Array.from({ length: Math.min(200, rows.length) }, () => {
    const [a, b, k] = [pick(), pick(), next()];
    return a.map((v, i) => v + k * ((b[i] ?? 0) - v));
  });
}

/** Share of equal labels; without labels, 1 minus the root mean square error as a part of the scores' spread. */
export function agreement(program: Program, rows: readonly Float64Array[], truth: readonly Answer[], rawTruth: readonly Float64Array[]): number {
  if (rows.length === 0) return 1;
  const input = program.tensors[program.input] as Tensor;
  let equal = 0;
  let error = 0;
  let spread = 0;
  rows.forEach((row, i) => {
    const got = runProgram(program, convertRow(row, input));
    if (got.label === truth[i]?.label) equal++;
    const raw = rawTruth[i] ?? new Float64Array(0);
    dequantise(program, got.scores).forEach((v, k) => { error += (v - (raw[k] ?? 0)) ** 2; spread = Math.max(spread, Math.abs(raw[k] ?? 0)); });
  });
  if (program.label !== null) return equal / rows.length;
  return 1 - Math.sqrt(error / rows.length) / Math.max(spread, 1e-9);
}

interface Judge {
  /** Higher is better: agreement on the rows, then on points between them. */
  (levels: readonly number[]): { readonly program: Program; readonly real: number; readonly mixed: number };
}

function judge(graph: Graph, arithmetic: Arithmetic, input: Tensor, calibration: Calibration): Judge {
  const { scores } = splitHost(graph);
  const bare: Graph = { ...graph, outputs: [...graph.outputs.filter((o) => o.role === "label"), { role: "scores", tensor: scores }] };
  const mixed = between(calibration.rows);
  const answers = (rows: readonly Float64Array[]): { truth: Answer[]; raw: Float64Array[] } => {
    const truth = rows.map((r) => evaluate(bare, r));
    return { truth, raw: truth.map((t) => t.scores) };
  };
  const [a, b] = [answers(calibration.rows), answers(mixed)];
  return (levels) => {
    const program = prepareProgram(graph, { arithmetic, input, calibration, levels });
    return { program, real: agreement(program, calibration.rows, a.truth, a.raw), mixed: agreement(program, mixed, b.truth, b.raw) };
  };
}

/** On points between rows, which no one will measure, so much disagreement is allowed before the next finer width is taken. */
const SLACK = 0.005;

/** Smallest uniform precision that loses nothing, then step by step smaller where that still loses nothing. */
function search(try_: Judge, maxLevel: number): Program {
  const uniform = Array.from({ length: maxLevel + 1 }, (_, level) => ({ levels: [level], ...try_([level]) }));
  const real = Math.max(...uniform.map((u) => u.real));
  const mixed = Math.max(...uniform.map((u) => u.mixed));
  const good = (u: { real: number; mixed: number }): boolean => u.real >= real - 1e-12 && u.mixed >= mixed - SLACK;
  let best = uniform.find(good) ?? (uniform.at(-1) as (typeof uniform)[number]);
  const level = best.levels[0] ?? 0;
  const steps = best.program.steps.length;
  if (level === 0 || steps < 2) return best.program;
  let levels = Array.from({ length: steps }, () => level);
  for (let k = 0; k < steps; k++) {
    const lower = levels.map((l, i) => (i === k ? l - 1 : l));
    const candidate = { levels: lower, ...try_(lower) };
    if (good(candidate)) { best = candidate; levels = lower; }
  }
  return best.program;
}

export function quantise(graph: Graph, options: QuantiseOptions): Program {
  const shape = graph.tensors[graph.input]?.shape ?? [0];
  const plain: Tensor = { name: "input", dtype: options.inputType, shape };
  const exactOnly = options.inputType === "f32" && graph.nodes.every((n) => findOp(n.op).traits.hostOnly !== undefined || findOp(n.op).traits.readsF32 === true || n.inputs[0] !== graph.input);
  const calibration = exactOnly && !hasRange(graph, options) ? calibrate(graph, [], false) : calibrationOf(graph, options.rows);
  const first = calibration.stats[graph.input];
  const quant = options.inputQuant ?? (isInt(plain.dtype) && first ? chooseQuant(first, calibration.columns, plain.dtype) : undefined);
  const input: Tensor = quant && isInt(plain.dtype) ? { ...plain, quant } : plain;
  const maxLevel = options.arithmetic === "float" ? 0 : Math.max(...graph.nodes.map((n) => findOp(n.op).levels)) - 1;
  return search(judge(graph, options.arithmetic, input, calibration), maxLevel);
}

const hasRange = (graph: Graph, options: QuantiseOptions): boolean => (options.rows?.length ?? 0) > 0 || hintedRange(graph) !== null;
