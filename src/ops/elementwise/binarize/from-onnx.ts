/** Binarizer of ai.onnx.ml. */
import { numberField } from "../../../ir/foreign.js";
import type { Lowering } from "../../../ir/op.js";

export const onnx: Readonly<Record<string, Lowering>> = {
  "ai.onnx.ml.Binarizer": (f, b) => b.add("binarize", { at: numberField(f, "threshold", 0) }, [b.x]),
};
