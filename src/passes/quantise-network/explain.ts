/**
 * Where accuracy goes: each layer quantised alone (its operands and output on their grids, its weights as int8), everything else in
 * float32. How noisy its own output becomes, and what is left of the network's answers.
 */
import type { Step } from "../../ir/op.js";
import type { AnyNode, Graph, Tensor, TypedArray } from "../../ir/types.js";
import { bytesOf, elements, scaleAt } from "../../ir/types.js";
import { findOp } from "../../ops/registry.js";
import { prepareNetwork } from "../quantise/network.js";
import { initial } from "../run-program.js";
import { calibrate, type Progress } from "./calibrate.js";
import { scalesOf, type Scales } from "./groups.js";
import { canBeWide, isReal, sameScale, tensorAt, weightedOf } from "./layers.js";
import { compared, decibels, judged, largest } from "./quality.js";
import type { RangeRule } from "./ranges.js";
import { quantised, slicer, type Width } from "./reals.js";
import { homes, tracer } from "./trace.js";
import { byteWeights } from "./weights.js";

export interface LayerFact {
  readonly name: string;
  readonly op: string;
  /** Signal to noise of the layer's output, in decibels. */
  readonly sqnr: number;
  /** Decibels won with 16-bit activations; null where the layer takes the width it gets. */
  readonly gain16: number | null;
  /** Signal to noise of the network's answers. */
  readonly answers: number;
  /** Part of the rows whose answer changed; with labels the part of right answers lost (negative: won). */
  readonly loss: number;
  /** Bytes of weights and biases in flash, and of the output in RAM (twice that in 16 bits). */
  readonly weightBytes: number;
  readonly outputBytes: number;
}

export interface ExplainOptions {
  readonly rows: readonly ArrayLike<number>[];
  readonly labels?: ArrayLike<number> | null;
  readonly ranges?: RangeRule;
  readonly onProgress?: Progress;
}

/** Float weights that hold nothing but what int8 holds. */
function coarse(graph: Graph, scales: Scales): Graph {
  const tensors = [...graph.tensors];
  for (const n of graph.nodes) {
    const l = weightedOf(n);
    if (!l) continue;
    const w = tensorAt(graph, l.w);
    const bytes = byteWeights(w, l.outputs, null, scales(l.x, "i8").scale[0] ?? 1);
    const channel = slicer(w.shape, l.outputs);
    tensors[l.w] = { ...w, data: Float32Array.from(bytes.data ?? [], (q, i) => q * scaleAt(bytes.quant ?? { scale: [1], zero: [0] }, channel(i))) };
  }
  return { ...graph, tensors };
}

/** Values as the integers of a grid hold them. */
function onGrid(values: ArrayLike<number>, width: Width, scales: Scales, t: number): Float32Array {
  const quant = scales(t, width);
  const [s, z] = [quant.scale[0] ?? 1, quant.zero[0] ?? 0];
  return Float32Array.from(quantised(values, width, quant), (q) => s * (q - z));
}

/** Sums over rows of one layer in one width. */
class Sums {
  signal = 0;
  noise = 0;

  add(truth: ArrayLike<number>, got: ArrayLike<number>): void {
    for (let i = 0; i < truth.length; i++) { this.signal += (truth[i] as number) ** 2; this.noise += ((got[i] as number) - (truth[i] as number)) ** 2; }
  }

  get decibels(): number {
    return decibels(this.signal, this.noise);
  }
}

interface Layer { readonly node: AnyNode; readonly step: number; readonly bytes: Sums; readonly words: Sums; readonly answers: Float64Array[] }

class Explaining {
  private readonly traced;
  private readonly exact: readonly Step[];
  private readonly rough: readonly Step[];
  private readonly own: readonly TypedArray[];
  private readonly at: number;
  readonly layers: readonly Layer[];
  readonly truth: Float64Array[] = [];

