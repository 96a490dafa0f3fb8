import { poolFromOnnx } from "../../../ir/onnx-pooling.js";

export const fromOnnx = { MaxPool: poolFromOnnx("max_pool_2d") };
