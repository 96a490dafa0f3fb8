/** The two containers of Keras: .keras (a zip of Keras 3) and .h5 (HDF5 with the configuration as an attribute). */
import { fail } from "../../ir/diagnostics.js";
import type { Graph } from "../../ir/types.js";
import { isHdf5, openHdf5 } from "./hdf5/index.js";
import { isObject, own, parseJson, type Json } from "./json.js";
import { clip, LIMITS } from "./limits.js";
import { lowerKeras } from "./lower.js";
import { readTopology } from "./topology.js";
import { byName, byPath } from "./weights.js";
import { openZip, zipHolds } from "./zip.js";

const [CONFIG, METADATA, WEIGHTS] = ["config.json", "metadata.json", "model.weights.h5"];

export const sniffKeras = (bytes: Uint8Array): boolean => isHdf5(bytes) || (zipHolds(bytes, CONFIG) && zipHolds(bytes, WEIGHTS));

/** A version as a text of the file says it. */
function versionOf(v: Json | undefined): { readonly source: string; readonly keras: number } {
  const version = typeof v === "string" ? clip(v, 20) : "";
  return { source: `Keras ${version}`.trim(), keras: /^[012]\./.test(version) ? 2 : 3 };
}

const decode = (bytes: Uint8Array): string => new TextDecoder("utf-8").decode(bytes);

function readZip(bytes: Uint8Array, file: string): Graph {
  const entry = openZip(bytes, file);
  const part = (name: string): Uint8Array => entry(name, name === WEIGHTS ? LIMITS.entryBytes : LIMITS.configBytes) ?? fail("keras/incomplete", file, `the zip file has no ${name}`, "Save the model again with model.save(\"model.keras\").");
  const about = parseJson(decode(part(METADATA)), file);
  const model = readTopology(parseJson(decode(part(CONFIG)), file), file);
  return lowerKeras({ file, ...versionOf(isObject(about) ? own(about, "keras_version") : undefined), model, weights: byPath(openHdf5(part(WEIGHTS), file), file) });
}

function readHdf5(bytes: Uint8Array, file: string): Graph {
  const root = openHdf5(bytes, file);
  const [config] = root.texts("model_config") ?? [];
  if (config === undefined) {
    const weightsOnly = root.at("layers") !== null || root.texts("layer_names") !== null || root.at("_layer_checkpoint_dependencies") !== null;
    return fail(weightsOnly ? "keras/weights-only" : "keras/no-model", file, weightsOnly ? "it holds weights, but not the model they belong to" : "this HDF5 file holds no Keras model", "Save the whole model with model.save(\"model.keras\"), not its weights alone.");
  }
  const [version] = root.texts("keras_version") ?? [];
  return lowerKeras({ file, ...versionOf(version ?? "2.0"), model: readTopology(parseJson(config, file), file), weights: byName(root, file) });
}

/** @throws CoincellError on anything damaged, hostile or not supported. Nothing of the file is executed. */
export const readKeras = (bytes: Uint8Array, file: string): Graph => (isHdf5(bytes) ? readHdf5(bytes, file) : readZip(bytes, file));
