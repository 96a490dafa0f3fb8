/** Networks whose tensors have their types and scales already (.tflite, QDQ, our own quantiser, float32): every node is prepared once. */
import { fail } from "../../ir/diagnostics.js";
import type { AnyOp, Format, Prepared, Program, Step } from "../../ir/op.js";
import type { AnyNode, Graph, Tensor } from "../../ir/types.js";
import { findOp } from "../../ops/registry.js";

/** A network says the type of every tensor; a classical model is all double precision until its widths are chosen. */
export const isNetwork = (graph: Graph): boolean => graph.tensors[graph.input]?.dtype !== "f64";

const none = { min: new Float64Array(0), max: new Float64Array(0), mean: new Float64Array(0) };

/** Inputs that reach the kernel as pointers; constants behind them are inside its parameters. */
const given = (n: AnyNode, op: AnyOp): readonly number[] => (op.variadic ? n.inputs : n.inputs.slice(0, op.inputs.length));

export function prepareNode(n: AnyNode, op: AnyOp, tensors: readonly Tensor[], arithmetic: Program["arithmetic"]): Prepared<never> {
  if (!op.prepare) return fail("compile/host-only", n.name, `${op.name} has no device form`, op.traits.hostOnly ?? "");
  const [inputs, outputs] = [n.inputs, n.outputs].map((list) => list.map((t) => tensors[t] as Tensor)) as [Tensor[], Tensor[]];
  op.constants?.forEach((name, i) => {
    const t = inputs[op.inputs.length + i];
    if (t && !t.data) fail("network/computed-weights", n.name, `${name} of ${op.name} is computed by the network itself`, `Supported: ${name} stored in the file. Fold it into a constant before converting the model.`);
  });
  return op.prepare({
    attrs: n.attrs, arithmetic, inputs, outputs, inputStats: inputs.map(() => none), outputStats: outputs.map(() => none), perElementOutput: false, level: op.levels - 1,
  }) as Prepared<never>;
}

const formatted = (t: Tensor, f: Format | undefined): Tensor => ({ ...t, dtype: f?.dtype ?? t.dtype, ...(f?.quant ? { quant: f.quant } : {}) });

/** The program of a network: types as the graph has them, shapes untouched, views without a step. */
export function prepareNetwork(graph: Graph): Program {
  const arithmetic = graph.tensors[graph.input]?.dtype === "f32" ? "float" : "int";
  const tensors = [...graph.tensors];
  const home = tensors.map((_, i) => i);
  const at = (t: number): number => home[t] ?? t;
  const steps: Step[] = [];
  for (const n of graph.nodes) {
    const op = findOp(n.op);
    const [from = 0] = n.inputs;
    const [to = 0] = n.outputs;
    if (op.traits.view === true) { home[to] = at(from); continue; }
    const made = prepareNode(n, op, tensors, arithmetic);
    n.outputs.forEach((t, i) => { tensors[t] = formatted(tensors[t] as Tensor, made.outputs[i]); });
    const macs = op.traits.macs?.(n.attrs, { inputs: n.inputs.map((t) => tensors[t] as Tensor), outputs: n.outputs.map((t) => tensors[t] as Tensor) });
    steps.push({ name: n.name, op: n.op, params: made.params, inputs: given(n, op).map(at), outputs: n.outputs, real: tensors[from]?.dtype === "f32", ...(made.scratch ? { scratch: made.scratch } : {}), ...(macs ? { macs } : {}) });
  }
  const tensorOf = (role: string): number | undefined => graph.outputs.find((o) => o.role === role)?.tensor;
  const scores = tensorOf("scores") ?? graph.input;
  const label = tensorOf("label");
  return {
    name: graph.name, task: graph.task, labels: graph.labels, featureNames: graph.featureNames, arithmetic, tensors, steps,
    input: graph.input, moreInputs: graph.moreInputs ?? [], moreOutputs: graph.outputs.filter((o) => o.role === "more").map((o) => at(o.tensor)),
    label: label === undefined ? null : at(label), scores: at(scores), scoresView: tensors[scores] as Tensor, host: [], source: graph.source,
  };
}
