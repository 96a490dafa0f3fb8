/** GraphProto, NodeProto, AttributeProto and ValueInfoProto → plain data; source: onnx.proto, IR version 11. */
import { fail } from "../../ir/diagnostics.js";
import type { Foreign, ForeignValue, NdArray } from "../../ir/foreign.js";
import { Wire } from "./protobuf.js";
import { elemTypeName, readTensor, type OnnxTensor } from "./tensor.js";

export interface OnnxValueInfo {
  readonly name: string;
  /** `float32`, `int64`, `string` …, or `sequence`, `map`, `optional`, `sparse` for what is no plain tensor, or `unknown`. */
  readonly elemType: string;
  /** A number, the name of a symbolic dimension, or null (unknown) each; null when not even the rank is known. */
  readonly shape: readonly (number | string | null)[] | null;
}

export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  readonly nodes: readonly Foreign[];
}

/** What one file may still ask for: every decoded message costs one, so that two-byte messages cannot fill the memory. */
export interface Budget {
  readonly file: string;
  messages: number;
}

const MAX_DEPTH = 8;

export function spend(budget: Budget): void {
  if (--budget.messages < 0) {
    fail("onnx/too-large", budget.file, "the file holds more than 1000000 nodes, names, attributes and tensors",
      "No microcontroller runs a graph of that size; if the model is real, simplify it first");
  }
}

function damaged(where: string, what: string): never {
  return fail("onnx/bad-graph", where, what, "Export the model again, and check it with onnx.checker.check_model");
}

function readShape(bytes: Uint8Array, where: string): (number | string | null)[] {
  const shape: (number | string | null)[] = [];
  const w = new Wire(bytes, where);
  while (w.next()) {
    if (w.number !== 1) {
      w.skip();
      continue;
    }
    if (shape.length >= 16) damaged(where, "more than 16 dimensions");
    const d = new Wire(w.chunk(), where);
    let size: number | string | null = null;
    while (d.next()) {
      if (d.number === 1) size = d.integer();
      else if (d.number === 2) size = d.text() || null;
      else d.skip();
    }
    // Some exporters write -1 (or 0 for a batch) where the size is not known.
    shape.push(typeof size === "number" && size < 0 ? null : size);
  }
  return shape;
}

function readType(bytes: Uint8Array, where: string): { elemType: string; shape: (number | string | null)[] | null } {
  const others: Readonly<Record<number, string>> = { 4: "sequence", 5: "map", 7: "opaque", 8: "sparse", 9: "optional" };
  const w = new Wire(bytes, where);
  let elemType = "unknown";
  let shape: (number | string | null)[] | null = null;
  while (w.next()) {
    if (w.number !== 1) {
      elemType = others[w.number] ?? elemType;
      w.skip();
      continue;
    }
    const t = new Wire(w.chunk(), where);
    while (t.next()) {
      if (t.number === 1) elemType = elemTypeName(t.integer());
      else if (t.number === 2) shape = readShape(t.chunk(), where);
      else t.skip();
    }
  }
  return { elemType, shape };
}

function readValueInfo(bytes: Uint8Array, where: string): OnnxValueInfo {
  const w = new Wire(bytes, where);
  let name = "";
  let type: ReturnType<typeof readType> = { elemType: "unknown", shape: null };
  while (w.next()) {
    if (w.number === 1) name = w.text();
    else if (w.number === 2) type = readType(w.chunk(), `${where} value "${name.slice(0, 80)}"`);
    else w.skip();
  }
  return { name, ...type };
}

interface RawAttribute {
  name: string;
  type: number;
  /** Every value field met, by field number. */
  readonly values: Map<number, ForeignValue>;
  readonly ints: (number | bigint)[];
  readonly floats: number[];
  readonly strings: string[];
  readonly many: ForeignValue[];
}

const oneD = (data: readonly number[]): NdArray => ({ kind: "ndarray", shape: [data.length], data: Float64Array.from(data) });

/** Fields of AttributeProto by its `type` enum. */
const VALUE_FIELD: readonly number[] = [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

function attributeText(w: Wire): string | Uint8Array {
  const bytes = w.chunk();
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.slice();
  }
}

function readRawAttribute(bytes: Uint8Array, where: string, depth: number, budget: Budget): RawAttribute {
  const a: RawAttribute = { name: "", type: 0, values: new Map(), ints: [], floats: [], strings: [], many: [] };
  const w = new Wire(bytes, where);
  while (w.next()) {
    switch (w.number) {
      case 1: a.name = w.text(); break;
      case 2: a.values.set(2, w.float32()); break;
      case 3: a.values.set(3, w.int64()); break;
      case 4: a.values.set(4, attributeText(w)); break;
      case 5: spend(budget); a.values.set(5, readTensor(w.chunk(), where).tensor); break;
      case 6: a.values.set(6, graphForeign(readGraph(w.chunk(), where, depth + 1, budget), where)); break;
      case 7: w.floatList(a.floats, 4); break;
      case 8: w.int64List(a.ints); break;
      case 9: spend(budget); a.strings.push(w.text()); break;
      case 10: spend(budget); a.many.push(readTensor(w.chunk(), where).tensor); break;
      case 11: a.many.push(graphForeign(readGraph(w.chunk(), where, depth + 1, budget), where)); break;
      case 20: a.type = w.integer(); break;
      case 21: damaged(where, `attribute "${a.name.slice(0, 80)}" refers to an attribute of a function`); break;
      default: w.skip();
    }
  }
  return a;
}

