/** Builds a graph while an importer walks a file; shapes are inferred and checked at every node. */
import { fail } from "../ir/diagnostics.js";
import type { Foreign } from "../ir/foreign.js";
import type { Builder, ForeignFormat, Lowering, Value } from "../ir/op.js";
import type { AnyNode, Attrs, Graph, GraphOutput, OutputRole, Task, Tensor } from "../ir/types.js";
import { findOp, lowerings as claims } from "../ops/registry.js";

export class GraphBuilder {
  readonly tensors: Tensor[] = [];
  readonly nodes: AnyNode[] = [];
  private readonly outputs: GraphOutput[] = [];
  private readonly notes: string[] = [];
  private labels: readonly (string | number)[] = [];
  private task: Task = "transform";
  private featureNames: readonly string[] = [];

  constructor(features: number, private readonly lowerings: ReadonlyMap<string, Lowering>, private readonly lowerForeign: (f: Foreign, b: GraphBuilder, x: Value) => Value) {
    this.tensors.push({ name: "input", dtype: "f64", shape: [features] });
  }

  setFeatureNames(names: readonly string[]): void {
    this.featureNames = names;
  }

  setLabels(labels: readonly (string | number)[]): void {
    this.labels = labels;
  }

  get labelCount(): number {
    return this.labels.length;
  }

  note(text: string): void {
    this.notes.push(text);
  }

  lowering(type: string): Lowering | undefined {
    return this.lowerings.get(type);
  }

  /** The face operators' `from` functions see, with `x` as their input. */
  at(x: Value): Builder {
    return {
      x,
      features: (v) => this.tensors[v]?.shape[0] ?? 0,
      add: (op, attrs, inputs, name) => this.add(op, attrs, inputs, name),
      output: (role, v) => this.output(role, v),
      setLabels: (labels) => this.setLabels(labels),
      setTask: (task) => { this.task = task; },
      note: (text) => this.note(text),
      lower: (f, v) => this.lowerForeign(f, this, v),
    };
  }

  private add(op: string, attrs: Attrs, inputs: readonly Value[], name?: string): Value {
    const shapes = findOp(op).infer(attrs, inputs.map((i) => this.tensors[i]?.shape ?? []));
    const label = name ?? `${op}_${this.nodes.filter((n) => n.op === op).length}`;
    const first = this.tensors.length;
    shapes.forEach((shape, i) => this.tensors.push({ name: shapes.length === 1 ? label : `${label}_${i}`, dtype: "f64", shape }));
    this.nodes.push({ name: label, op, attrs, inputs, outputs: shapes.map((_, i) => first + i) });
    return first;
  }

  /** A tensor without a maker, for a claim whose input is decided afterwards. */
  phantom(features: number): Value {
    return this.tensors.push({ name: "phantom", dtype: "f64", shape: [features] }) - 1;
  }

  /** Adds a node in front of node `at`. */
  insertAt(at: number, op: string, attrs: Attrs, x: Value): Value {
    const v = this.add(op, attrs, [x]);
    const node = this.nodes.pop();
    if (node) this.nodes.splice(at, 0, node);
    return v;
  }

  private output(role: OutputRole, tensor: Value): void {
    if (this.outputs.some((o) => o.role === role)) fail("import/two-models", "model", `two ${role} outputs`, "Supported: one model a file.");
    this.outputs.push({ role, tensor });
  }

  /** `last` is the value of the file's last object: the output when nothing else was named. */
  finish(name: string, source: string, last: Value): Graph {
    const outputs = this.outputs.some((o) => o.role === "scores") ? this.outputs : [...this.outputs, { role: "scores" as const, tensor: last }];
    const features = this.tensors[0]?.shape[0] ?? 0;
    const featureNames = this.featureNames.length === features ? this.featureNames : Array.from({ length: features }, (_, i) => `f${i}`);
    return { name, task: this.task, labels: this.labels, featureNames, tensors: this.tensors, nodes: this.nodes, input: 0, outputs, source, notes: this.notes };
  }
}

interface Single { readonly features: number; readonly names: readonly string[]; readonly file: string; readonly source: string }

/** The graph of a file that holds one object, claimed as a whole by an operator. */
export function buildOne(format: ForeignFormat, f: Foreign, about: Single): Graph {
  const table = claims(format);
  const lowerIt = (g: Foreign, b: GraphBuilder, x: Value): Value => {
    const lowering = table.get(g.type) ?? fail(`${format}/unsupported`, g.where, `${g.type} is not supported`, `Supported: ${[...table.keys()].join(", ")}.`);
    return lowering(g, b.at(x));
  };
  const b = new GraphBuilder(about.features, table, lowerIt);
  b.setFeatureNames(about.names);
  return b.finish(about.file, about.source, lowerIt(f, b, 0));
}
