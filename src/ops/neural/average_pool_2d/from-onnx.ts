import { poolFromOnnx } from "../../../ir/onnx-pooling.js";

export const fromOnnx = { AveragePool: poolFromOnnx("average_pool_2d") };
