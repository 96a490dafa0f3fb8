import type { Importer } from "../importer.js";
import { readOnnx, sniffOnnx } from "./index.js";
import { lowerOnnx } from "./lower.js";

export default {
  format: "onnx",
  title: "ONNX",
  sniff: sniffOnnx,
  read: (bytes, file) => lowerOnnx(readOnnx(bytes, file), file),
} satisfies Importer;
