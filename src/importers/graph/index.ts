/** coincell's own graph file: a {@link Graph} as JSON, written by `coincell import`, read back bit for bit. Schema version 1. */
import { fail } from "../../ir/diagnostics.js";
import { count, dtypeOf, type AnyNode, type Attrs, type AttrValue, type DType, type Graph, type GraphOutput, type Quant, type Shape, type Task, type Tensor, type TypedArray } from "../../ir/types.js";
import { hasOp, allOps } from "../../ops/registry.js";
import { readArray, writeArray } from "./arrays.js";
import { bad, list, number, object, oneOf, text, whole, type Json } from "./fields.js";
import { checkWiring } from "./wiring.js";

const VERSION = 1;
const MAX_NODES = 10_000;
const MAX_ELEMENTS = 1_000_000;
/** Inputs, outputs. */
const MAX_PORTS = 64;
const MAX_FEATURES = 32_767;
const tasks: readonly Task[] = ["classification", "regression", "anomaly", "clustering", "transform"];

/** JSON knows no NaN, infinities or -0; they never occur in a graph, but a silent null would be a wrong model. */
const writeAttr = (v: AttrValue): Json =>
  typeof v === "object" ? writeArray(v) : typeof v === "number" && (!Number.isFinite(v) || Object.is(v, -0)) ? { number: String(Object.is(v, -0) ? "-0" : v) } : v;

/** The graph as the text of a graph file. */
export function writeGraph(graph: Graph): string {
  const { name, task, source, notes, labels, featureNames, input, moreInputs, outputs } = graph;
  const tensors = graph.tensors.map((t) => ({ ...t, ...(t.data ? { data: writeArray(t.data) } : {}), ...(t.start ? { start: writeArray(t.start) } : {}) }));
  const nodes = graph.nodes.map((n) => ({ ...n, attrs: Object.fromEntries(Object.entries(n.attrs).map(([k, v]) => [k, writeAttr(v)])) }));
  return `${JSON.stringify({ coincell: "graph", version: VERSION, name, task, source, notes, labels, featureNames, input, ...(moreInputs ? { moreInputs } : {}), outputs, tensors, nodes }, null, 1)}\n`;
}

export const sniffGraph = (bytes: Uint8Array): boolean => /^\s*\{\s*"coincell"\s*:\s*"graph"/.test(Buffer.from(bytes.subarray(0, 200)).toString("latin1"));

function readShape(v: Json | undefined, where: string): Shape {
  const shape = list(v, where, 8).map((n, i) => whole(n, `${where}[${i}]`, 1, MAX_ELEMENTS));
  return shape.length > 0 && count(shape) <= MAX_ELEMENTS ? shape : bad(where, `the shape ${shape.join(" x ")} is empty or too large`);
}

/** One scale for all, or one for each element of an axis (the last where none is named). */
function readQuant(v: Json, where: string, shape: Shape): Quant {
  const o = object(v, where);
  const numbers = (key: string): readonly number[] => list(o[key], `${where}.${key}`, MAX_ELEMENTS).map((n, i) => number(n, `${where}.${key}[${i}]`));
  const axis = o["axis"] === undefined ? null : whole(o["axis"], `${where}.axis`, 0, shape.length - 1);
  const bits = o["bits"] === undefined ? null : whole(o["bits"], `${where}.bits`, 1, 32);
  const [scale, zero] = [numbers("scale"), numbers("zero")];
  const along = shape[axis ?? shape.length - 1];
  for (const [key, { length }] of [["scale", scale], ["zero", zero]] as const) if (length !== 1 && length !== along) bad(`${where}.${key}`, `${length} numbers for a tensor (${shape.join(" x ")})`);
  return { scale, zero, ...(axis === null ? {} : { axis }), ...(bits === null ? {} : { bits }) };
}

function readData(v: Json, where: string, dtype: DType, shape: Shape): TypedArray {
  const data = readArray(v, where);
  if (dtypeOf(data) !== dtype) return bad(where, `values of type ${dtypeOf(data)} in a tensor of type ${dtype}`);
  return data.length === count(shape) ? data : bad(where, `${data.length} values for the shape ${shape.join(" x ")}`);
}

function readTensor(v: Json, where: string): Tensor {
  const o = object(v, where);
  const dtype = oneOf(o["dtype"], `${where}.dtype`, ["f64", "f32", "i32", "u32", "i16", "u16", "i8", "u8"]);
  const shape = readShape(o["shape"], `${where}.shape`);
  if (o["state"] !== undefined && (o["state"] !== true || o["data"] !== undefined)) bad(`${where}.state`, "true is wanted, and no values beside it");
  if (o["start"] !== undefined && o["state"] !== true) bad(`${where}.start`, "only a state starts with values");
  return {
    name: text(o["name"], `${where}.name`), dtype, shape, ...(o["quant"] === undefined ? {} : { quant: readQuant(o["quant"], `${where}.quant`, shape) }),
    ...(o["data"] === undefined ? {} : { data: readData(o["data"], `${where}.data`, dtype, shape) }), ...(o["state"] === undefined ? {} : { state: true as const }),
    ...(o["start"] === undefined ? {} : { start: readData(o["start"], `${where}.start`, dtype, shape) }),
  };
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
  const index = (v: Json | undefined, where: string): number => whole(v, where, 0, tensors.length - 1);
  const input = index(o["input"], at("input"));
  const moreInputs = o["moreInputs"] === undefined ? null : list(o["moreInputs"], at("moreInputs"), MAX_PORTS).map((t, i) => index(t, `${file}: moreInputs[${i}]`));
  const features = tensors[input]?.shape ?? [];
  const classical = tensors[input]?.dtype === "f64";
  if (classical && (features.length !== 1 || (features[0] ?? 0) > MAX_FEATURES)) bad(at("input"), `the input has the shape ${features.join(" x ")}; one dimension of at most ${MAX_FEATURES} is supported`);
  const outputs = list(o["outputs"], at("outputs"), classical ? 2 : MAX_PORTS).map((v, i): GraphOutput => {
    const where = `${file}: outputs[${i}]`;
    const { role, tensor } = object(v, where);
    return { role: oneOf(role, `${where}.role`, classical ? ["label", "scores"] : ["label", "scores", "more"]), tensor: index(tensor, `${where}.tensor`) };
  });
  const texts = (key: string, max: number): readonly string[] => list(o[key], at(key), max).map((t, i) => text(t, `${file}: ${key}[${i}]`));
  const graph: Graph = {
    name: text(o["name"], at("name")), task: oneOf(o["task"], at("task"), tasks), source: text(o["source"], at("source")),
    notes: texts("notes", 1000), featureNames: texts("featureNames", MAX_FEATURES),
    labels: list(o["labels"], at("labels"), 65_536).map((l, i) => (typeof l === "string" ? l : number(l, `${file}: labels[${i}]`))),
    nodes: list(o["nodes"], at("nodes"), MAX_NODES).map((n, i) => readNode(n, `${file}: nodes[${i}]`, tensors.length)),
    tensors, input, ...(moreInputs ? { moreInputs } : {}), outputs,
  };
  checkWiring(graph, file);
  return graph;
}
