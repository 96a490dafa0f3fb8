/** A layers model of TensorFlow.js: Keras' configuration as JSON, and a list of weights that stand in files beside it. */
import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fail } from "../../ir/diagnostics.js";
import type { Graph } from "../../ir/types.js";
import { isList, isObject, list, object, own, parseJson, text, type JsonObject } from "../keras/json.js";
import { clip, damaged, LIMITS, tooLarge } from "../keras/limits.js";
import { lowerKeras } from "../keras/lower.js";
import { readTopology } from "../keras/topology.js";
import { fromList, type Weight } from "../keras/weights.js";
import { readWeights } from "./shards.js";

/** The keys stand in any order; the first that are met decide. */
export function sniffTfjs(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 1024)).toString("latin1");
  return /^\s*\{/.test(head) && /"(modelTopology|weightsManifest)"|"format"\s*:\s*"(layers|graph)-model"/.test(head);
}

/** Plain names only: a file must not lead out of its folder. */
function shard(name: string, file: string, left: number): Uint8Array {
  const parts = name.split("/");
  if (parts.length > 4 || parts.some((p) => !/^[\w.-]{1,128}$/.test(p) || p === "..")) return damaged(file, `the weight file "${clip(name)}" has no plain name`);
  const path = join(dirname(file), ...parts);
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return damaged(file, `the weight file "${clip(name)}" is no file`);
    const { size } = stat;
    if (size > left) return tooLarge(file, `the weight file "${clip(name)}" has ${size} bytes`);
    return readFileSync(path);
  } catch (e) {
    if (e instanceof Error && "code" in e) return fail("tfjs/no-weights", file, `the weight file "${clip(name)}" cannot be read beside it`, "Keep the .bin files in the folder of model.json, as they were saved.");
    throw e;
  }
}

function group(g: JsonObject, file: string, budget: { bytes: number }): readonly Weight[] {
  const parts = list(own(g, "paths"), file, "the names of its weight files").map((p) => {
    const bytes = shard(text(p, file, "the name of a weight file"), file, budget.bytes);
    budget.bytes -= bytes.length;
    return bytes;
  });
  return readWeights(list(own(g, "weights"), file, "the list of its weights"), Buffer.concat(parts), file);
}

export function readTfjs(bytes: Uint8Array, file: string): Graph {
  const doc = object(parseJson(new TextDecoder("utf-8").decode(bytes), file), file, "a model");
  const topology = own(doc, "modelTopology");
  if (own(doc, "format") === "graph-model" || (isObject(topology) && own(topology, "node") !== undefined)) {
    return fail("tfjs/graph-model", file, "it is a graph model (TensorFlow operations)", "Supported: layers models. Convert from Keras with tensorflowjs_converter --output_format tfjs_layers_model, or give the .keras, .h5 or .tflite file.");
  }
  const described = object(topology, file, "its layers (modelTopology)");
  const manifest = own(doc, "weightsManifest");
  const budget = { bytes: LIMITS.entryBytes as number };
  const weights = isList(manifest) ? manifest.flatMap((g) => group(object(g, file, "a group of weights"), file, budget)) : [];
  if (weights.length === 0 && isList(manifest) && manifest.length > 0) return damaged(file, "it lists no weights");
  const model = readTopology(own(described, "model_config") ?? described, file);
  const version = own(described, "keras_version");
  const by = own(doc, "generatedBy");
  const source = `TensorFlow.js layers model${typeof by === "string" ? ` (${clip(by, 40)})` : ""}`;
  // TensorFlow.js itself computes as Keras 2 did.
  return lowerKeras({ file, source, keras: typeof version === "string" && /^[3-9]\./.test(version) ? 3 : 2, model, weights: fromList(weights) });
}
