/** Versions of operators for float32, int8 and int16 operands; source: tensorflow/lite/tools/versioning/op_version.cc. Others have one. */
const VERSIONS: Readonly<Record<string, readonly [f32: number, i8: number, i16: number]>> = {
  CONV_2D: [1, 3, 4], DEPTHWISE_CONV_2D: [1, 3, 5], FULLY_CONNECTED: [1, 4, 7], TRANSPOSE_CONV: [1, 2, 4], ADD: [1, 2, 3], SUB: [1, 2, 5], MUL: [1, 2, 4], DIV: [1, 2, 2],
  AVERAGE_POOL_2D: [1, 2, 3], MAX_POOL_2D: [1, 2, 3], SOFTMAX: [1, 2, 3], LOG_SOFTMAX: [1, 2, 2], LOGISTIC: [1, 2, 3], TANH: [1, 2, 3], RELU: [1, 2, 3], RELU6: [1, 2, 3],
  LEAKY_RELU: [1, 2, 2], CONCATENATION: [1, 2, 3], PAD: [1, 2, 3], PADV2: [1, 2, 3], MEAN: [1, 2, 3], SUM: [1, 2, 3], REDUCE_MAX: [1, 2, 3], REDUCE_MIN: [1, 2, 3],
  QUANTIZE: [1, 2, 2], DEQUANTIZE: [1, 2, 3], MAXIMUM: [1, 2, 4], MINIMUM: [1, 2, 4], RESIZE_BILINEAR: [1, 2, 4], BATCH_MATMUL: [1, 2, 3], TRANSPOSE: [1, 2, 4],
  L2_NORMALIZATION: [1, 2, 2], PACK: [1, 2, 3], ARG_MAX: [1, 2, 2], SQUARED_DIFFERENCE: [1, 2, 2],
};

/** The oldest version that has the operator for this type. */
export const versionOf = (type: string, dtype: string | undefined): number => VERSIONS[type]?.[dtype === "i8" ? 1 : dtype === "i16" ? 2 : 0] ?? 1;
