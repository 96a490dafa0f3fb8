/** Graph to program: every node prepared once, at given precision levels; scalers vanish into the quantisation of their input. */
import { fail } from "../../ir/diagnostics.js";
import { takesPerElement, type AnyOp, type Arithmetic, type HostChain, type Prepared, type Program, type Stats, type Step } from "../../ir/op.js";
import { bytesOf, isInt, scaleAt, zeroAt, type AnyNode, type Graph, type Quant, type Tensor } from "../../ir/types.js";
import { findOp } from "../../ops/registry.js";
import type { Calibration } from "./calibrate.js";

export interface PrepareOptions {
  readonly arithmetic: Arithmetic;
  readonly input: Tensor;
  readonly calibration: Calibration;
  /** Precision level of the k-th step; the last one is used for any further steps. */
  readonly levels: readonly number[];
}

/** One number where all are equal. */
const same = (v: readonly number[]): readonly number[] => (v.every((a) => Math.abs(a - (v[0] ?? 0)) <= Math.abs(v[0] ?? 0) * 1e-12) ? v.slice(0, 1) : v);

/** What an affine node makes of a tensor without touching its integers. */
function composed(x: Tensor, map: { readonly scale: ArrayLike<number>; readonly offset: ArrayLike<number> }): Quant {
  const q = x.quant ?? { scale: [1], zero: [0] };
  const scale = Array.from({ length: x.shape[0] ?? 0 }, (_, i) => scaleAt(q, i) * (map.scale[i] ?? 1));
  const zero = scale.map((s, i) => zeroAt(q, i) - (map.offset[i] ?? 0) / s);
  const short = { scale: same(scale), zero: same(zero) };
  return short.scale.length === 1 && short.zero.length === 1 ? short : { scale, zero };
}

/** Cuts the operators that run on the host off the path to the scores. */
export function splitHost(graph: Graph): { readonly device: readonly AnyNode[]; readonly scores: number; readonly host: HostChain } {
  let scores = graph.outputs.find((o) => o.role === "scores")?.tensor ?? graph.outputs[0]?.tensor ?? graph.input;
  const host: { op: string; attrs: AnyNode["attrs"] }[] = [];
  for (;;) {
    const n = graph.nodes.find((m) => m.outputs.includes(scores));
    if (!n || findOp(n.op).traits.hostOnly === undefined) break;
    host.unshift({ op: n.op, attrs: n.attrs });
    scores = n.inputs[0] ?? scores;
  }
  return { device: graph.nodes.filter((n) => findOp(n.op).traits.hostOnly === undefined), scores, host };
}

class Preparation {
  readonly tensors: Tensor[];
  readonly steps: Step[] = [];
  /** Where the integers of a graph tensor live (affine outputs share their input's), and how they are read. */
  private readonly home: number[];

  constructor(private readonly graph: Graph, private readonly options: PrepareOptions, private readonly device: readonly AnyNode[]) {
    this.tensors = [...graph.tensors];
    this.tensors[graph.input] = options.input;
    this.home = graph.tensors.map((_, i) => i);
  }

  homeOf(t: number): number {
    return this.home[t] ?? t;
  }

  private level(): number {
    const { levels } = this.options;
    return levels[Math.min(this.steps.length, levels.length - 1)] ?? 0;
  }

  private stats(t: number): Stats {
    return this.options.calibration.stats[t] ?? { min: new Float64Array(0), max: new Float64Array(0), mean: new Float64Array(0) };
  }

  /** The affine map vanishes where fixed point is used; its output is the same integers read differently. */
  private fold(n: AnyNode, op: AnyOp): boolean {
    const map = this.options.arithmetic === "int" ? op.traits.affine?.(n.attrs) : undefined;
    const [from = 0] = n.inputs;
    const [to = 0] = n.outputs;
    const x = this.tensors[from];
    if (!map || !x) return false;
    this.home[to] = this.homeOf(from);
    this.tensors[to] = { ...x, name: this.tensors[to]?.name ?? "", quant: composed(x, map) };
    return true;
  }

