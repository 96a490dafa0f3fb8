/** A network's graph as a .tflite file: every node by its operator's `write`, tensors with their types and scales. */
import { fail } from "../../ir/diagnostics.js";
import type { NetWriting, Value } from "../../ir/op.js";
import type { AnyNode, DType, Graph, Tensor } from "../../ir/types.js";
import { findOp } from "../../ops/registry.js";
import type { TensorType } from "./element.js";
import { defaultOptions, OPTIONS } from "./options.js";
import type { Options } from "./codec.js";
import type { TfliteOperator, TfliteTensor } from "./types.js";
import { versionOf } from "./versions.js";
import { writeTflite } from "./write.js";

const types: { readonly [D in DType]?: TensorType } = { f32: "FLOAT32", i32: "INT32", u32: "UINT32", i16: "INT16", u16: "UINT16", i8: "INT8", u8: "UINT8" };

/** Little-endian bytes of a constant; `wide` integers have 64 bits. */
function bytesOf({ data }: Tensor, wide: boolean): Uint8Array | null {
  if (!data) return null;
  if (wide) return new Uint8Array(BigInt64Array.from(data, (v) => BigInt(v)).buffer);
  return new Uint8Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
}

/** Nodes whose values an output of the network needs; the label is the reader's own business. */
function neededNodes(graph: Graph): readonly AnyNode[] {
  const wanted = new Set(graph.outputs.filter((o) => o.role !== "label").map((o) => o.tensor));
  const kept = graph.nodes.toReversed().filter((n) => {
    if (!n.outputs.some((t) => wanted.has(t))) return false;
    n.inputs.forEach((t) => wanted.add(t));
    return true;
  });
  return kept.toReversed();
}

class GraphWriting {
  readonly tensors: TfliteTensor[] = [];
  readonly operators: TfliteOperator[] = [];
  /** Tensors of the file by values: those of the graph first, then what writers add. */
  private readonly places = new Map<Value, number>();
  private readonly all: Tensor[];
  private readonly wide = new Set<Value>();

  constructor(private readonly graph: Graph, private readonly file: string) {
    this.all = [...graph.tensors];
  }

  private tensorOf(t: Tensor, wide: boolean): TfliteTensor {
    const type = types[t.dtype] ?? fail("tflite/cannot-write", `${this.file}: tensor ${t.name}`, `the type ${t.dtype}`, "Supported: networks (float32 and integers).");
    const { scale = [], zero = [], axis = Math.max(0, t.shape.length - 1) } = t.quant ?? {};
    return {
      name: t.name, type: wide ? "INT64" : type, shape: t.shape, shapeSignature: [], data: bytesOf(t, wide), scale,
      zeroPoint: zero.length < scale.length ? scale.map(() => zero[0] ?? 0) : zero, quantizedDimension: scale.length > 1 ? axis : 0, otherQuantization: null, isVariable: t.state === true, sparsity: null,
    };
  }

  place(v: Value): number {
    const known = this.places.get(v);
    if (known !== undefined) return known;
    const at = this.tensors.push(this.tensorOf(this.all[v] as Tensor, this.wide.has(v))) - 1;
    this.places.set(v, at);
    return at;
  }

  private added(t: Tensor, wide = false): Value {
    const v = this.all.push(t) - 1;
    if (wide) this.wide.add(v);
    return v;
  }

  private add(n: AnyNode, type: string, options: Parameters<NetWriting["add"]>[1], inputs: readonly (Value | null)[], output: Value): void {
    const [table, fields] = options ?? [null, {}];
    if (table !== null && !OPTIONS.has(table)) throw new Error(`${n.op}: there is no table ${table}`);
    const reads = n.inputs.map((t) => this.graph.tensors[t]?.dtype);
    this.operators.push({
      name: type, customCode: "", version: versionOf(type, reads[0] ?? this.graph.tensors[n.outputs[0] ?? 0]?.dtype), optionsType: table,
      options: { ...(table === null ? {} : defaultOptions(table)), ...fields } as Options,
      // Behind the last operand there is nothing: TFLite refuses a convolution whose bias is -1.
      inputs: inputs.slice(0, inputs.findLastIndex((v) => v !== null) + 1).map((v) => (v === null ? -1 : this.place(v))), outputs: [this.place(output)], intermediates: [], customOptions: null,
    });
  }

  node(n: AnyNode): void {
    const where = `${this.file}: ${n.name} (${n.op})`;
    const write = findOp(n.op).write?.tflite ?? fail("tflite/cannot-write", where, `${n.op} has no form in a .tflite file`, "Save the graph as coincell's own file (-o graph.json).");
    const io = { inputs: n.inputs.map((t) => this.graph.tensors[t] as Tensor), outputs: n.outputs.map((t) => this.graph.tensors[t] as Tensor) };
    write(n.attrs, {
      name: n.name, io, inputs: n.inputs, output: n.outputs[0] ?? 0,
      constant: (t, wide) => this.added(t, wide), between: (t) => this.added(t),
      add: (type, options, inputs, output) => this.add(n, type, options, inputs, output),
      refuse: (what, cure) => fail("tflite/cannot-write", where, what, cure),
    });
  }
}

/** Every operator without a form in the file, named at once. */
function refuseUnknown(nodes: readonly AnyNode[], file: string): void {
  const missing = [...new Set(nodes.filter((n) => !findOp(n.op).write?.tflite).map((n) => n.op))];
  if (missing.length > 0) fail("tflite/cannot-write", file, `${missing.join(", ")} ${missing.length === 1 ? "has" : "have"} no form in a .tflite file here`, "Save the graph as coincell's own file (-o graph.json), or compile it as it is.");
}

/** @throws CoincellError naming every operator that a .tflite file has no form for. */
export function writeGraphTflite(graph: Graph, file = graph.name): Uint8Array {
  const nodes = neededNodes(graph);
  refuseUnknown(nodes, file);
  const writing = new GraphWriting(graph, file);
  const inputs = [graph.input, ...(graph.moreInputs ?? [])].map((t) => writing.place(t));
  for (const n of nodes) writing.node(n);
  const outputs = graph.outputs.filter((o) => o.role !== "label").map((o) => writing.place(o.tensor));
  return writeTflite({
    version: 3, description: "written by coincell", operatorCodes: [], metadata: [], signatures: [],
    subgraphs: [{ name: "main", tensors: writing.tensors, inputs, outputs, operators: writing.operators }],
  });
}
