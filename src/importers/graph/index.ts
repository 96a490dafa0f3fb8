/** coincell's own graph file: a {@link Graph} as JSON, written by `coincell import`, read back bit for bit. Schema version 1. */
import { CoincellError, fail } from "../../ir/diagnostics.js";
import { count, dtypeOf, type AnyNode, type Attrs, type AttrValue, type Graph, type GraphOutput, type Quant, type Shape, type Task, type Tensor } from "../../ir/types.js";
import { findOp, hasOp, allOps } from "../../ops/registry.js";
import { readArray, writeArray } from "./arrays.js";
import { bad, list, number, object, oneOf, text, whole, type Json } from "./fields.js";

const VERSION = 1;
const MAX_NODES = 10_000;
const MAX_ELEMENTS = 1_000_000;
const MAX_FEATURES = 32_767;
const tasks: readonly Task[] = ["classification", "regression", "anomaly", "clustering", "transform"];

/** JSON knows no NaN, infinities or -0; they never occur in a graph, but a silent null would be a wrong model. */
const writeAttr = (v: AttrValue): Json =>
  typeof v === "object" ? writeArray(v) : typeof v === "number" && (!Number.isFinite(v) || Object.is(v, -0)) ? { number: String(Object.is(v, -0) ? "-0" : v) } : v;

/** The graph as the text of a graph file. */
export function writeGraph(graph: Graph): string {
  const { name, task, source, notes, labels, featureNames, tensors, input, outputs } = graph;
  const nodes = graph.nodes.map((n) => ({ ...n, attrs: Object.fromEntries(Object.entries(n.attrs).map(([k, v]) => [k, writeAttr(v)])) }));
  return `${JSON.stringify({ coincell: "graph", version: VERSION, name, task, source, notes, labels, featureNames, input, outputs, tensors, nodes }, null, 1)}\n`;
}

