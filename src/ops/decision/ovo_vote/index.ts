/** One-versus-one voting: each pair's decision is a vote, the class with most votes wins, the first one on a tie (libsvm, svm_predict_values). */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp } from "../../../ir/op.js";

/** Decision of pair (i, j), i < j, above zero: a vote for i, else for j. Pairs in the order (0,1), (0,2) … (1,2) … */
export type OvoVoteAttrs = { readonly classes: number };

/** Class by class, so that no array of votes is needed. */
function winner(x: ArrayLike<number>, classes: number): number {
  let [best, most, own] = [0, -1, 0];
  for (let c = 0; c < classes; c++) {
    let votes = 0;
    for (let o = 0, at = c - 1; o < c; at += classes - 2 - o, o++) if ((x[at] ?? 0) <= 0) votes++;
    for (let o = c + 1; o < classes; o++) if ((x[own++] ?? 0) > 0) votes++;
    if (votes > most) [most, best] = [votes, c];
  }
  return best;
}

export default defineOp({
  name: "ovo_vote",
  family: "decision",
  doc: "y = class with most votes over all pairs: x(i,j) > 0 ? i : j",
  inputs: ["x"],
  outputs: ["y"],
  infer: (a: OvoVoteAttrs, [x]) => {
    const pairs = (a.classes * (a.classes - 1)) / 2;
    if (!(a.classes >= 2 && a.classes <= 256) || x?.[0] !== pairs) fail("ir/shape", "ovo_vote", `${x?.[0]} decisions for ${a.classes} classes`, "Supported: 2 to 256 classes, one decision for each pair.");
    return [[1]];
  },
  float: (a, [x]) => [Float64Array.of(winner(x ?? [], a.classes))],
  params: { classes: "len" },
  levels: 1,
  prepare: ({ attrs }) => ({ params: { classes: attrs.classes }, outputs: [{ dtype: "u8" }] }),
  int: (p, [x], [y]) => { if (x && y) y[0] = winner(x, p.classes); },
  traits: { perElementInput: true },
  from: {},
  cases: [
    { title: "two classes", attrs: { classes: 2 }, features: 1, range: [-1, 1], tolerance: 0 },
    { title: "three classes, cyclic ties", attrs: { classes: 3 }, features: 3, range: [-1, 1], tolerance: 0 },
    { title: "six classes", attrs: { classes: 6 }, features: 15, range: [-3, 2], tolerance: 0 },
  ],
});
