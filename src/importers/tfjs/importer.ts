/** model.json of TensorFlow.js, with its weight files beside it. */
import type { Importer } from "../importer.js";
import { readTfjs, sniffTfjs } from "./index.js";

export default {
  format: "tfjs",
  title: "TensorFlow.js layers model (model.json)",
  sniff: sniffTfjs,
  read: readTfjs,
} satisfies Importer;
