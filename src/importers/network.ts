/** Builds the graph of a network while an importer walks its nodes; shapes are inferred and checked at every node. */
import { fail } from "../ir/diagnostics.js";
import type { ForeignNode, NetBuilder, NetFormat, NetLowering, Template, Value } from "../ir/op.js";
import { count, type AnyNode, type Attrs, type Graph, type GraphOutput, type Tensor } from "../ir/types.js";
import { allOps, findOp } from "../ops/registry.js";
import { cureOf } from "./network-cures.js";

/** What operators claim of a network format, by the format's operator names. */
export function netLowerings(format: NetFormat): ReadonlyMap<string, NetLowering> {
  const table = new Map<string, NetLowering>();
  for (const op of allOps) {
    for (const [foreign, lowering] of Object.entries(op.net?.[format] ?? {})) {
      if (table.has(foreign)) throw new Error(`${format}: two operators claim ${foreign}; the second is ${op.name}`);
      table.set(foreign, lowering);
    }
  }
  return table;
}

export interface NetworkAbout {
  readonly name: string;
  readonly source: string;
  readonly labels: readonly (string | number)[];
}

export class NetworkBuilder implements NetBuilder {
  private readonly tensors: Tensor[] = [];
  private readonly nodes: AnyNode[] = [];
  private readonly notes: string[] = [];

  tensor(v: Value): Tensor {
    return this.tensors[v] ?? fail("network/dangling-value", "model", `value ${v} does not exist`, "The file is damaged; convert the model again.");
  }

  /** A tensor that no node makes: an input, a constant, a state. */
  place(t: Tensor): Value {
    return this.tensors.push(t) - 1;
  }

  constant(t: Parameters<NetBuilder["constant"]>[0]): Value {
    return this.place(t);
  }

  state(t: Parameters<NetBuilder["state"]>[0]): Value {
    return this.place({ ...t, state: true });
  }

  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  add(op: string, attrs: Attrs, inputs: readonly Value[], as?: Template): Value {
    const given = inputs.map((v) => this.tensor(v));
    const [shape, ...more] = findOp(op).infer(attrs, given.map((t) => t.shape));
    if (!shape || more.length > 0) throw new Error(`${op}: an operator of networks has one output`);
    const name = as?.name ?? `${op}_${this.nodes.length}`;
    if (as?.shape && count(as.shape) !== count(shape)) fail("network/shape-differs", name, `the file says (${as.shape.join(", ")}), ${op} gives (${shape.join(", ")})`, "Convert the model again with a fixed input shape (batch 1).");
    const dtype = as?.dtype ?? given[0]?.dtype ?? "f32";
    const quant = as ? as.quant : given[0]?.quant;
    const [first] = given;
    // A constant under another shape stays a constant: who reads it later may fold it.
    if (findOp(op).traits.view === true && first?.data) return this.place({ ...first, name, shape });
    const out = this.place({ name, dtype, shape, ...(quant ? { quant } : {}) });
    this.nodes.push({ name, op, attrs, inputs, outputs: [out] });
    return out;
  }

  /** @param inputs, outputs in the order of the file; the first output holds the scores. */
  finish(about: NetworkAbout, inputs: readonly Value[], outputs: readonly Value[]): Graph {
    const [input, ...moreInputs] = inputs;
    const [scores, ...more] = outputs;
    if (input === undefined || scores === undefined) return fail("network/no-input", about.name, "the network has no input or no output", "Convert the model again.");
    const label = this.decision(scores, more.length);
    const roles: readonly GraphOutput[] = [{ role: "scores", tensor: scores }, ...more.map((tensor): GraphOutput => ({ role: "more", tensor })), ...(label === null ? [] : [{ role: "label" as const, tensor: label }])];
    const classes = label === null ? 0 : count(this.tensor(scores).shape);
    return {
      name: about.name, source: about.source, notes: this.notes, task: label === null ? "transform" : "classification",
      labels: about.labels.length === classes ? about.labels : Array.from({ length: classes }, (_, i) => i),
      featureNames: [], tensors: this.tensors, nodes: this.nodes, input, outputs: roles, ...(moreInputs.length > 0 ? { moreInputs } : {}),
    };
  }

  /** A network that ends in a distribution over classes is a classifier: its label is the largest score. */
  private decision(scores: Value, others: number): Value | null {
    const maker = this.nodes.find((n) => n.outputs.includes(scores));
    const n = count(this.tensor(scores).shape);
    if (!maker || others > 0 || n < 2 || findOp(maker.op).traits.distribution !== true) return null;
    const flat = this.add("reshape", { shape: Int32Array.of(n) }, [scores], { name: "classes", ...this.format(scores) });
    return this.add("argmax", { smallest: false }, [flat], { name: "label", dtype: n > 256 ? "i16" : "u8" });
  }

  private format(v: Value): Pick<Template, "dtype" | "quant"> {
    const { dtype, quant } = this.tensor(v);
    return { dtype, ...(quant ? { quant } : {}) };
  }
}

/** Lowers all nodes; every operator that nobody claims is named at once, before all else. */
export function lowerNodes(format: NetFormat, nodes: readonly ForeignNode[], file: string): ReadonlyMap<string, NetLowering> {
  const table = netLowerings(format);
  const missing = nodes.filter((n) => !table.has(n.type));
  if (missing.length > 0) {
    const list = [...new Set(missing.map((n) => n.type))].map((type) => `${type} (${missing.filter((n) => n.type === type).map((n) => n.name).slice(0, 3).join(", ")}; ${cureOf(type)})`);
    fail("network/unsupported-operator", file, `${missing.length} of ${nodes.length} nodes have operators that coincell does not know: ${list.join("; ")}`, `Supported: ${[...table.keys()].sort().join(", ")}. Replace the layer by supported ones and convert again.`);
  }
  return table;
}
