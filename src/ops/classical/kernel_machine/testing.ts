/** For the tests of this folder: an operator prepared by hand, and its C built alone on the host with sanitizers. */
import assert from "node:assert/strict";
import { kernelSource, runtimeHeader } from "../../../assets.js";
import { buildProgram, findBoard, runProgram } from "../../../boards/index.js";
import { emitC, entry } from "../../../emit/index.js";
import type { AnyOp, Arithmetic, Program, Stats } from "../../../ir/op.js";
import { makeArray, type Attrs, type Tensor, type TypedArray } from "../../../ir/types.js";

export const statsOf = (n: number, lo: number, hi: number): Stats => ({
  min: new Float64Array(n).fill(lo), max: new Float64Array(n).fill(hi), mean: new Float64Array(n).fill((lo + hi) / 2),
});

export interface Prepared {
  readonly op: AnyOp;
  readonly program: Program;
}

/** A program of one step; `range` is that of the input in real units. */
export function prepared(op: AnyOp, attrs: Attrs, x: Tensor, range: readonly [number, number], level: number, perElementOutput = false, arithmetic: Arithmetic = "int"): Prepared {
  const shape = op.infer(attrs, [x.shape])[0] ?? [1];
  const y: Tensor = { name: "y", dtype: "f64", shape };
  const stats = statsOf(x.shape[0] ?? 1, ...range);
  assert.ok(op.prepare);
  const made = op.prepare({ attrs, arithmetic, inputs: [x], outputs: [y], inputStats: [stats], outputStats: [stats], perElementOutput, level });
  const out: Tensor = { ...y, ...made.outputs[0] };
  return {
    op, program: {
      name: "one", task: "transform", labels: [], featureNames: [], arithmetic, tensors: [x, out], input: 0, moreInputs: [], moreOutputs: [], label: null, scores: 1, scoresView: out, host: [], source: "test",
      steps: [{ name: op.name, op: op.name, params: made.params, inputs: [0], outputs: [1] }],
    },
  };
}

export function reference({ op, program }: Prepared, x: TypedArray): TypedArray {
  const out = program.tensors[1] as Tensor;
  const y = makeArray(out.dtype, out.shape[0] ?? 1);
  op.int(program.steps[0]?.params ?? {}, [x], [y]);
  return y;
}

const bytesOf = (a: TypedArray): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);

/** Output bytes of every row, from the C under address and undefined-behaviour sanitizers. */
async function onHost({ program }: Prepared, rows: readonly TypedArray[]): Promise<readonly Uint8Array[]> {
  const glue = entry(program, "scores");
  const files = new Map([...emitC({ program, labelProgram: null, form: "table", sources: kernelSource, runtime: runtimeHeader(), measured: null }), ["entry.c", glue.text]]);
  const strict = ["-Wall", "-Wextra", "-Wconversion", "-Werror"];
  const built = await buildProgram({ board: findBoard("host"), files, inBytes: glue.inBytes, outBytes: glue.outBytes, optimise: "-O1", flags: strict, sanitize: true });
  return (await runProgram(built, Uint8Array.from(rows.flatMap((r) => [...bytesOf(r)])))).outputs;
}

/** The C must give the reference's bytes for every row. */
export async function sameOnHost(made: Prepared, rows: readonly TypedArray[]): Promise<void> {
  const outputs = await onHost(made, rows);
  rows.forEach((r, i) => assert.deepEqual([...(outputs[i] ?? [])], [...bytesOf(reference(made, r))], `row ${i}: ${[...r].join(", ")}`));
}

export async function floatOnHost(op: AnyOp, attrs: Attrs, x: Tensor, rows: readonly TypedArray[]): Promise<Float32Array[]> {
  const outputs = await onHost(prepared(op, attrs, x, [-1, 1], 0, false, "float"), rows);
  return outputs.map((o) => new Float32Array(o.slice().buffer));
}
