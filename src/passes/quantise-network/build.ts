/** A float graph as an integer graph: every node once, `requantize` nodes where a reader needs another width or scale. */
import { fail } from "../../ir/diagnostics.js";
import type { AnyNode, Graph, Quant, Tensor } from "../../ir/types.js";
import { inputsOf, realsOf } from "../evaluate.js";
import type { Scales } from "./groups.js";
import { isReal, sameScale, tensorAt, traitOf, weightedOf } from "./layers.js";
import { quantised, type Width } from "./reals.js";
import type { Narrowed } from "./narrow-layer.js";
import { byteWeights, givenWeights, wordBias } from "./weights.js";

/** What is added to the biases of a layer, by the name of its weights' node. */
export type Corrections = ReadonlyMap<AnyNode, ArrayLike<number>>;

export interface Plan {
  readonly scales: Scales;
  /** Nodes whose activations take 16 bits. */
  readonly wide: ReadonlySet<AnyNode>;
  readonly corrections: Corrections;
  /** Layers whose weights have less than 8 bits. */
  readonly narrow?: ReadonlyMap<AnyNode, Narrowed>;
}

const formKey = (t: number, width: Width, q: Quant): string => `${t} ${width} ${q.scale[0]} ${q.zero[0]}`;

class Building {
  private readonly tensors: Tensor[] = [];
  private readonly nodes: AnyNode[] = [];
  /** New tensors by old ones: as they are made, and in the forms that readers asked for. */
  private readonly made = new Map<number, number>();
  private readonly forms = new Map<string, number>();
  private readonly widths = new Map<number, Width>();

  constructor(private readonly graph: Graph, private readonly plan: Plan) {}

  private place(t: Tensor): number {
    return this.tensors.push(t) - 1;
  }

  /** Width that a computed tensor was made in. */
  private widthOf(t: number): Width {
    return this.widths.get(t) ?? "i8";
  }

  private define(t: number, width: Width | null): number {
    const old = tensorAt(this.graph, t);
    if (!width || !isReal(old)) {
      const at = this.place(old);
      this.made.set(t, at);
      return at;
    }
    const quant = this.plan.scales(t, width);
    const at = this.place({ ...old, dtype: width, quant });
    this.made.set(t, at);
    this.widths.set(t, width);
    this.forms.set(formKey(t, width, quant), at);
    return at;
  }

  input(t: number, width: Width): void {
    this.define(t, width);
  }

  private constant(t: Tensor, width: Width, quant: Quant): number {
    return this.place({ name: t.name, dtype: width, shape: t.shape, quant, data: quantised(realsOf(t), width, quant) });
  }

  /** An operand in the width and scale that its reader needs. */
  private read(t: number, width: Width, quant: Quant): number {
    const old = tensorAt(this.graph, t);
    if (!isReal(old)) return this.made.get(t) ?? this.define(t, null);
    if (old.data) return this.constant(old, width, quant);
    if (old.state && !this.made.has(t)) this.define(t, width);
    const key = formKey(t, width, quant);
    const known = this.forms.get(key);
    if (known !== undefined) return known;
    const from = this.made.get(t);
    if (from === undefined) throw new Error(`${old.name} is read before it is made`);
    const name = `${old.name}/${width}`;
    const at = this.place({ name, dtype: width, shape: old.shape, quant });
    this.nodes.push({ name, op: "requantize", attrs: {}, inputs: [from], outputs: [at] });
    this.forms.set(key, at);
    return at;
  }

  /** Layers that move elements stay in the width they get; others take what the plan says. */
  private widthFor(n: AnyNode): Width {
    const touchesState = n.inputs.some((t) => tensorAt(this.graph, t).state === true);
    if (touchesState || traitOf(n)?.bytesOnly === true) return "i8";
    const first = n.inputs.find((t) => isReal(tensorAt(this.graph, t)) && !tensorAt(this.graph, t).data);
    if (!sameScale(n)) return this.plan.wide.has(n) ? "i16" : "i8";
    return first === undefined ? "i8" : this.widthOf(first);
  }

