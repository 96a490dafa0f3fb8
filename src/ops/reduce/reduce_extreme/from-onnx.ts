import { globalFromOnnx, reduceFromOnnx } from "../../../ir/onnx-reduction.js";

export const fromOnnx = {
  ReduceMax: reduceFromOnnx("reduce_extreme", { smallest: false }), ReduceMin: reduceFromOnnx("reduce_extreme", { smallest: true }),
  GlobalMaxPool: globalFromOnnx("reduce_extreme", { smallest: false }),
};
