/** A Keras model as a graph: every use of a layer is lowered by the operator that claims its type. */
import { fail } from "../../ir/diagnostics.js";
import type { ForeignNode, NetLowering, Value } from "../../ir/op.js";
import { count, type Graph } from "../../ir/types.js";
import { netLowerings, NetworkBuilder } from "../network.js";
import { bidirectional, perStep } from "./wrappers.js";
import { clip, damaged, LIMITS, tooLarge } from "./limits.js";
import type { KerasLayer, KerasModel, Ref } from "./topology.js";
import type { WeightSource } from "./weights.js";

export interface KerasFile {
  readonly file: string;
  /** For reports: format and version. */
  readonly source: string;
  /** 2 or 3: some functions changed their meaning. */
  readonly keras: number;
  readonly model: KerasModel;
  readonly weights: WeightSource;
}

const keyOf = (r: Ref): string => `${r.layer}\n${r.node}\n${r.output}`;

/** The k-th use of a layer, with the keys of its operands. */
interface Call { readonly layer: KerasLayer; readonly k: number; readonly inputs: readonly string[] }

class Lowering {
  readonly builder = new NetworkBuilder();
  private readonly constants = new Map<KerasLayer, readonly Value[]>();
  private calls = 0;
  private elements = 0;

  constructor(private readonly f: KerasFile, private readonly table: ReadonlyMap<string, NetLowering>) {}

  /** An input of the whole network; the batch is 1. */
  input(l: KerasLayer): Value {
    const shape = l.shape ?? fail("keras/no-input", l.where, "the file does not say the shape of the input", "Give the first layer an input shape (keras.Input), and save the model again.");
    if (shape.includes(null)) fail("keras/dynamic-shape", l.where, `its shape is (${["batch", ...shape].map((d) => d ?? "any").join(", ")})`, "Sizes must be known at compile time: build the model with keras.Input of fixed lengths, copy the weights, and save it again.");
    const type = l.options["dtype"] ?? "float32";
    const known = typeof type === "string" && /^(float|bfloat|mixed_|u?int|bool)/.test(type);
    if (!known) fail("keras/input-type", l.where, `inputs of type ${clip(String(type))}`, "Supported: numbers.");
    if (/int|bool/.test(String(type))) this.builder.note(`${l.name}: Keras takes ${String(type)} here; the network takes the same numbers as float32, like all of its layers.`);
    return this.builder.place({ name: l.name, dtype: "f32", shape: [1, ...shape as readonly number[]] });
  }

  private constantsOf(l: KerasLayer): readonly Value[] {
    const known = this.constants.get(l);
    if (known) return known;
    const made = this.f.weights(l).map((w, i) => this.builder.constant({ name: `${l.name}/${w.name.split("/").at(-1) ?? i}`, dtype: "f32", shape: w.shape.length > 0 ? w.shape : [1], data: w.data }));
    this.constants.set(l, made);
    return made;
  }

  private use({ layer: l, k }: Call, inputs: readonly Value[]): readonly Value[] {
    if (++this.calls > LIMITS.calls) tooLarge(this.f.file, `its layers are used more than ${LIMITS.calls} times`);
    if (l.model) return this.run(l.model, inputs, l.where);
    const name = k === 0 ? l.name : `${l.name}_${k}`;
    const n: ForeignNode = { type: l.type, name, where: l.where, options: { ...l.options, __keras__: this.f.keras }, inputs: [...inputs, ...this.constantsOf(l)], outputs: [{ name }] };
    if (l.type === "Bidirectional") return bidirectional(n, l, this.table, this.builder);
    if (l.type === "TimeDistributed") return perStep(n, l, this.table, this.builder);
    const lowering = this.table.get(l.type);
    return lowering ? lowering(n, this.builder) : damaged(l.where, `a layer of type ${clip(l.type)}`);
  }

  /** Uses wait until all their operands are made: shared layers stand before some of them. */
  run(model: KerasModel, inputs: readonly Value[], where: string): readonly Value[] {
    const values = new Map<string, Value>();
    model.inputs.forEach((r, i) => { const v = inputs[i]; if (v !== undefined) values.set(keyOf(r), v); });
    const shift = firstNodes(model);
    let waiting: Call[] = model.layers.flatMap((layer) => layer.calls.map((refs, k): Call => ({ layer, k, inputs: refs.map(keyOf) })));
    if (waiting.length > LIMITS.calls) tooLarge(where, `its layers are used more than ${LIMITS.calls} times`);
    while (waiting.length > 0) {
      const later: Call[] = [];
      for (const call of waiting) {
        const given = call.inputs.map((key) => values.get(key));
        if (given.length === 0 || given.includes(undefined)) { later.push(call); continue; }
        const made = this.use(call, given as Value[]);
        this.elements += made.reduce((sum, v) => sum + count(this.builder.tensor(v).shape), 0);
        if (this.elements > LIMITS.elements) tooLarge(call.layer.where, `the tensors up to it have more than ${LIMITS.elements} elements`);
        made.forEach((v, output) => values.set(keyOf({ layer: call.layer.name, node: call.k + (shift.get(call.layer.name) ?? 0), output }), v));
      }
      if (later.length === waiting.length) break;
      waiting = later;
    }
    return model.outputs.map((r) => values.get(keyOf(r)) ?? damaged(where, `nothing makes its output "${clip(r.layer)}"`));
  }
}

/** Models that are used as layers count their own making as use 0 in Keras 2, so that the first use in the file is 1. */
function firstNodes(model: KerasModel): ReadonlyMap<string, number> {
  const nested = new Map(model.layers.filter((l) => l.model !== null).map((l) => [l.name, l.calls.length] as const));
  const shift = new Map<string, number>();
  for (const r of [...model.outputs, ...model.layers.flatMap((l) => l.calls.flat())]) {
    const uses = nested.get(r.layer);
    if (uses !== undefined) shift.set(r.layer, Math.max(shift.get(r.layer) ?? 0, r.node - (uses - 1)));
  }
  return shift;
}

export function lowerKeras(f: KerasFile): Graph {
  const table = netLowerings("keras");
  const lowering = new Lowering(f, table);
  const inputs = f.model.inputs.map((r) => lowering.input(f.model.layers.find((l) => l.name === r.layer && l.type === "InputLayer") ?? damaged(f.file, `its input "${clip(r.layer)}" is no layer`)));
  const outputs = lowering.run(f.model, inputs, f.file);
  return lowering.builder.finish({ name: f.file, source: f.source, labels: [] }, inputs, outputs);
}
