/** A neural network in ONNX: its nodes in order, each lowered by the operator that claims it; quantised parts stay integers (`quantised.ts`). */
import { fail } from "../../ir/diagnostics.js";
import { transposed } from "../../ir/channels.js";
import type { ForeignNode, NetLowering, Template, Value } from "../../ir/op.js";
import type { Graph, Shape } from "../../ir/types.js";
import { lowerNodes } from "../network.js";
import type { OnnxModel } from "./model.js";
import { OnnxBuilder } from "./onnx-builder.js";
import { qlinearTypes } from "./qlinear.js";
import { Quantised } from "./quantised.js";
import { constantOf, inputShape, inputType, nodeOf, optionsOf, type Node } from "./values.js";
import type { OnnxValueInfo } from "./graph.js";

const IMAGES: ReadonlySet<string> = new Set(["Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "QLinearConv", "BatchNormalization", "Resize", "Upsample"]);
const NETWORKS: ReadonlySet<string> = new Set([...IMAGES, ...qlinearTypes, "LSTM", "GRU", "RNN", "QuantizeLinear", "DequantizeLinear", "LayerNormalization", "InstanceNormalization"]);
/** Operators that leave an image in its order. */
const LEAVES: ReadonlySet<string> = new Set(["QuantizeLinear", "DequantizeLinear", "Identity", "Cast", "Sub", "Div", "Mul", "Add", "Pad", "Relu"]);
/** Operators that are handled here, between the lowered ones. */
const OWN: ReadonlySet<string> = new Set([...qlinearTypes, "QuantizeLinear", "DequantizeLinear"]);

const inputsOf = (m: OnnxModel): readonly OnnxValueInfo[] => m.graph.inputs.filter((i) => !m.graph.initializers.has(i.name));

export const hasClassical = (m: OnnxModel): boolean => m.graph.nodes.some((f) => f.type.startsWith("ai.onnx.ml."));

/** Which of the two roads a model takes: tables of features are read symbolically (`lower.ts`), all else node by node. */
export const isNetwork = (m: OnnxModel): boolean =>
  !hasClassical(m) && (inputsOf(m).some((i) => (i.shape?.length ?? 0) >= 3) || m.graph.nodes.some((f) => NETWORKS.has(nodeOf(f).type)));

class Lowering {
  readonly builder = new OnnxBuilder();
  readonly values = new Map<string, Value>();
  readonly nodes: readonly Node[];
  readonly readers = new Map<string, Node[]>();
  readonly opset: number;
  private readonly quantised: Quantised;

  constructor(private readonly model: OnnxModel, readonly file: string) {
    this.nodes = model.graph.nodes.map(nodeOf);
    this.opset = model.opsets.get("ai.onnx") ?? 17;
    for (const n of this.nodes) for (const name of new Set(n.inputs)) this.readers.set(name, [...(this.readers.get(name) ?? []), n]);
    for (const [name, t] of model.graph.initializers) if (name !== "" && this.readers.has(name) && !this.text(name)) this.values.set(name, this.builder.constant(constantOf(name, t, file)));
    this.quantised = new Quantised(this.builder, this.values, this.readers, new Set(model.graph.outputs.map((o) => o.name)), file);
  }

  private text(name: string): boolean {
    return this.model.graph.initializers.get(name)?.kind === "objects" && this.readers.get(name)?.every((n) => n.type === "Cast") === true;
  }

  /** Some reader of the value wants images: itself, or behind nodes that leave them as they are. Others can follow either order. */
  private wantsImage(name: string, depth = 0): boolean {
    return (this.readers.get(name) ?? []).some((n) => n.inputs[0] === name && (IMAGES.has(n.type) || (depth < 8 && LEAVES.has(n.type) && this.wantsImage(n.outputs[0] ?? "", depth + 1))));
  }

  /** Channels go last at the entry, where nothing has to be moved for it on the device. */
  input(info: OnnxValueInfo): Value {
    const given = inputShape(info, this.file);
    const images = (given.length === 3 || given.length === 4) && given[0] === 1 && this.wantsImage(info.name);
    const shape: Shape = images ? [1, ...given.slice(2), given[1] as number] : given;
    const { name, dtype, quant, pass } = this.quantised.input(info.name, inputType(info, this.file));
    const value = this.builder.place({ name, dtype, shape, ...(quant ? { quant } : {}) });
    if (images && given[1] !== 1) this.builder.note(`input "${info.name}" is (${shape.join(", ")}) on the device and in tables of rows: channels last, where the file has (${given.join(", ")})`);
    const order = given.length === 4 ? [0, 3, 1, 2] : [0, 2, 1];
    pass(images ? transposed(this.builder, value, order, `${name}/channels_first`) : value);
    return value;
  }

  /** A node as its lowering sees it; a tensor attribute is an input behind the others. */
  foreign(n: Node, inputs: readonly (Value | null)[], outputs: readonly Template[], type = n.type): ForeignNode {
    const attached = n.foreign.fields.get("value");
    const tensor = (type === "Constant" || type === "ConstantOfShape") && typeof attached === "object" && attached !== null && "kind" in attached && (attached.kind === "ndarray" || attached.kind === "objects") ? attached : null;
    const more = tensor ? [this.builder.constant(constantOf(`${n.name}/value`, tensor, n.foreign.where))] : [];
    return { type, name: n.name, where: n.foreign.where, options: optionsOf(n.foreign, this.opset), inputs: [...inputs, ...more], outputs };
  }

  run(n: Node, table: ReadonlyMap<string, NetLowering>): void {
    const lower = (type: string, inputs: readonly (Value | null)[], outputs: readonly Template[]): readonly Value[] => table.get(type)?.(this.foreign(n, inputs, outputs, type), this.builder) ?? [];
    if (this.quantised.run(n, lower)) return;
    const made = lower(n.type, n.inputs.map((name) => (name === "" ? null : this.quantised.real(name))), n.outputs.map((name) => ({ name })));
    n.outputs.forEach((name, i) => { const v = made[i]; if (v !== undefined && name !== "") this.values.set(name, v); });
  }

  output(name: string): Value {
    return this.quantised.output(name);
  }
}

const claimed = (n: Node): ForeignNode => ({ type: n.type, name: n.name, where: n.foreign.where, options: {}, inputs: [], outputs: [] });

/** @throws CoincellError naming every operator that is not supported, before all else. */
export function readNetwork(model: OnnxModel, file: string): Graph {
  const lowering = new Lowering(model, file);
  const table = lowerNodes("onnx", lowering.nodes.filter((n) => !OWN.has(n.type)).map(claimed), file);
  const infos = inputsOf(model);
  if (infos.length === 0 || model.graph.outputs.length === 0) fail("onnx/inputs", file, "the network has no input or no output", "Export the model again.");
  const inputs = infos.map((i) => lowering.input(i));
  for (const n of lowering.nodes) lowering.run(n, table);
  const outputs = model.graph.outputs.map((o) => lowering.output(o.name));
  return lowering.builder.finish({ name: file, source: `ONNX, ${model.producer || "unknown writer"}`, labels: [] }, inputs, outputs);
}
