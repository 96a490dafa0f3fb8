/** A layer's configuration as options of a node: numbers, texts, lists of numbers. What only training needs is left out. */
import { fail } from "../../ir/diagnostics.js";
import type { ForeignNode } from "../../ir/op.js";
import { isList, isObject, own, type Json, type JsonObject } from "./json.js";
import { clip, damaged } from "./limits.js";

export type Options = ForeignNode["options"];

/** Fields that say how weights are made, kept in bounds or shared; a trained model has no use for them. */
const TRAINING = /(_initializer|_regularizer|_constraint)$|^(trainable|seed|module|registered_name|build_config|batch_size|ragged|sparse|__proto__)$/;
const MAX_NUMBERS = 100_000;

/** Numbers of lists inside lists, in order. */
function flat(v: readonly Json[], out: number[] = []): readonly number[] | null {
  for (const x of v) {
    if (typeof x === "number") out.push(x);
    else if (!isList(x) || flat(x, out) === null) return null;
    if (out.length > MAX_NUMBERS) return null;
  }
  return out;
}

/** An activation is a name, or an object that names a function or a layer. */
function activationName(v: JsonObject, where: string): string {
  const [name, config] = [own(v, "class_name"), own(v, "config")];
  if (name === "function" && typeof config === "string") return config;
  const kind = typeof config === "string" ? config : typeof name === "string" ? name : "an unknown one";
  return fail("keras/activation", where, `the activation ${clip(kind)} is an object of its own`, "Supported: activations by name, such as \"relu\"; put others in a layer of their own (LeakyReLU, PReLU, ELU).");
}

/** The data type: a name, or a policy, whose name says the type of the weights as well. */
function typeName(v: Json, where: string): string {
  const [kind, config] = isObject(v) ? [own(v, "class_name"), own(v, "config")] : [undefined, v];
  const name = isObject(config) ? own(config, "name") : config;
  const told = typeof name === "string" ? name : "";
  if ((typeof kind === "string" && kind.startsWith("Quantized")) || /int8_|int4_|float8/.test(told)) return fail("keras/quantised", where, `its weights are quantised by Keras (${clip(told)})`, "Save the model before model.quantize(); coincell quantises it itself.");
  return told === "" ? damaged(where, "its data type has no name") : told;
}

/** @param where file and layer */
export function optionsOf(config: JsonObject, where: string): Options {
  const out: Record<string, Options[string]> = {};
  for (const key of Object.keys(config)) {
    const v = own(config, key);
    if (v === undefined || TRAINING.test(key)) continue;
    if (key === "dtype") out[key] = typeName(v, where);
    else if (typeof v === "number" || typeof v === "string" || typeof v === "boolean") out[key] = v;
    else if (isList(v)) { const numbers = flat(v); if (numbers) out[key] = numbers; }
    else if (isObject(v) && key.endsWith("activation")) out[key] = activationName(v, where);
  }
  return out;
}
