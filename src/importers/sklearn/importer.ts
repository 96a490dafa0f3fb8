import type { Importer } from "../importer.js";
import { readSklearn, sniffSklearn } from "./index.js";
import { lowerSklearn } from "./lower.js";

export default {
  format: "sklearn",
  title: "scikit-learn (pickle, joblib, skops)",
  sniff: sniffSklearn,
  read: (bytes, file) => lowerSklearn(readSklearn(bytes, file), file),
} satisfies Importer;
