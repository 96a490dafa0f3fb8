/** Normalizer of ai.onnx.ml. */
import { fail } from "../../../ir/diagnostics.js";
import { stringField } from "../../../ir/foreign.js";
import type { Lowering } from "../../../ir/op.js";

const normalizer: Lowering = (f, b) => {
  const norm = stringField(f, "norm", "MAX");
  if (!["L1", "L2", "MAX"].includes(norm)) fail("onnx/norm", f.where, `norm ${norm.slice(0, 40)}`, "Supported: L1, L2, MAX.");
  return b.add("normalize", { norm: norm.toLowerCase() }, [b.x]);
};

export const onnx: Readonly<Record<string, Lowering>> = { "ai.onnx.ml.Normalizer": normalizer };
