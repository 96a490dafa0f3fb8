/** The .onnx border: bytes → {@link OnnxModel}, whose nodes are Foreign data for the registry. */
export type { OnnxGraph, OnnxValueInfo } from "./graph.js";
export { readOnnx, sniffOnnx, type OnnxModel } from "./model.js";
export type { OnnxTensor } from "./tensor.js";
