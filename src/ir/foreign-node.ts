/** Strict reading of a network node: options and operands, each checked where it is taken, and named where it is wrong. */
import { fail } from "./diagnostics.js";
import type { ForeignNode, NetBuilder, Value } from "./op.js";
import { activations, type Activation } from "./requantise.js";
import type { Shape } from "./types.js";

/** Ends an import at this node. */
export const refuse = (n: ForeignNode, what: string, cure: string): never => fail("network/unsupported", `${n.where} (${n.type})`, what, cure);

const wrong = (n: ForeignNode, key: string): never => refuse(n, `the option "${key}" is ${n.options[key] === undefined ? "missing" : "of another type"}`, "The file is damaged; convert the model again.");

export function numberOption(n: ForeignNode, key: string, otherwise?: number): number {
  const v = n.options[key] ?? otherwise;
  return typeof v === "number" ? v : typeof v === "boolean" ? Number(v) : wrong(n, key);
}

export function textOption(n: ForeignNode, key: string, otherwise?: string): string {
  const v = n.options[key] ?? otherwise;
  return typeof v === "string" ? v : wrong(n, key);
}

export const flagOption = (n: ForeignNode, key: string, otherwise = false): boolean => Boolean(n.options[key] ?? otherwise);

/** A list of numbers; empty where the option is absent. */
export function listOption(n: ForeignNode, key: string): readonly number[] {
  const v = n.options[key];
  if (v === undefined) return [];
  const list = ArrayBuffer.isView(v) ? [...v] : Array.isArray(v) ? v : wrong(n, key);
  return list.every((x): x is number => typeof x === "number") ? list : wrong(n, key);
}

/** The i-th input. @throws where the node has none. */
export const operand = (n: ForeignNode, i: number): Value => n.inputs[i] ?? refuse(n, `input ${i} is missing`, "The file is damaged; convert the model again.");

/** All inputs that are there. */
export const operands = (n: ForeignNode): readonly Value[] => n.inputs.filter((v): v is Value => v !== null);

/** Values of an input that must be a constant: shapes, axes, borders. */
export function constantOf(n: ForeignNode, b: NetBuilder, i: number): readonly number[] {
  const t = b.tensor(operand(n, i));
  return t.data ? [...t.data] : refuse(n, `input ${i} (${t.name}) is computed by the network`, "Supported: a constant here; fold it before converting (fixed input shape).");
}

/** The activation fused into a TFLite operator. */
export function fusedActivation(n: ForeignNode): Activation {
  const name = textOption(n, "fused_activation_function", "NONE").toLowerCase();
  return activations.find((a) => a === name) ?? refuse(n, `the fused activation ${name}`, `Supported: ${activations.join(", ")}.`);
}

/** A negative axis counts from the end. */
export function axisOf(n: ForeignNode, axis: number, rank: number): number {
  const a = axis < 0 ? axis + rank : axis;
  return a >= 0 && a < rank ? a : refuse(n, `axis ${axis} of a tensor of ${rank} dimensions`, "The file is damaged; convert the model again.");
}

export const shapeOf = (b: NetBuilder, v: Value): Shape => b.tensor(v).shape;

/** TFLite sums int16 layers with 32-bit biases in 32 bits, and rounds them otherwise than those with 64-bit ones. */
export function refuseNarrowSums(n: ForeignNode, b: NetBuilder, input: number): void {
  if (b.tensor(operand(n, input)).dtype === "i16" && n.options["quantized_bias_type"] === "INT32") refuse(n, "int16 activations with int32 biases", "Supported: int64 biases, which the converter writes unless told otherwise.");
}