function readAttribute(bytes: Uint8Array, where: string, depth: number, budget: Budget): [string, ForeignValue] {
  const a = readRawAttribute(bytes, where, depth, budget);
  const at = `${where} attribute "${a.name.slice(0, 80)}"`;
  if (a.name === "" || a.name.startsWith("__")) damaged(at, "an attribute name that ONNX does not allow");
  if (a.type < 0 || a.type > 14) damaged(at, `unknown attribute type ${a.type}`);
  if (a.type > 10) {
    fail("onnx/attribute-type", at, "sparse tensors and types as attributes are not supported",
      "Supported are numbers, strings, tensors, graphs and lists of them; store the tensor dense");
  }
  if (a.ints.length) {
    const exact = a.ints.filter((v) => typeof v === "number");
    a.values.set(8, exact.length === a.ints.length ? oneD(exact) : a.ints);
  }
  if (a.floats.length) a.values.set(7, oneD(a.floats));
  if (a.strings.length) a.values.set(9, a.strings);
  if (a.many.length) a.values.set(a.type === 10 ? 11 : 10, a.many);
  // Files of IR version 1 carry no type: the one value that is there says it.
  const field = a.type === 0 ? ([...a.values.keys()][0] ?? 0) : (VALUE_FIELD[a.type] ?? 0);
  const empty = new Map<number, ForeignValue>([
    [2, 0], [3, 0], [4, ""], [7, oneD([])], [8, oneD([])], [9, []], [10, []], [11, []],
  ]);
  const value = a.values.get(field) ?? empty.get(field);
  return value === undefined ? damaged(at, "an attribute without a value") : [a.name, value];
}

function readNode(bytes: Uint8Array, file: string, index: number, depth: number, budget: Budget): Foreign {
  const w = new Wire(bytes, `${file}: node ${index}`);
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Uint8Array[] = [];
  let [name, op, domain] = ["", "", ""];
  while (w.next()) {
    switch (w.number) {
      case 1: spend(budget); inputs.push(w.text()); break;
      case 2: spend(budget); outputs.push(w.text()); break;
      case 3: name = w.text(); break;
      case 4: op = w.text(); break;
      case 5: spend(budget); attributes.push(w.chunk()); break;
      case 7: domain = w.text(); break;
      default: w.skip();
    }
  }
  const where = `${file}: node ${name.slice(0, 80) || `${index} (${op.slice(0, 80)})`}`;
  if (op === "") damaged(where, "a node without an operator");
  const fields = new Map<string, ForeignValue>();
  for (const bytesOf of attributes) {
    const [key, value] = readAttribute(bytesOf, where, depth, budget);
    if (fields.has(key)) damaged(where, `attribute "${key.slice(0, 80)}" stands twice`);
    fields.set(key, value);
  }
  fields.set("__inputs__", inputs);
  fields.set("__outputs__", outputs);
  return { kind: "foreign", type: `${domain || "ai.onnx"}.${op}`, where, fields };
}

const info = (v: OnnxValueInfo): ForeignValue =>
  new Map<ForeignValue, ForeignValue>([["name", v.name], ["elemType", v.elemType], ["shape", v.shape]]);

/** A sub-graph (body of Scan, Loop, If) as a Foreign of type `onnx.Graph`. */
function graphForeign(g: OnnxGraph, where: string): Foreign {
  return {
    kind: "foreign", type: "onnx.Graph", where: `${where}: graph ${g.name.slice(0, 80)}`,
    fields: new Map<string, ForeignValue>([
      ["name", g.name], ["inputs", g.inputs.map(info)], ["outputs", g.outputs.map(info)],
      ["initializers", new Map<ForeignValue, ForeignValue>(g.initializers)], ["nodes", g.nodes],
    ]),
  };
}

/** Decodes one GraphProto; `where` is the file or the node that holds it. */
export function readGraph(bytes: Uint8Array, where: string, depth: number, budget: Budget): OnnxGraph {
  if (depth > MAX_DEPTH) damaged(where, `graphs are nested more than ${MAX_DEPTH} deep`);
  const w = new Wire(bytes, where);
  const inputs: OnnxValueInfo[] = [];
  const outputs: OnnxValueInfo[] = [];
  const initializers = new Map<string, OnnxTensor>();
  const nodes: Foreign[] = [];
  let name = "";
  while (w.next()) {
    if (w.number === 1 || w.number === 5 || w.number === 11 || w.number === 12) spend(budget);
    switch (w.number) {
      case 1: nodes.push(readNode(w.chunk(), where, nodes.length, depth, budget)); break;
      case 2: name = w.text(); break;
      case 5: {
        const { name: key, tensor } = readTensor(w.chunk(), `${where}: initializer`);
        if (initializers.has(key)) damaged(where, `two initializers are named "${key.slice(0, 80)}"`);
        initializers.set(key, tensor);
        break;
      }
      case 11: inputs.push(readValueInfo(w.chunk(), `${where}: input`)); break;
      case 12: outputs.push(readValueInfo(w.chunk(), `${where}: output`)); break;
      case 15:
        fail("onnx/sparse", where, "the graph holds a sparse initializer", "Store the tensor dense and export again"); break;
      default: w.skip();
    }
  }
  return { name, inputs, outputs, initializers, nodes };
}
