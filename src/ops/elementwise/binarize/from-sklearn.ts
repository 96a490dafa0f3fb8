/** scikit-learn's Binarizer. */
import { numberField } from "../../../ir/foreign.js";
import type { Lowering } from "../../../ir/op.js";

export const sklearn: Readonly<Record<string, Lowering>> = {
  Binarizer: (f, b) => b.add("binarize", { at: numberField(f, "threshold", 0) }, [b.x]),
};
