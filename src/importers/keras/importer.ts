/** .keras and .h5: models of Keras 2 and 3. */
import type { Importer } from "../importer.js";
import { readKeras, sniffKeras } from "./source.js";

export default {
  format: "keras",
  title: "Keras (.keras, .h5)",
  sniff: sniffKeras,
  read: readKeras,
} satisfies Importer;
