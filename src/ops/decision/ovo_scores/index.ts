/** Pair decisions as scikit-learn's decision_function(decision_function_shape="ovr"): votes plus a bounded sum of decisions. Source: sklearn.utils.multiclass._ovr_decision_function. */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp } from "../../../ir/op.js";

export type OvoScoresAttrs = { readonly classes: number };

function scores(x: ArrayLike<number>, classes: number): Float64Array {
  const votes = new Float64Array(classes);
  const sums = new Float64Array(classes);
  for (let i = 0, at = 0; i < classes; i++) {
    for (let j = i + 1; j < classes; j++, at++) {
      const v = x[at] ?? 0;
      sums[i]! += v;
      sums[j]! -= v;
      votes[v < 0 ? j : i]! += 1;
    }
  }
  return votes.map((v, c) => v + (sums[c] ?? 0) / (3 * (Math.abs(sums[c] ?? 0) + 1)));
}

export default defineOp({
  name: "ovo_scores",
  family: "decision",
  doc: "y[c] = votes[c] + sum[c] / (3 (|sum[c]| + 1)) over the pairs of class c",
  inputs: ["x"],
  outputs: ["y"],
  infer: (a: OvoScoresAttrs, [x]) => {
    if (x?.[0] !== (a.classes * (a.classes - 1)) / 2) fail("ir/shape", "ovo_scores", `${x?.[0]} decisions for ${a.classes} classes`, "Give one decision for each pair.");
    return [[a.classes]];
  },
  float: (a, [x]) => [scores(x ?? [], a.classes)],
  params: {},
  levels: 1,
  prepare: null,
  int: () => { throw new Error("ovo_scores runs on the host"); },
  traits: { hostOnly: "it changes no label; the tool applies it to the scores it prints" },
  from: {},
  cases: [],
});
