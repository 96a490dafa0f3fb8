/** scikit-learn's Normalizer. */
import { stringField } from "../../../ir/foreign.js";
import type { Lowering } from "../../../ir/op.js";

export const sklearn: Readonly<Record<string, Lowering>> = {
  Normalizer: (f, b) => b.add("normalize", { norm: stringField(f, "norm", "l2") }, [b.x]),
};
