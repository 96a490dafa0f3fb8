/** .tflite: TensorFlow Lite models, schema version 3. */
import type { Importer } from "../importer.js";
import { readGraph } from "./index.js";
import { IDENTIFIER } from "./schema.js";

export default {
  format: "tflite",
  title: "TensorFlow Lite (.tflite)",
  sniff: (bytes) => bytes.length >= 8 && String.fromCharCode(...bytes.subarray(4, 8)) === IDENTIFIER,
  read: readGraph,
} satisfies Importer;