  constructor(private readonly graph: Graph, private readonly scales: Scales) {
    this.traced = tracer(graph);
    this.exact = this.traced.program.steps;
    this.rough = prepareNetwork(coarse(graph, scales)).steps;
    this.own = this.traced.program.tensors.map(initial);
    this.at = homes(graph)[judged(graph)] ?? judged(graph);
    this.layers = graph.nodes.flatMap((node): readonly Layer[] => {
      const step = this.exact.findIndex((s) => s.outputs[0] === node.outputs[0]);
      const real = step >= 0 && isReal(tensorAt(graph, node.outputs[0] ?? 0));
      return real ? [{ node, step, bytes: new Sums(), words: new Sums(), answers: [] }] : [];
    });
  }

  /** The layer's output on grids of one width, from exact operands. */
  private alone({ node, step }: Layer, width: Width, values: readonly TypedArray[]): Float32Array {
    const s = this.rough[step] as Step;
    const to = node.outputs[0] ?? 0;
    const xs = s.inputs.map((t) => (isReal(tensorAt(this.graph, t)) ? onGrid(values[t] as TypedArray, width, this.scales, sameScale(node) ? to : t) : (values[t] as TypedArray)));
    const y = new Float32Array(elements(this.graph.tensors[to]));
    findOp(s.op).int(s.params, xs, [y]);
    return onGrid(y, width, this.scales, to);
  }

  /** Answers of the network where one tensor holds something else. */
  private onwards({ node, step }: Layer, changed: Float32Array, values: readonly TypedArray[]): Float64Array {
    const now = [...values];
    now[node.outputs[0] ?? 0] = changed;
    for (const s of this.exact.slice(step + 1)) {
      for (const t of s.outputs) now[t] = (this.own[t] as TypedArray).fill(0);
      findOp(s.op).int(s.params, s.inputs.map((t) => now[t] as TypedArray), s.outputs.map((t) => now[t] as TypedArray));
    }
    return Float64Array.from(now[this.at] as TypedArray);
  }

  row(row: ArrayLike<number>): void {
    const values = this.traced.run(row);
    this.truth.push(Float64Array.from(values[this.at] as TypedArray));
    for (const l of this.layers) {
      const exact = values[l.node.outputs[0] ?? 0] as TypedArray;
      const bytes = this.alone(l, "i8", values);
      l.bytes.add(exact, bytes);
      if (canBeWide(l.node)) l.words.add(exact, this.alone(l, "i16", values));
      l.answers.push(this.onwards(l, bytes, values));
    }
  }
}

const right = (answers: readonly ArrayLike<number>[], labels: ArrayLike<number>): number => answers.filter((a, i) => largest(a) === labels[i]).length / answers.length;

/** @throws CoincellError where the rows do not suit the network */
export function explain(graph: Graph, o: ExplainOptions): readonly LayerFact[] {
  const scales = scalesOf(graph, calibrate(graph, o.rows, o.onProgress), o.ranges ?? "mse");
  const work = new Explaining(graph, scales);
  o.rows.forEach((r, i) => { work.row(r); o.onProgress?.(i + 1, o.rows.length, "layers"); });
  return work.layers.map((l): LayerFact => {
    const q = compared(work.truth, l.answers, graph.task === "classification");
    const loss = o.labels ? right(work.truth, o.labels) - right(l.answers, o.labels) : 1 - q.agreement;
    const constants = weightedOf(l.node);
    const count = (t: number | undefined): number => (t === undefined ? 0 : elements(graph.tensors[t] as Tensor));
    return {
      name: l.node.name, op: l.node.op, sqnr: l.bytes.decibels, gain16: canBeWide(l.node) ? l.words.decibels - l.bytes.decibels : null, answers: q.sqnr, loss,
      weightBytes: constants ? count(constants.w) + bytesOf("i32") * (tensorAt(graph, constants.w).shape[constants.outputs] ?? 0) : 0, outputBytes: count(l.node.outputs[0]),
    };
  });
}
