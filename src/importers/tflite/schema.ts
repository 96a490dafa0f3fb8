/** The tables of a .tflite file, fields in slot order; source: schema.fbs, schema version 3d (3, 3a, 3b and 3c are subsets of it). */
import { bytes, flag, many, numbers, one, oneOf, rareNumbers, scalar, text, union, type Table, type TableData } from "./codec.js";
import { TENSOR_TYPES } from "./element.js";
import { OPTIONS, OPTIONS_2 } from "./options.js";

const table = <const T extends Table>(t: T): T => t;
const type = oneOf("i8", TENSOR_TYPES, "FLOAT32");

const quantizationDetails = union(new Map<string, Table>([
  ["CustomQuantization", { custom: rareNumbers("u8") }],
  ["BlockwiseQuantization", { scales: scalar("i32"), zero_points: scalar("i32"), block_size: scalar("i32") }],
  ["MultiAxisQuantization", {
    scales: scalar("i32"), zero_points: scalar("i32"), block_size: scalar("i32"), quantized_dimensions: rareNumbers("i32"),
  }],
]));

const quantization = table({
  min: rareNumbers("f32"), max: rareNumbers("f32"), scale: rareNumbers("f32"), zeroPoint: rareNumbers("i64"),
  details: quantizationDetails, quantizedDimension: scalar("i32"),
});

const indexVector = union(new Map<string, Table>([
  ["Int32Vector", { values: numbers("i32") }], ["Uint16Vector", { values: numbers("u16") }], ["Uint8Vector", { values: numbers("u8") }],
]));

const sparsity = table({
  traversalOrder: numbers("i32"), blockMap: rareNumbers("i32"),
  dimensions: many(table({ format: oneOf("i8", ["DENSE", "SPARSE_CSR"], "DENSE"), denseSize: scalar("i32"), segments: indexVector, indices: indexVector })),
});

const tensor = table({
  shape: numbers("i32"), type, buffer: scalar("u32"), name: text, quantization: one(quantization), isVariable: flag(), sparsity: one(sparsity),
  shapeSignature: rareNumbers("i32"), hasRank: flag(),
  variantTensors: many(table({ shape: numbers("i32"), type, hasRank: flag() })), externalBuffer: scalar("u32"),
});

const operator = table({
  opcode: scalar("u32"), inputs: numbers("i32"), outputs: numbers("i32"), options: union(OPTIONS), customOptions: bytes(),
  customOptionsFormat: scalar("i8"), mutatingInputs: rareNumbers("bool"), intermediates: rareNumbers("i32"),
  largeOffset: scalar("u64"), largeSize: scalar("u64"), options2: union(OPTIONS_2), debugMetadata: scalar("i32", -1),
});

const subgraph = table({
  tensors: many(tensor), inputs: numbers("i32"), outputs: numbers("i32"), operators: many(operator), name: text, debugMetadata: scalar("i32", -1),
});

const tensorMap = table({ name: text, tensor: scalar("u32") });

export const MODEL = table({
  version: scalar("u32"),
  operatorCodes: many(table({ oldCode: scalar("i8"), customCode: text, version: scalar("i32", 1), code: scalar("i32") })),
  subgraphs: many(subgraph),
  description: text,
  buffers: many(table({ data: bytes(16), offset: scalar("u64"), size: scalar("u64") })),
  metadataBuffer: rareNumbers("i32"),
  metadata: many(table({ name: text, buffer: scalar("u32") })),
  signatures: many(table({ inputs: many(tensorMap), outputs: many(tensorMap), key: text, deprecatedTag: text, subgraph: scalar("u32") })),
});

export type RawModel = TableData<typeof MODEL>;
export type RawSubgraph = RawModel["subgraphs"][number];
export type RawTensor = RawSubgraph["tensors"][number];
export type RawOperator = RawSubgraph["operators"][number];
export type Sparsity = TableData<typeof sparsity>;

export const IDENTIFIER = "TFL3";
