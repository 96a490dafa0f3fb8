/** A .tflite file as a graph: tensors with the file's own types and scales, every node lowered by the operator that claims it. */
import { fail } from "../../ir/diagnostics.js";
import type { ForeignNode, NetLowering, Template, Value } from "../../ir/op.js";
import { arrayFrom, type DType, type Graph, type Quant, type Tensor, type TypedArray } from "../../ir/types.js";
import { lowerNodes, NetworkBuilder } from "../network.js";
import { valuesOf, type TensorType } from "./element.js";
import { flexScalars } from "./flexbuffer.js";
import { readTflite, type TfliteModel, type TfliteOperator, type TfliteSubgraph, type TfliteTensor } from "./model.js";
import { isPlumbing, Variables } from "./variables.js";

const dtypes: { readonly [T in TensorType]?: DType } = {
  FLOAT32: "f32", FLOAT16: "f32", INT32: "i32", UINT32: "u32", INT64: "i32", INT16: "i16", UINT16: "u16", INT8: "i8", UINT8: "u8", BOOL: "u8", INT4: "i8", INT2: "i8",
};

const BITS: { readonly [T in TensorType]?: number } = { INT4: 4, INT2: 2 };

function quantOf(t: TfliteTensor, where: string): Quant | undefined {
  if (t.otherQuantization) fail("tflite/quantisation", where, `${t.name} is quantised in blocks or along several axes`, "Supported: one scale per tensor or per channel.");
  if (t.scale.length === 0) return undefined;
  const bits = BITS[t.type];
  const quant: Quant = { scale: t.scale, zero: t.zeroPoint.length > 0 ? t.zeroPoint : [0], ...(bits ? { bits } : {}) };
  return t.scale.length > 1 ? { ...quant, axis: t.quantizedDimension } : quant;
}

/** Batch and unknown sizes are 1: one sample at a time. */
const fixedShape = (t: TfliteTensor): readonly number[] => (t.shape.length === 0 ? [1] : t.shape.map((d) => Math.max(1, d)));

function templateOf(t: TfliteTensor, where: string): Tensor {
  const dtype = dtypes[t.type] ?? fail("tflite/type", where, `${t.name} has the type ${t.type}`, `Supported: ${Object.keys(dtypes).join(", ")}.`);
  const quant = quantOf(t, where);
  return { name: t.name, dtype, shape: fixedShape(t), ...(quant ? { quant } : {}) };
}

/** 64-bit integers are sizes, axes and biases: those beyond 32 bits are refused. */
function dataOf(t: TfliteTensor, dtype: DType, where: string): TypedArray {
  const values = valuesOf(t, where) as TypedArray;
  if (t.type !== "INT64") return values;
  const wide = [...values].find((v) => v !== Math.trunc(v) || Math.abs(v) >= 2 ** 31);
  return wide === undefined ? arrayFrom(dtype, values) : fail("tflite/wide-integer", where, `${t.name} holds ${wide}, which does not fit 32 bits`, "Supported: 64-bit integers whose values fit 32 bits.");
}

class Lowering {
  readonly builder = new NetworkBuilder();
  private readonly values = new Map<number, Value>();
  private readonly variables: Variables;
  private readonly states = new Map<string, Value>();

  constructor(model: TfliteModel, private readonly graph: TfliteSubgraph, private readonly file: string) {
    this.variables = new Variables(model, file, {
      template: (t) => templateOf(t, this.where(t)),
      data: (t) => dataOf(t, templateOf(t, this.where(t)).dtype, this.where(t)),
    });
  }

  private where(t: TfliteTensor): string {
    return `${this.file}: tensor ${t.name.slice(0, 80)}`;
  }

  private tensorAt(i: number): TfliteTensor {
    return this.graph.tensors[i] ?? fail("tflite/damaged", this.file, `tensor ${i} does not exist`, "Convert the model again.");
  }

  /** The value of a tensor: made by a node before, or an input, a constant, a state. */
  valueOf(i: number): Value {
    const known = this.values.get(i);
    if (known !== undefined) return known;
    const t = this.tensorAt(i);
    const template = templateOf(t, this.where(t));
    if (t.data === null && !t.isVariable) fail("tflite/not-in-order", this.where(t), "it is read before it is made", "Convert the model again.");
    const value = t.data === null ? this.builder.state(template) : this.builder.constant({ ...template, data: dataOf(t, template.dtype, this.where(t)) });
    this.values.set(i, value);
    return value;
  }

  input(i: number): Value {
    const t = this.tensorAt(i);
    const value = this.builder.place(templateOf(t, this.where(t)));
    this.values.set(i, value);
    return value;
  }

  node(o: TfliteOperator, k: number): ForeignNode {
    const outputs = o.outputs.map((i): Template => { const t = this.tensorAt(i); return templateOf(t, this.where(t)); });
    const name = outputs[0]?.name ?? `node ${k}`;
    return { type: typeOf(o), name, where: `${this.file}: node ${k} ${name.slice(0, 80)}`, options: { ...o.options, ...customOf(o) } as ForeignNode["options"], inputs: o.inputs.map((i) => (i < 0 ? null : this.valueOf(i))), outputs };
  }

  /** A handle is the state it stands for; what runs once has been taken for its start values. */
  private plumb(o: TfliteOperator): void {
    const [to] = o.outputs;
    if (o.name !== "VAR_HANDLE" || to === undefined) return;
    const { key, tensor } = this.variables.stateOf(o);
    const state = this.states.get(key) ?? this.builder.state(tensor);
    this.states.set(key, state);
    this.values.set(to, state);
  }

  run(o: TfliteOperator, k: number, table: ReadonlyMap<string, NetLowering>): void {
    if (isPlumbing(o)) { this.plumb(o); return; }
    const made = table.get(typeOf(o))?.(this.node(o, k), this.builder) ?? [];
    o.outputs.forEach((t, i) => { const v = made[i]; if (v !== undefined) this.values.set(t, v); });
  }
}

/** The bytes as they are, and the numbers among them by name. */
const customOf = (o: TfliteOperator): Record<string, unknown> => (o.customOptions ? { ...flexScalars(o.customOptions), custom: o.customOptions } : {});

const typeOf = (o: TfliteOperator): string => (o.name === "CUSTOM" ? `CUSTOM ${o.customCode}` : o.name);

const named = (o: TfliteOperator, k: number): ForeignNode => ({ type: typeOf(o), name: `node ${k}`, where: "", options: {}, inputs: [], outputs: [] });

/** @throws CoincellError naming every operator that is not supported, before all else. */
export function readGraph(bytes: Uint8Array, file: string): Graph {
  const model: TfliteModel = readTflite(bytes, file);
  const graph = model.subgraphs[0] ?? fail("tflite/no-graph", file, "the model has no subgraph", "Convert the model again.");
  const table = lowerNodes("tflite", graph.operators.filter((o) => !isPlumbing(o)).map(named), file);
  const lowering = new Lowering(model, graph, file);
  const inputs = graph.inputs.map((i) => lowering.input(i));
  graph.operators.forEach((o, k) => lowering.run(o, k, table));
  return lowering.builder.finish({ name: file, source: `TensorFlow Lite ${model.description}`.trim(), labels: [] }, inputs, graph.outputs.map((i) => lowering.valueOf(i)));
}