  private operands(n: AnyNode, width: Width): readonly number[] {
    const [to = 0] = n.outputs;
    const weighted = weightedOf(n);
    if (weighted) return this.weighted(n, width);
    return n.inputs.map((t) => this.read(t, width, this.plan.scales(sameScale(n) ? to : t, width)));
  }

  private weighted(n: AnyNode, width: Width): readonly number[] {
    const l = weightedOf(n);
    if (!l) return [];
    const quant = this.plan.scales(l.x, width);
    const [w, b] = [tensorAt(this.graph, l.w), l.b === undefined ? null : tensorAt(this.graph, l.b)];
    const narrow = this.plan.narrow?.get(n);
    const extra = narrow ? narrow.shift : this.plan.corrections.get(n);
    const channels = w.shape[l.outputs] ?? 1;
    const bias = b || extra ? Float64Array.from({ length: channels }, (_, c) => (b?.data?.[c] ?? 0) + (extra?.[c] ?? 0)) : null;
    const inputScale = quant.scale[0] ?? 1;
    const bytes = narrow ? givenWeights(w, l.outputs, narrow.data, narrow.scale) : byteWeights(w, l.outputs, bias, inputScale);
    const x = this.read(l.x, width, quant);
    return [x, this.place(bytes), ...(bias ? [this.place(wordBias(b?.name ?? `${n.name}/bias`, bias, bytes, inputScale))] : [])];
  }

  node(n: AnyNode): void {
    const trait = traitOf(n);
    const [to = 0] = n.outputs;
    const touchesReals = [...n.inputs, to].some((t) => isReal(tensorAt(this.graph, t)));
    if (touchesReals && !trait) fail("quantise/unsupported", n.name, `${n.op} has no integer form here`, "Replace the layer, or run the network in float32 (--arithmetic float).");
    const width = this.widthFor(n);
    if (trait?.positions === true || !touchesReals) {
      const inputs = n.inputs.map((t) => { const old = tensorAt(this.graph, t); return isReal(old) && !old.data ? (this.made.get(t) as number) : this.read(t, width, isReal(old) ? this.plan.scales(t, width) : { scale: [1], zero: [0] }); });
      this.nodes.push({ ...n, inputs, outputs: [this.define(to, null)] });
      return;
    }
    const inputs = this.operands(n, width);
    this.nodes.push({ ...n, inputs, outputs: [this.define(to, width)] });
  }

  finish(): Graph {
    const { graph } = this;
    const at = (t: number): number => this.made.get(t) ?? fail("quantise/unsupported", tensorAt(graph, t).name, "an output is a constant", "Remove it from the model.");
    const more = graph.moreInputs?.map(at);
    return { ...graph, tensors: this.tensors, nodes: this.nodes, input: at(graph.input), outputs: graph.outputs.map((o) => ({ ...o, tensor: at(o.tensor) })), ...(more ? { moreInputs: more } : {}) };
  }
}

/** An input is wide where all that read it are. */
function inputWidth(graph: Graph, wide: ReadonlySet<AnyNode>, t: number): Width {
  const readers = graph.nodes.filter((n) => n.inputs.includes(t));
  return readers.length > 0 && readers.every((n) => wide.has(n) && traitOf(n)?.bytesOnly !== true) ? "i16" : "i8";
}

export function buildIntegers(graph: Graph, plan: Plan): Graph {
  const building = new Building(graph, plan);
  for (const t of inputsOf(graph)) building.input(t, inputWidth(graph, plan.wide, t));
  for (const n of graph.nodes) building.node(n);
  return building.finish();
}

/** Every operator that has no integer form, at once. */
export function refuseUnknown(graph: Graph): void {
  const missing = graph.nodes.filter((n) => !traitOf(n) && n.inputs.some((t) => isReal(graph.tensors[t])));
  if (missing.length > 0) {
    const list = [...new Set(missing.map((n) => n.op))].map((op) => `${op} (${missing.filter((n) => n.op === op).map((n) => n.name).slice(0, 3).join(", ")})`);
    fail("quantise/unsupported", graph.name, `${missing.length} of ${graph.nodes.length} layers cannot become integers: ${list.join("; ")}`, "Replace them, or run the network in float32 (--arithmetic float).");
  }
}
