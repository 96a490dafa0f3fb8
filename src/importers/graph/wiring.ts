/** What a graph file must obey beyond its fields: operators get what they take, and every tensor is made once, before it is read. */
import { CoincellError } from "../../ir/diagnostics.js";
import type { AnyOp } from "../../ir/op.js";
import { count, dtypeOf, type AnyNode, type AttrValue, type Graph, type Tensor } from "../../ir/types.js";
import { findOp } from "../../ops/registry.js";
import { bad } from "./fields.js";

const kindOf = (v: AttrValue): string => (typeof v === "object" ? dtypeOf(v) : typeof v);

/** What the operator's own cases show of its attributes: those in every case are needed, and each has the kinds seen there. */
function checkAttrs(n: AnyNode, where: string): void {
  const { cases: plain, layerCases = [] } = findOp(n.op);
  const cases = [...plain, ...layerCases];
  for (const key of new Set(cases.flatMap((c) => Object.keys(c.attrs)))) {
    const given = n.attrs[key];
    const seen = cases.flatMap((c) => { const v = c.attrs[key]; return v === undefined ? [] : [kindOf(v)]; });
    if (given === undefined ? seen.length === cases.length : !seen.includes(kindOf(given))) bad(`${where}.attrs.${key}`, `${n.op} wants ${[...new Set(seen)].join(" or ")}, found ${given === undefined ? "nothing" : kindOf(given)}`);
  }
}

/** Runs a part of the operator on attributes that nobody has checked yet: a missing or wrong one may surface as any error. */
function guarded<T>(n: AnyNode, where: string, work: () => T): T {
  try {
    return work();
  } catch (e) {
    if (e instanceof CoincellError) throw e;
    return bad(`${where}.attrs`, `the attributes are not those of ${n.op}`);
  }
}

/** Weights may be fewer than the operator can take (a layer without bias), operands of a variadic one any number. */
function checkArity(n: AnyNode, op: AnyOp, where: string): void {
  const least = op.inputs.length;
  const most = op.variadic ? Infinity : least + (op.constants?.length ?? 0);
  if (n.inputs.length < least || n.inputs.length > most) bad(where, `${n.op} takes ${least === most ? least : `${least} to ${most}`} inputs, found ${n.inputs.length}`);
}

const none = { min: new Float64Array(0), max: new Float64Array(0), mean: new Float64Array(0) };

/** A layer of a network is prepared, as it will be for the device; a node of a classical model computes zeros, which costs nothing. */
function tryNode(graph: Graph, n: AnyNode, op: AnyOp, tensors: Tensor[], network: boolean): void {
  const [inputs, outputs] = [n.inputs, n.outputs].map((list) => list.map((t) => tensors[t] as Tensor)) as [Tensor[], Tensor[]];
  if (!network) op.float(n.attrs, inputs.map((t) => new Float64Array(count(t.shape))));
  else if (op.prepare && op.traits.view !== true) {
    const arithmetic = graph.tensors[graph.input]?.dtype === "f32" ? "float" : "int";
    const made = op.prepare({ attrs: n.attrs, arithmetic, inputs, outputs, inputStats: inputs.map(() => none), outputStats: outputs.map(() => none), perElementOutput: false, level: op.levels - 1 });
    n.outputs.forEach((t, i) => { const f = made.outputs[i]; if (f) tensors[t] = { ...(tensors[t] as Tensor), dtype: f.dtype, ...(f.quant ? { quant: f.quant } : {}) }; });
  }
}

/** Tensors that are there before the first node. */
function fromTheStart(graph: Graph, file: string): Set<number> {
  const inputs = [graph.input, ...(graph.moreInputs ?? [])];
  if (new Set(inputs).size !== inputs.length) bad(`${file}: moreInputs`, "an input is given twice");
  for (const t of inputs) if (graph.tensors[t]?.data || graph.tensors[t]?.state) bad(`${file}: input`, `tensor ${t} is a constant or a state`);
  return new Set([...inputs, ...graph.tensors.flatMap((t, i) => (t.data || t.state ? [i] : []))]);
}

function checkOutputs(graph: Graph, made: ReadonlySet<number>, file: string): void {
  for (const o of graph.outputs) if (!made.has(o.tensor)) bad(`${file}: outputs`, `tensor ${o.tensor} is made by no node`);
  if (!graph.outputs.some((o) => o.role === "scores")) bad(`${file}: outputs`, "there are no scores");
  const roles = graph.outputs.map((o) => o.role).filter((r) => r !== "more");
  if (new Set(roles).size !== roles.length) bad(`${file}: outputs`, "a role is given twice");
}

/** Every tensor is made once, before it is read, with the shape its operator gives it. */
export function checkWiring(graph: Graph, file: string): void {
  const network = graph.tensors[graph.input]?.dtype !== "f64";
  const tensors = [...graph.tensors];
  const made = fromTheStart(graph, file);
  graph.nodes.forEach((n, k) => {
    const where = `${file}: nodes[${k}]`;
    const op = findOp(n.op);
    for (const t of n.inputs) if (!made.has(t)) bad(where, `tensor ${t} is read before it is made`);
    checkArity(n, op, where);
    checkAttrs(n, where);
    const shapes = guarded(n, where, () => op.infer(n.attrs, n.inputs.map((t) => graph.tensors[t]?.shape ?? [])));
    if (shapes.length !== n.outputs.length) bad(where, `${n.op} makes ${shapes.length} tensors, found ${n.outputs.length}`);
    n.outputs.forEach((t, i) => {
      if (made.has(t)) bad(where, `tensor ${t} is made twice`);
      made.add(t);
      if (String(graph.tensors[t]?.shape) !== String(shapes[i])) bad(where, `tensor ${t} has the shape ${String(graph.tensors[t]?.shape)}, ${n.op} makes ${String(shapes[i])}`);
    });
    guarded(n, where, () => tryNode(graph, n, op, tensors, network));
  });
  checkOutputs(graph, made, file);
}
