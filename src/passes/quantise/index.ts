/** From a float graph to the device's program: input type, calibration, and the smallest widths that keep the answers. */
import { fail } from "../../ir/diagnostics.js";
import { convertRow } from "../../ir/conversion.js";
import type { Arithmetic, Program } from "../../ir/op.js";
import { isInt, type Graph, type Quant, type Tensor } from "../../ir/types.js";
import { evaluate, type Answer } from "../evaluate.js";
import { dequantise, runProgram } from "../run-program.js";
import { findOp } from "../../ops/registry.js";
import { calibrate, drawRows, hintedRange, withInputRanges, type Calibration } from "./calibrate.js";
import { chooseQuant, headroom, type InputType } from "./input.js";
import { prepareProgram, splitHost } from "./prepare.js";

export interface QuantiseOptions {
  readonly arithmetic: Arithmetic;
  readonly inputType: InputType;
  /** Declared scale and zero of the device's input; chosen from the calibration rows when absent. */
  readonly inputQuant?: Quant;
  /** Rows in the model's own units. Null: ranges come from the model itself, where it tells them. */
  readonly rows: readonly Float64Array[] | null;
}

/** Rows that candidates are compared on: at most this many, and fewer for models of many constants, so that the search stays fast. */
const MAX_ROWS = 256;
const MIN_ROWS = 96;
const ELEMENT_BUDGET = 400_000;

const rowsFor = (graph: Graph): number => {
  const elements = graph.nodes.reduce((sum, n) => sum + Object.values(n.attrs).reduce((s: number, a) => s + (ArrayBuffer.isView(a) ? (a as Float64Array).length : 0), 0), 0);
  return Math.max(MIN_ROWS, Math.min(MAX_ROWS, Math.floor(ELEMENT_BUDGET / Math.max(1, elements))));
};

const thinned = (rows: readonly Float64Array[], n: number): readonly Float64Array[] =>
  rows.length <= n ? rows : Array.from({ length: n }, (_, i) => rows[Math.floor((i * rows.length) / n)] ?? new Float64Array(0));

/** Real rows (the ranges of the inputs come from all of them), or rows drawn from the range that the model's own constants suggest. */
function calibrationOf(graph: Graph, rows: readonly Float64Array[] | null): Calibration {
  if (rows && rows.length > 0) return withInputRanges(calibrate(graph, thinned(rows, rowsFor(graph))), graph, rows);
  const range = hintedRange(graph);
  if (!range) fail("quantise/no-calibration", graph.name, "fixed point needs the range of the inputs, and this model does not tell it", "Give rows of typical inputs with --calibrate train.csv, or choose --arithmetic float.");
  return calibrate(graph, drawRows(range, rowsFor(graph)));
}

/** Points between random pairs of rows: they lie nearer to the decision borders than the rows do. */
function between(rows: readonly Float64Array[]): Float64Array[] {
  let seed = 12345;
  const next = (): number => { seed = (Math.imul(seed, 1103515245) + 12345) >>> 0; return seed / 2 ** 32; };
  const pick = (): Float64Array => rows[Math.floor(next() * rows.length)] ?? new Float64Array(0);
  return Array.from({ length: Math.ceil(rows.length / 2) }, () => {
    const [a, b, k] = [pick(), pick(), next()];
    return a.map((v, i) => v + k * ((b[i] ?? 0) - v));
  });
}

interface Quality {
  /** Share of equal labels; 1 where there are none. */
  readonly agreement: number;
  /** Root mean square error of the scores, as a part of their own spread. */
  readonly error: number;
}

/** A program against the float graph's answers; `truth` holds raw scores, before the host chain. */
function quality(program: Program, rows: readonly Float64Array[], truth: readonly Answer[]): Quality {
  if (rows.length === 0) return { agreement: 1, error: 0 };
  const input = program.tensors[program.input] as Tensor;
  const mean = new Float64Array(truth[0]?.scores.length ?? 0);
  for (const t of truth) t.scores.forEach((v, k) => { mean[k]! += v / truth.length; });
  let equal = 0;
  let error = 0;
  let spread = 0;
  rows.forEach((row, i) => {
    const got = runProgram(program, convertRow(row, input));
    const want = truth[i];
    if (got.label === want?.label) equal++;
    dequantise(program, got.scores).forEach((v, k) => {
      error += (v - (want?.scores[k] ?? 0)) ** 2;
      spread += ((want?.scores[k] ?? 0) - (mean[k] ?? 0)) ** 2;
    });
  });
  return { agreement: program.label === null ? 1 : equal / rows.length, error: Math.sqrt(error / Math.max(spread, 1e-18)) };
}

interface Trial { readonly levels: readonly number[]; readonly program: Program; readonly real: Quality; readonly mixed: Quality }

