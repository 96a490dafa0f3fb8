/** One-versus-one voting where equal votes are decided by the sum of a class's decisions: SVC(break_ties=True). Source: sklearn.utils.multiclass._ovr_decision_function. */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp } from "../../../ir/op.js";

/** As `ovo_vote`; a pair's decision counts for i as it is and for j with its sign turned. */
export type OvoBreakTiesAttrs = { readonly classes: number };

/**
 * Most votes, then the largest sum, then the first class. (scikit-learn adds sum / (3 |sum| + 3), less than 1/3, to the votes:
 * the same order.) `scaled` makes the sum of k - 1 decisions fit 32 bits; it is the same for all classes.
 */
function winner(x: ArrayLike<number>, classes: number, scaled: (v: number) => number): number {
  let [best, most, top, own] = [0, -1, 0, 0];
  for (let c = 0; c < classes; c++) {
    let [votes, sum] = [0, 0];
    for (let o = 0, at = c - 1; o < c; at += classes - 2 - o, o++) {
      if ((x[at] ?? 0) < 0) votes++;
      sum -= scaled(x[at] ?? 0);
    }
    for (let o = c + 1; o < classes; o++, own++) {
      if ((x[own] ?? 0) >= 0) votes++;
      sum += scaled(x[own] ?? 0);
    }
    if (votes > most || (votes === most && sum > top)) [most, top, best] = [votes, sum, c];
  }
  return best;
}

export default defineOp({
  name: "ovo_break_ties",
  family: "decision",
  doc: "y = class with most votes over all pairs; of several, the one with the largest sum of decisions",
  inputs: ["x"],
  outputs: ["y"],
  infer: (a: OvoBreakTiesAttrs, [x]) => {
    const pairs = (a.classes * (a.classes - 1)) / 2;
    if (!(a.classes >= 2 && a.classes <= 256) || x?.[0] !== pairs) fail("ir/shape", "ovo_break_ties", `${x?.[0]} decisions for ${a.classes} classes`, "Supported: 2 to 256 classes, one decision for each pair.");
    return [[1]];
  },
  float: (a, [x]) => [Float64Array.of(winner(x ?? [], a.classes, (v) => v))],
  params: { classes: "len", shift: "u8" },
  levels: 1,
  prepare: ({ attrs }) => ({ params: { classes: attrs.classes, shift: Math.ceil(Math.log2(attrs.classes)) }, outputs: [{ dtype: "u8" }] }),
  int: (p, [x], [y]) => { if (x && y) y[0] = winner(x, p.classes, x instanceof Float32Array ? Math.fround : (v) => v >> p.shift); },
  traits: {},
  from: {},
  cases: [
    { title: "three classes, cyclic ties", attrs: { classes: 3 }, features: 3, range: [-1, 1], tolerance: 0 },
    { title: "five classes", attrs: { classes: 5 }, features: 10, range: [-2, 2], tolerance: 0 },
  ],
});
