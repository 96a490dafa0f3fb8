/** What the tests of this folder share: a small model that uses every part of the format, and the real files where there are some. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { TfliteModel, TfliteOperator, TfliteTensor } from "./types.js";
import { defaultOptions } from "./options.js";

export function tensor(name: string, shape: readonly number[], more: Partial<TfliteTensor> = {}): TfliteTensor {
  return {
    name, type: "INT8", shape, shapeSignature: [], data: null, scale: [0.5], zeroPoint: [-3], quantizedDimension: 0, otherQuantization: null,
    isVariable: false, sparsity: null, ...more,
  };
}

export function operator(name: string, inputs: readonly number[], outputs: readonly number[], more: Partial<TfliteOperator> = {}): TfliteOperator {
  const options = more.optionsType ? defaultOptions(more.optionsType) ?? {} : {};
  return { name, customCode: "", version: 1, inputs, outputs, intermediates: [], optionsType: null, customOptions: null, ...more, options: { ...options, ...more.options } };
}

const bytes = (n: number, step: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => (i * step) & 255);

/** A convolution with per-channel scales, a state, a sparse constant, a custom operator, both unions of options, a second subgraph. */
export function smallModel(): TfliteModel {
  const weights = bytes(4 * 3 * 3 * 2, 7);
  const tensors = [
    tensor("in", [1, 5, 5, 2], { shapeSignature: [-1, 5, 5, 2] }),
    tensor("weights", [4, 3, 3, 2], { data: weights, scale: [0.25, 0.5, 1, 2], zeroPoint: [0, 0, 0, 0] }),
    tensor("bias", [4], { type: "INT32", data: bytes(16, 3), scale: [0.125], zeroPoint: [0] }),
    tensor("conv", [1, 5, 5, 4]),
    tensor("state", [2, 4], { type: "INT16", isVariable: true, zeroPoint: [0] }),
    tensor("sparse", [2, 4], {
      data: bytes(3, 5), otherQuantization: { type: "BlockwiseQuantization", value: { scales: 1, zero_points: -1, block_size: 32 } },
      sparsity: {
        traversalOrder: [0, 1], blockMap: [],
        dimensions: [
          { format: "DENSE", denseSize: 2, segments: null, indices: null },
          { format: "SPARSE_CSR", denseSize: 0, segments: { type: "Int32Vector", value: { values: [0, 1, 3] } }, indices: { type: "Uint8Vector", value: { values: [0, 1, 3] } } },
        ],
      },
    }),
    tensor("custom ünd", [1, 4], { type: "FLOAT32", scale: [], zeroPoint: [] }),
    tensor("out", [1, 4], { type: "FLOAT32", scale: [], zeroPoint: [] }),
    tensor("same weights", [72], { data: weights, scale: [], zeroPoint: [] }),
  ];
  const operators = [
    operator("CONV_2D", [0, 1, 2], [3], { version: 3, optionsType: "Conv2DOptions", options: { stride_w: 1, stride_h: 1, fused_activation_function: "RELU6", dilation_w_factor: 2 } }),
    operator("CUSTOM", [3, 4, -1, 5], [6], { customCode: "MyOp", customOptions: bytes(9, 11), intermediates: [4] }),
    operator("STABLEHLO_PAD", [6, 8], [7], { optionsType: "StablehloPadOptions", options: { edge_padding_low: [-1, 2 ** 40], edge_padding_high: [0, 1] } }),
  ];
  const loop = operator("SOFTMAX", [0], [1], { optionsType: "SoftmaxOptions", options: { beta: 0.5 } });
  return {
    version: 3, description: "by hand",
    operatorCodes: [...operators, loop].map(({ name, customCode, version }) => ({ name, customCode, version })),
    subgraphs: [
      { name: "main", tensors, inputs: [0], outputs: [7], operators },
      { name: "body", tensors: [tensor("x", [1, 3]), tensor("y", [1, 3])], inputs: [0], outputs: [1], operators: [loop] },
    ],
    metadata: [{ name: "min_runtime_version", data: bytes(16, 1) }, { name: "empty", data: null }],
    signatures: [{ key: "serving_default", subgraph: 0, inputs: [{ name: "image", tensor: 0 }], outputs: [{ name: "score", tensor: 7 }] }],
  };
}

/** The .tflite files of a folder outside the repository; null on a machine that has none. */
export function sharedFiles(folder: "models" | "fixtures/int8"): readonly { readonly name: string; readonly bytes: Uint8Array }[] | null {
  const url = new URL(`../../../../shared/${folder}/`, import.meta.url);
  if (!existsSync(url)) return null;
  return readdirSync(url).filter((f) => f.endsWith(".tflite")).map((name) => ({ name, bytes: readFileSync(new URL(name, url)) }));
}
