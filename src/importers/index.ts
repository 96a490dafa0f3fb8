/** The importers' face: bytes of any supported file to a float graph. */
import { basename } from "node:path";
import { fail } from "../ir/diagnostics.js";
import type { Graph } from "../ir/types.js";
import { verifyGraph } from "../ir/verify.js";
import { knownOps } from "../ops/registry.js";
import { importers } from "./all.generated.js";

export type { Importer } from "./importer.js";

/** The model's name: the file's, without folders and extensions. */
const modelName = (file: string): string => basename(file).replace(/\.(pkl|pickle|joblib|skops|onnx|json|ubj|txt|gz|z|lz4|xz|bz2|tflite|keras|h5)\b/gi, "") || "model";

export function importModel(bytes: Uint8Array, file: string): Graph {
  if (bytes.length === 0) fail("import/empty-file", file, "the file is empty", "Save the model again.");
  const importer = importers.find((i) => i.sniff(bytes));
  if (!importer) fail("import/unknown-format", file, "this is no model file that coincell knows", `Supported: ${importers.map((i) => i.title).join("; ")}.`);
  const graph = importer.read(bytes, file);
  return verifyGraph({ ...graph, name: modelName(file) }, knownOps);
}
