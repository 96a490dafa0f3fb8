/** Kernel machines: support vector classifiers (one-versus-one), regressors and novelty detectors with a non-linear kernel. */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp } from "../../../ir/op.js";
import { checkKernel, evaluate, outputsOf, type KernelAttrs } from "./attrs.js";
import { cases } from "./cases.js";
import { onnx } from "./from-onnx.js";
import { sklearn } from "./from-sklearn.js";
import { prepareFloat, prepareInt } from "./prepare.js";
import { params, run } from "./reference.js";

export default defineOp({
  name: "kernel_machine",
  family: "classical",
  doc: "y[p] = b[p] + sum over support vectors of dual[p][i] * K(x, sv[i])",
  inputs: ["x"],
  outputs: ["y"],
  infer: (a: KernelAttrs, [x]) => {
    if (x?.[0] !== a.features) fail("ir/shape", "kernel_machine", `the input has ${x?.[0]} elements, the support vectors have ${a.features}`, "Give the model the number of features it was trained on.");
    checkKernel(a);
    return [[outputsOf(a)]];
  },
  float: (a, [x]) => [evaluate(a, x ?? [])],
  params,
  levels: 3,
  prepare: (ctx) => (ctx.arithmetic === "int" ? prepareInt(ctx) : prepareFloat(ctx)),
  int: (p, [x], [y]) => { if (x && y) run(p, x, y); },
  traits: {
    // The squared distance of rbf needs one scale for all elements; dot products take each weight's own.
    perElementInput: (a) => a.kernel !== "rbf",
    maxInputBits: 16,
    inputHint: (a) => {
      const min = new Float64Array(a.features).fill(Infinity);
      const max = new Float64Array(a.features).fill(-Infinity);
      a.sv.forEach((v, i) => {
        const j = i % a.features;
        min[j] = Math.min(min[j] ?? 0, v);
        max[j] = Math.max(max[j] ?? 0, v);
      });
      return { min, max };
    },
  },
  from: { sklearn, onnx },
  cases,
});
