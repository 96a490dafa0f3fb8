/** Arg-max: the index of the largest (or smallest) element; the first one on a tie, as numpy. */
import { defineOp } from "../../../ir/op.js";

export type ArgmaxAttrs = { readonly smallest: boolean };

function best(x: ArrayLike<number>, smallest: boolean): number {
  let b = 0;
  for (let i = 1; i < x.length; i++) if (smallest ? (x[i] ?? 0) < (x[b] ?? 0) : (x[i] ?? 0) > (x[b] ?? 0)) b = i;
  return b;
}

export default defineOp({
  name: "argmax",
  family: "decision",
  doc: "y = index of the largest x (or smallest)",
  inputs: ["x"],
  outputs: ["y"],
  infer: (_a: ArgmaxAttrs) => [[1]],
  float: (a, [x]) => [Float64Array.of(best(x ?? [], a.smallest))],
  params: { n: "len", smallest: "u8" },
  levels: 1,
  prepare: ({ attrs, inputs: [x] }) => ({
    params: { n: x?.shape[0] ?? 1, smallest: attrs.smallest ? 1 : 0 },
    outputs: [{ dtype: (x?.shape[0] ?? 1) > 256 ? "i16" : "u8" }],
  }),
  int: (p, [x], [y]) => { if (x && y) y[0] = best(x, p.smallest !== 0); },
  traits: { picksLargest: (a) => !a.smallest, quantise: { positions: true } },
  from: {},
  cases: [
    { title: "largest of five", attrs: { smallest: false }, features: 5, range: [-10, 10], tolerance: 0 },
    { title: "smallest of five", attrs: { smallest: true }, features: 5, range: [-10, 10], tolerance: 0 },
    { title: "one element", attrs: { smallest: false }, features: 1, range: [-1, 1], tolerance: 0 },
  ],
});
