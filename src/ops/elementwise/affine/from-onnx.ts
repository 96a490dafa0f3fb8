/** Scaler of ai.onnx.ml: `(x - offset) * scale`. */
import { fail } from "../../../ir/diagnostics.js";
import { arrayField, hasField, type Foreign } from "../../../ir/foreign.js";
import type { Lowering } from "../../../ir/op.js";

/** One value per feature, or one for all of them. */
function perFeature(f: Foreign, name: string, n: number, otherwise: number): Float64Array {
  const v = hasField(f, name) ? arrayField(f, name, 1).data : [otherwise];
  if (v.length !== 1 && v.length !== n) fail("onnx/bad-shape", f.where, `${name} has ${v.length} values for ${n} features`, "The file is damaged; export the model again.");
  return Float64Array.from({ length: n }, (_, i) => v[v.length === 1 ? 0 : i] ?? otherwise);
}

const scaler: Lowering = (f, b) => {
  const n = b.features(b.x);
  const scale = perFeature(f, "scale", n, 1);
  return b.add("affine", { scale, offset: perFeature(f, "offset", n, 0).map((o, i) => -o * (scale[i] ?? 1)) }, [b.x]);
};

export const onnx: Readonly<Record<string, Lowering>> = { "ai.onnx.ml.Scaler": scaler };
