/** What learnt prototypes are, and their meaning in double precision. */
import { fail } from "../../../ir/diagnostics.js";

/** `b` (prototypes, dims): where they stand; `w` (prototypes, outputs): what they vote for. */
export type PrototypeAttrs = { readonly dims: number; readonly outputs: number; readonly gamma: number; readonly b: Float64Array; readonly w: Float64Array };

const squared = (a: PrototypeAttrs, m: number, z: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.dims; i++) sum += ((z[i] ?? 0) - (a.b[m * a.dims + i] ?? 0)) ** 2;
  return sum;
};

export function evaluate(a: PrototypeAttrs, z: ArrayLike<number>): Float64Array {
  const y = new Float64Array(a.outputs);
  for (let m = 0; m * a.dims < a.b.length; m++) {
    const near = Math.exp(-a.gamma * a.gamma * squared(a, m, z));
    for (let l = 0; l < a.outputs; l++) y[l]! += near * (a.w[m * a.outputs + l] ?? 0);
  }
  return y;
}

const wrong = (what: string): never => fail("ir/bad-attribute", "protonn", what, "Give arrays whose lengths agree, of finite numbers; train the model again.");

export function checkPrototypes(a: PrototypeAttrs): void {
  const prototypes = a.b.length / a.dims;
  if (!(Number.isInteger(prototypes) && prototypes >= 1 && a.outputs >= 1) || a.w.length !== prototypes * a.outputs) wrong(`${a.b.length} places and ${a.w.length} votes for ${a.dims} inputs and ${a.outputs} outputs`);
  if (!a.b.every(Number.isFinite) || !a.w.every(Number.isFinite) || !Number.isFinite(a.gamma)) wrong("a number that is not finite");
}
