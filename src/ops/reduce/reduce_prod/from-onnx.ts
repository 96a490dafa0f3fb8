import { reduceFromOnnx } from "../../../ir/onnx-reduction.js";

export const fromOnnx = { ReduceProd: reduceFromOnnx("reduce_prod", {}) };
