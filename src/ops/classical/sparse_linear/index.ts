/** Sparse linear map: the projection in front of Bonsai and ProtoNN, few weights of few bits. */
import { fail } from "../../../ir/diagnostics.js";
import { clamp } from "../../../ir/fixed.js";
import { defineOp } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import type { TypedArray } from "../../../ir/types.js";
import { cases } from "./cases.js";
import { prepareFloat, prepareInt, type SparseAttrs } from "./prepare.js";
import { GAPS, LISTED } from "./store.js";

/** `form`: 0 all columns, 1 listed columns, 2 weights behind gaps; `cols`: stored columns of a row (forms 0 and 1). */
const params = { rows: "len", cols: "len", form: "u8", nibbles: "u8", shift: "u8", top: "i16", w: "rom", b: "rom", skip: "rom", count: "rom" } as const;
type Values = ParamValues<typeof params>;

/** Calls `term` with every stored weight of the rows in turn (a nibble counts 16 times), and the column it belongs to. */
function walk(p: Values, term: (row: number, weight: number, column: number) => void): void {
  for (let i = 0, at = 0, gap = 0; i < p.rows; i++) {
    if (p.form === LISTED) gap = 0;
    const n = p.form === GAPS ? (p.count[i] ?? 0) : p.cols;
    for (let k = 0, j = 0; k < n; k++, j++) {
      if (p.form === LISTED || (p.form === GAPS && !p.nibbles)) j += p.skip[gap++] ?? 0;
      const stored = p.w[p.nibbles && p.form !== GAPS ? at + (k >> 1) : at + k] ?? 0;
      if (p.nibbles && p.form === GAPS) j += stored & 15;
      term(i, !p.nibbles ? stored : p.form === GAPS || k % 2 === 0 ? stored & ~15 : (stored << 28) >> 24, j);
    }
    at += p.nibbles && p.form !== GAPS ? (n + 1) >> 1 : n;
  }
}

function run(p: Values, x: TypedArray, y: TypedArray): void {
  const sums = new Float64Array(p.rows);
  if (x instanceof Float32Array) {
    walk(p, (i, w, j) => { sums[i] = Math.fround(sums[i]! + Math.fround(w * (x[j] ?? 0))); });
    sums.forEach((s, i) => { y[i] = s + (p.b[i] ?? 0); });
    return;
  }
  walk(p, (i, w, j) => { sums[i]! += w * (x[j] ?? 0); });
  sums.forEach((s, i) => { y[i] = clamp((p.b[i] ?? 0) + (s >> p.shift), -p.top, p.top); });
}

export default defineOp({
  name: "sparse_linear",
  family: "classical",
  doc: "y = W x + b, W mostly zeros or of few bits",
  inputs: ["x"],
  outputs: ["y"],
  infer: (a: SparseAttrs, [x]) => {
    if (x?.[0] !== a.cols) fail("ir/shape", "sparse_linear", `the input has ${x?.[0]} elements, the weights want ${a.cols}`, "Give the model the number of features it was trained on.");
    if (!(a.rows >= 1) || a.w.length !== a.rows * a.cols || a.b.length !== a.rows) fail("ir/shape", "sparse_linear", `${a.w.length} weights and ${a.b.length} biases for ${a.rows} outputs of ${a.cols} inputs`, "The file is damaged; train the model again.");
    if (!a.w.every(Number.isFinite) || !a.b.every(Number.isFinite)) fail("ir/bad-attribute", "sparse_linear", "a weight that is not finite", "Train again; the data may hold missing values, or the training diverged.");
    for (const bits of [a.outBits, a.weightBits]) if (bits !== 8 && bits !== 16) fail("ir/bad-attribute", "sparse_linear", `outputs or weights of ${bits} bits`, "Supported: 8, 16.");
    return [[a.rows]];
  },
  float: (a, [x]) => {
    const y = Float64Array.from(a.b);
    for (let i = 0; i < a.rows; i++) for (let j = 0; j < a.cols; j++) y[i]! += (a.w[i * a.cols + j] ?? 0) * (x?.[j] ?? 0);
    return [y];
  },
  params,
  // The widths are attributes: the learner has a budget in bytes, which no search may exceed.
  levels: 1,
  prepare: (ctx) => (ctx.arithmetic === "int" ? prepareInt(ctx) : prepareFloat(ctx)),
  int: (p, [x], [y]) => { if (x && y) run(p, x, y); },
  traits: { perElementInput: true, maxInputBits: 16 },
  from: {},
  cases,
});