  /** Input 0 as the kernel can read it: brought to one scale, or to fewer bits, where it must be. */
  private readable(t: number, op: AnyOp, attrs: AnyNode["attrs"]): { readonly view: Tensor; readonly tensor: number } {
    const view = this.tensors[t];
    if (!view) throw new Error("no such tensor");
    if (this.options.arithmetic === "float") return { view, tensor: this.homeOf(t) };
    const perElement = view.quant !== undefined && (view.quant.scale.length > 1 || view.quant.zero.length > 1);
    const tooWide = isInt(view.dtype) && bytesOf(view.dtype) * 8 > (op.traits.maxInputBits ?? 32);
    const isFloat = !isInt(view.dtype) && op.traits.readsF32 !== true;
    if (!tooWide && !isFloat && (!perElement || takesPerElement(op.traits, attrs))) return { view, tensor: this.homeOf(t) };
    return this.rescale(t, view, op.traits.maxInputBits ?? 16);
  }

  private rescale(t: number, view: Tensor, bits: number): { readonly view: Tensor; readonly tensor: number } {
    const name = `${view.name}_rescaled`;
    const out: Tensor = { name, dtype: "f64", shape: view.shape };
    const made = this.prepared(findOp("rescale"), { bits }, [view], [out], [this.stats(t)], [this.stats(t)], false);
    const index = this.tensors.length;
    const result: Tensor = { ...out, ...made.outputs[0] };
    this.tensors.push(result);
    this.home.push(index);
    this.steps.push({ name, op: "rescale", params: made.params, inputs: [this.homeOf(t)], outputs: [index] });
    return { view: result, tensor: index };
  }

  private prepared(op: AnyOp, attrs: AnyNode["attrs"], inputs: readonly Tensor[], outputs: readonly Tensor[], inputStats: readonly Stats[], outputStats: readonly Stats[], perElementOutput: boolean): Prepared<never> {
    if (!op.prepare) return fail("compile/host-only", op.name, "this operator has no device form", op.traits.hostOnly ?? "");
    const level = Math.min(this.level(), op.levels - 1);
    return op.prepare({ attrs, arithmetic: this.options.arithmetic, inputs, outputs, inputStats, outputStats, level, perElementOutput }) as Prepared<never>;
  }

  add(n: AnyNode): void {
    const op = findOp(n.op);
    if (this.fold(n, op)) return;
    const read = n.inputs.map((t, i) => (i === 0 ? this.readable(t, op, n.attrs) : { view: this.tensors[t] as Tensor, tensor: this.homeOf(t) }));
    const outputs = n.outputs.map((t) => this.graph.tensors[t] as Tensor);
    const made = this.prepared(op, n.attrs, read.map((r) => r.view), outputs, n.inputs.map((t) => this.stats(t)), n.outputs.map((t) => this.stats(t)), this.mayDiffer(n));
    n.outputs.forEach((t, i) => { this.tensors[t] = { ...(outputs[i] as Tensor), ...made.outputs[i] }; });
    this.steps.push({ name: n.name, op: n.op, params: made.params, inputs: read.map((r) => r.tensor), outputs: n.outputs });
  }

  /** Every reader of the node's output takes a scale per element. */
  private mayDiffer(n: AnyNode): boolean {
    const readers = this.device.filter((m) => m.inputs.some((t) => n.outputs.includes(t)));
    return readers.every((m) => takesPerElement(findOp(m.op).traits, m.attrs));
  }
}

export function prepareProgram(graph: Graph, options: PrepareOptions): Program {
  const { device, scores, host } = splitHost(graph);
  const p = new Preparation(graph, options, device);
  for (const n of device) p.add(n);
  const label = graph.outputs.find((o) => o.role === "label")?.tensor;
  return {
    name: graph.name, task: graph.task, labels: graph.labels, featureNames: graph.featureNames, arithmetic: options.arithmetic,
    tensors: p.tensors, steps: p.steps, input: graph.input, moreInputs: [], moreOutputs: [], label: label === undefined ? null : p.homeOf(label), scores: p.homeOf(scores),
    scoresView: p.tensors[scores] as Tensor, host, source: graph.source,
  };
}
