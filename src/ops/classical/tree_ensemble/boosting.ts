/** What boosted trees of XGBoost and LightGBM have in common: from the sum of the trees to label and scores. */
import type { Builder, Value } from "../../../ir/op.js";

/** `kind` of the operator `link`, with its gain; null leaves the sums as they are. */
export type Link = { readonly kind: string; readonly gain?: number } | null;

const numbered = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

/** Two classes are decided by the sign of one sum, more by the largest of their sums. Labels are class numbers until a wrapper names them. */
export function finishClassifier(b: Builder, y: Value, link: Link): Value {
  const outputs = b.features(y);
  b.setTask("classification");
  b.setLabels(numbered(outputs === 1 ? 2 : outputs));
  b.output("label", outputs === 1 ? b.add("threshold", { at: 0 }, [y]) : b.add("argmax", { smallest: false }, [y]));
  b.output("scores", link === null ? y : b.add("link", { ...link }, [y]));
  return y;
}

export function finishRegressor(b: Builder, y: Value, link: Link): Value {
  b.setTask("regression");
  b.output("scores", link === null ? y : b.add("link", { ...link }, [y]));
  return y;
}