function judge(graph: Graph, arithmetic: Arithmetic, input: Tensor, calibration: Calibration): (levels: readonly number[]) => Trial {
  const { scores } = splitHost(graph);
  const bare: Graph = { ...graph, outputs: [...graph.outputs.filter((o) => o.role === "label"), { role: "scores", tensor: scores }] };
  const mixed = between(calibration.rows);
  const [a, b] = [calibration.rows, mixed].map((rows) => rows.map((r) => evaluate(bare, r))) as [Answer[], Answer[]];
  return (levels) => {
    const program = prepareProgram(graph, { arithmetic, input, calibration, levels });
    return { levels, program, real: quality(program, calibration.rows, a), mixed: quality(program, mixed, b) };
  };
}

/** On points between rows, which no one will measure, so much disagreement is allowed before the next finer width is taken. */
const SLACK = 0.005;
/** Scores further off than this part of their spread are too coarse, even where every calibration row keeps its label. */
const COARSE = 0.01;
/** Without labels the scores are the answer. */
const COARSE_VALUE = 0.004;

/** Smallest uniform precision that loses nothing, then step by step smaller where that still loses nothing. */
function search(attempt: (levels: readonly number[]) => Trial, maxLevel: number): Program {
  const uniform = Array.from({ length: maxLevel + 1 }, (_, level) => attempt([level]));
  const top = (f: (t: Trial) => number): number => Math.max(...uniform.map(f));
  const [real, mixed] = [top((t) => t.real.agreement), top((t) => t.mixed.agreement)];
  const finest = Math.min(...uniform.map((t) => t.real.error));
  const good = (t: Trial): boolean =>
    t.real.agreement >= real - 1e-12 && t.mixed.agreement >= mixed - SLACK && t.real.error <= Math.max(finest, t.program.label === null ? COARSE_VALUE : COARSE);
  let best = uniform.find(good) ?? (uniform.at(-1) as Trial);
  const level = best.levels[0] ?? 0;
  const steps = best.program.steps.length;
  if (level === 0 || steps < 2) return best.program;
  let levels = Array.from({ length: steps }, () => level);
  for (let k = 0; k < steps; k++) {
    const candidate = attempt(levels.map((l, i) => (i === k ? l - 1 : l)));
    if (good(candidate)) { best = candidate; levels = [...candidate.levels]; }
  }
  return best.program;
}

export function quantise(graph: Graph, options: QuantiseOptions): Program {
  const shape = graph.tensors[graph.input]?.shape ?? [0];
  const declared = options.inputQuant;
  if (declared && !(declared.scale.every((s) => s > 0 && Number.isFinite(s)) && declared.zero.every(Number.isFinite))) fail("quantise/bad-input-scale", graph.name, `an input scale of ${declared.scale.join(", ")}, zero ${declared.zero.join(", ")}`, "Supported: finite scales above zero.");
  const plain: Tensor = { name: "input", dtype: options.inputType, shape };
  const exactOnly = options.inputType === "f32" && graph.nodes.every((n) => findOp(n.op).traits.hostOnly !== undefined || findOp(n.op).traits.readsF32 === true || n.inputs[0] !== graph.input);
  const calibration = (exactOnly || options.arithmetic === "float") && !hasRange(graph, options) ? calibrate(graph, []) : calibrationOf(graph, options.rows);
  const first = calibration.stats[graph.input];
  const quant = options.inputQuant ?? (isInt(plain.dtype) && first ? chooseQuant(first, calibration.columns, plain.dtype, headroom(plain.dtype, clippingSafe(graph))) : undefined);
  const input: Tensor = quant && isInt(plain.dtype) ? { ...plain, quant } : plain;
  const maxLevel = options.arithmetic === "float" ? 0 : Math.max(...graph.nodes.map((n) => findOp(n.op).levels)) - 1;
  return representable(search(judge(graph, options.arithmetic, input, calibration), maxLevel));
}

/** Scales and float constants reach the device as float32. */
const fitsFloat = (v: number): boolean => Number.isFinite(Math.fround(v));

function representable(p: Program): Program {
  const tensor = p.tensors.find((t) => t.quant && !(t.quant.scale.every((s) => fitsFloat(s) && fitsFloat(1 / s)) && t.quant.zero.every(Number.isFinite)));
  const step = p.steps.find((s) => Object.values(s.params).some((v) => (typeof v === "number" ? !Number.isFinite(v) : !v.every(Number.isFinite))));
  if (!tensor && !step) return p;
  return fail("quantise/out-of-range", `${p.name}: ${tensor?.name ?? step?.name}`, "numbers too large or too small for float32", "Scale the features before training (StandardScaler); if the model worked in Python, its file is damaged.");
}

/** Every operator that reads the input (scalers aside) only compares it with constants of its own. */
function clippingSafe(graph: Graph): boolean {
  const read = new Set([graph.input]);
  for (const n of graph.nodes) {
    if (!n.inputs.some((t) => read.has(t))) continue;
    const { affine, clippingSafe: safe } = findOp(n.op).traits;
    if (affine) n.outputs.forEach((t) => read.add(t));
    else if (safe !== true) return false;
  }
  return true;
}

const hasRange = (graph: Graph, options: QuantiseOptions): boolean => (options.rows?.length ?? 0) > 0 || hintedRange(graph) !== null;
