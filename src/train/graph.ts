/** From what a learner found to a graph: nodes in order, shapes inferred and checked by the operators. */
import type { AnyNode, Attrs, Graph, GraphOutput, OutputRole, Task, Tensor } from "../ir/types.js";
import { findOp } from "../ops/registry.js";

/** A value while a graph is being made: an index into its tensors. */
export type Value = number;

export interface GraphHead {
  /** Name of the learner. */
  readonly learner: string;
  readonly task: Task;
  readonly featureNames: readonly string[];
  /** Names of the label values, by index; empty where there is no label. */
  readonly labels: readonly (string | number)[];
}

export interface GraphMaker {
  /** The input of the graph, shape (features). */
  readonly x: Value;
  /** Adds a node; gives its first output. @throws CoincellError where attributes and inputs do not agree. */
  add(op: string, attrs: Attrs, inputs: readonly Value[]): Value;
  output(role: OutputRole, v: Value): void;
  note(text: string): void;
  finish(): Graph;
}

export function makeGraph(head: GraphHead): GraphMaker {
  const tensors: Tensor[] = [{ name: "input", dtype: "f64", shape: [head.featureNames.length] }];
  const nodes: AnyNode[] = [];
  const outputs: GraphOutput[] = [];
  const notes: string[] = [];
  const add = (op: string, attrs: Attrs, inputs: readonly Value[]): Value => {
    const shapes = findOp(op).infer(attrs, inputs.map((i) => tensors[i]?.shape ?? []));
    const name = `${op}_${nodes.filter((n) => n.op === op).length}`;
    const first = tensors.length;
    shapes.forEach((shape, i) => tensors.push({ name: shapes.length === 1 ? name : `${name}_${i}`, dtype: "f64", shape }));
    nodes.push({ name, op, attrs, inputs, outputs: shapes.map((_, i) => first + i) });
    return first;
  };
  return {
    x: 0, add,
    output: (role, tensor) => { outputs.push({ role, tensor }); },
    note: (text) => { notes.push(text); },
    finish: () => ({
      name: head.learner.replaceAll("-", "_"), task: head.task, labels: head.labels, featureNames: head.featureNames,
      tensors, nodes, input: 0, outputs, source: `coincell ${head.learner}`, notes,
    }),
  };
}