export const sniffGraph = (bytes: Uint8Array): boolean => /^\s*\{\s*"coincell"\s*:\s*"graph"/.test(Buffer.from(bytes.subarray(0, 200)).toString("latin1"));

function readShape(v: Json | undefined, where: string): Shape {
  const shape = list(v, where, 8).map((n, i) => whole(n, `${where}[${i}]`, 1, MAX_ELEMENTS));
  return shape.length > 0 && count(shape) <= MAX_ELEMENTS ? shape : bad(where, `the shape ${shape.join(" x ")} is empty or too large`);
}

function readQuant(v: Json, where: string): Quant {
  const o = object(v, where);
  const numbers = (key: string): readonly number[] => list(o[key], `${where}.${key}`, MAX_ELEMENTS).map((n, i) => number(n, `${where}.${key}[${i}]`));
  return { scale: numbers("scale"), zero: numbers("zero") };
}

function readTensor(v: Json, where: string): Tensor {
  const o = object(v, where);
  const dtype = oneOf(o["dtype"], `${where}.dtype`, ["f64", "f32", "i32", "u32", "i16", "u16", "i8", "u8"]);
  const tensor = { name: text(o["name"], `${where}.name`), dtype, shape: readShape(o["shape"], `${where}.shape`) };
  return o["quant"] === undefined ? tensor : { ...tensor, quant: readQuant(o["quant"], `${where}.quant`) };
}

function readAttr(v: Json, where: string): AttrValue {
  if (typeof v === "number" || typeof v === "string" || typeof v === "boolean") return v;
  const o = object(v, where);
  if (o["$"] !== undefined) return readArray(o, where);
  return Number(oneOf(o["number"], `${where}.number`, ["NaN", "Infinity", "-Infinity", "-0"]));
}

function readNode(v: Json, where: string, tensors: number): AnyNode {
  const o = object(v, where);
  const op = text(o["op"], `${where}.op`);
  if (!hasOp(op)) fail("graph/unknown-operator", where, `there is no operator "${op.slice(0, 60)}"`, `Operators: ${allOps.map((a) => a.name).join(", ")}. Update coincell if the file was written by a newer version.`);
  const attrs: Attrs = Object.fromEntries(Object.entries(object(o["attrs"], `${where}.attrs`)).map(([k, a]) => [k, readAttr(a, `${where}.attrs.${k}`)]));
  const indices = (key: string): readonly number[] => list(o[key], `${where}.${key}`, 64).map((t, i) => whole(t, `${where}.${key}[${i}]`, 0, tensors - 1));
  return { name: text(o["name"], `${where}.name`), op, attrs, inputs: indices("inputs"), outputs: indices("outputs") };
}

const kindOf = (v: AttrValue): string => (typeof v === "object" ? dtypeOf(v) : typeof v);

/** What the operator's own cases show of its attributes: those in every case are needed, and each has the kinds seen there. */
function checkAttrs(n: AnyNode, where: string): void {
  const { cases } = findOp(n.op);
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

/** Every tensor is made once, before it is read, with the shape its operator gives it. */
function checkWiring(graph: Graph, file: string): void {
  const made = new Set([graph.input]);
  graph.nodes.forEach((n, k) => {
    const where = `${file}: nodes[${k}]`;
    for (const t of n.inputs) if (!made.has(t)) bad(where, `tensor ${t} is read before it is made`);
    const wanted = findOp(n.op).inputs.length;
    if (n.inputs.length !== wanted) bad(where, `${n.op} takes ${wanted} inputs, found ${n.inputs.length}`);
    checkAttrs(n, where);
    const given = n.inputs.map((t) => graph.tensors[t]?.shape ?? []);
    const shapes = guarded(n, where, () => findOp(n.op).infer(n.attrs, given));
    if (shapes.length !== n.outputs.length) bad(where, `${n.op} makes ${shapes.length} tensors, found ${n.outputs.length}`);
    n.outputs.forEach((t, i) => {
      if (made.has(t)) bad(where, `tensor ${t} is made twice`);
      made.add(t);
      if (String(graph.tensors[t]?.shape) !== String(shapes[i])) bad(where, `tensor ${t} has the shape ${String(graph.tensors[t]?.shape)}, ${n.op} makes ${String(shapes[i])}`);
    });
    guarded(n, where, () => findOp(n.op).float(n.attrs, given.map((s) => new Float64Array(count(s)))));
  });
  for (const o of graph.outputs) if (!made.has(o.tensor)) bad(`${file}: outputs`, `tensor ${o.tensor} is made by no node`);
  if (!graph.outputs.some((o) => o.role === "scores")) bad(`${file}: outputs`, "there are no scores");
  if (new Set(graph.outputs.map((o) => o.role)).size !== graph.outputs.length) bad(`${file}: outputs`, "a role is given twice");
}

function parse(bytes: Uint8Array, file: string): { readonly [k: string]: Json } {
  let v: Json;
  try {
    v = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Json;
  } catch (e) {
    return bad(file, `this is no whole JSON document: ${e instanceof Error ? e.message.slice(0, 80) : ""}`);
  }
  const o = object(v, file);
  if (o["coincell"] !== "graph") return bad(file, "this is no graph file");
  if (o["version"] !== VERSION) return fail("graph/unknown-version", file, `schema version ${JSON.stringify(o["version"] ?? null)}`, `Supported: ${VERSION}. Update coincell, or import the original model again.`);
  return o;
}

/** @throws CoincellError graph/… on anything that is not a whole, legal graph. */
export function readGraph(bytes: Uint8Array, file: string): Graph {
  const o = parse(bytes, file);
  const at = (key: string): string => `${file}: ${key}`;
  const tensors = list(o["tensors"], at("tensors"), MAX_NODES * 4).map((t, i) => readTensor(t, `${file}: tensors[${i}]`));
  const input = whole(o["input"], at("input"), 0, tensors.length - 1);
  const features = tensors[input]?.shape ?? [];
  if (features.length !== 1 || (features[0] ?? 0) > MAX_FEATURES) bad(at("input"), `the input has the shape ${features.join(" x ")}; one dimension of at most ${MAX_FEATURES} is supported`);
  const outputs = list(o["outputs"], at("outputs"), 2).map((v, i): GraphOutput => {
    const where = `${file}: outputs[${i}]`;
    const { role, tensor } = object(v, where);
    return { role: oneOf(role, `${where}.role`, ["label", "scores"]), tensor: whole(tensor, `${where}.tensor`, 0, tensors.length - 1) };
  });
  const texts = (key: string, max: number): readonly string[] => list(o[key], at(key), max).map((t, i) => text(t, `${file}: ${key}[${i}]`));
  const graph: Graph = {
    name: text(o["name"], at("name")), task: oneOf(o["task"], at("task"), tasks), source: text(o["source"], at("source")),
    notes: texts("notes", 1000), featureNames: texts("featureNames", MAX_FEATURES),
    labels: list(o["labels"], at("labels"), 65_536).map((l, i) => (typeof l === "string" ? l : number(l, `${file}: labels[${i}]`))),
    nodes: list(o["nodes"], at("nodes"), MAX_NODES).map((n, i) => readNode(n, `${file}: nodes[${i}]`, tensors.length)),
    tensors, input, outputs,
  };
  checkWiring(graph, file);
  return graph;
}
