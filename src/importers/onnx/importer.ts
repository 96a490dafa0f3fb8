import { CoincellError } from "../../ir/diagnostics.js";
import type { Graph } from "../../ir/types.js";
import type { Importer } from "../importer.js";
import { readOnnx, sniffOnnx, type OnnxModel } from "./index.js";
import { lowerOnnx } from "./lower.js";
import { hasClassical, isNetwork, readNetwork } from "./network.js";

/** Models over tables of features are understood as a whole; what is not understood so may still be a network. */
function read(model: OnnxModel, file: string): Graph {
  if (isNetwork(model)) return readNetwork(model, file);
  try {
    return lowerOnnx(model, file);
  } catch (e) {
    if (!(e instanceof CoincellError) || hasClassical(model)) throw e;
    return attempt(model, file, e);
  }
}

function attempt(model: OnnxModel, file: string, first: CoincellError): Graph {
  try {
    return readNetwork(model, file);
  } catch (e) {
    // The first reason says more of what such a model could be.
    throw e instanceof CoincellError ? first : e;
  }
}

export default {
  format: "onnx",
  title: "ONNX",
  sniff: sniffOnnx,
  read: (bytes, file) => read(readOnnx(bytes, file), file),
} satisfies Importer;
