/** From raw scores to what the source library prints. Labels never depend on it, so it runs on the host. */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp } from "../../../ir/op.js";

/** `gain` multiplies the raw score first; `shift` is a constant of some kinds. */
export type LinkAttrs = { readonly kind: string; readonly gain?: number; readonly shift?: number };

const logistic = (v: number): number => 1 / (1 + Math.exp(-v));
const normalise = (v: Float64Array): Float64Array => {
  const sum = v.reduce((a, b) => a + b, 0);
  return v.map((x) => (sum === 0 ? 1 / v.length : x / sum));
};
const softmax = (v: Float64Array): Float64Array => {
  const top = Math.max(...v);
  return normalise(v.map((x) => Math.exp(x - top)));
};
const clipped = (v: number): number => (Math.min(1, Math.max(-1, v)) + 1) / 2;
const pair = (p: number): Float64Array => Float64Array.of(1 - p, p);

const kinds: Readonly<Record<string, (x: Float64Array, shift: number) => Float64Array>> = {
  softmax,
  /** One score; two probabilities. */
  logistic_pair: (x) => pair(logistic(x[0] ?? 0)),
  softmax_pair: (x) => softmax(Float64Array.of(-(x[0] ?? 0), x[0] ?? 0)),
  /** One-versus-rest: each class by itself, then normalised. */
  logistic_normalised: (x) => normalise(x.map(logistic)),
  logistic: (x) => x.map(logistic),
  /** Modified Huber loss: the clipped score is the probability. */
  huber_pair: (x) => pair(clipped(x[0] ?? 0)),
  huber_normalised: (x) => normalise(x.map(clipped)),
  exp: (x) => x.map(Math.exp),
  negate: (x) => x.map((v) => -v),
  /** Difference of the two shares of a vote back to the shares. */
  shares_pair: (x) => pair(0.5 + (x[0] ?? 0) / 2),
  /** Negated squared distances. */
  distance: (x) => x.map((v) => Math.sqrt(Math.max(0, -v))),
  /** Weighted votes to shares. */
  shares: normalise,
  /** Isolation forest: mean normalised depth to decision function. */
  isolation: (x, shift) => x.map((v) => -(2 ** -v) - shift),
};

export default defineOp({
  name: "link",
  family: "decision",
  doc: "y = softmax(x), 1/(1+exp(-x)), exp(x) …: what predict_proba or predict prints",
  inputs: ["x"],
  outputs: ["y"],
  infer: (a: LinkAttrs, [x]) => {
    if (!(a.kind in kinds)) fail("ir/bad-attribute", "link", `kind "${a.kind}"`, `Supported: ${Object.keys(kinds).join(", ")}.`);
    return [a.kind.endsWith("_pair") ? [2] : (x ?? [1])];
  },
  float: (a, [x]) => [kinds[a.kind]?.((x ?? new Float64Array(1)).map((v) => v * (a.gain ?? 1)), a.shift ?? 0) ?? new Float64Array(1)],
  params: {},
  levels: 1,
  prepare: null,
  int: () => { throw new Error("link runs on the host"); },
  traits: { hostOnly: "it changes no label; the tool applies it to the scores it prints" },
  from: {},
  cases: [],
});
