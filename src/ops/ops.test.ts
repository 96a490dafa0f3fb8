/** One suite for all operators, run on the cases each of them gives: meaning, precision, and the C byte for byte. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runBatch, bytesIn, type Job } from "../../test/support/batch.js";
import { floatVariant, reals, reference, variants, type Variant } from "../../test/support/one-step.js";
import { kernelSource } from "../assets.js";
import { buildProgram, findBoard, runProgram } from "../boards/index.js";
import { without } from "../boards/testing.js";
import { emit } from "../stages/candidates.js";
import { entry } from "../emit/index.js";
import { unrolledOf } from "../emit/step.js";
import type { AnyOp } from "../ir/op.js";
import { decodeParams, encodeParams } from "../ir/params.js";
import { scaleAt, zeroAt, type TypedArray } from "../ir/types.js";
import { allOps } from "./registry.js";

const device = allOps.filter((op) => op.prepare !== null && op.cases.length > 0);
/** An affine map vanishes in fixed point. */
const fixed = device.filter((op) => op.traits.affine === undefined);
const known = new Map<AnyOp, readonly Variant[]>();

function all(op: AnyOp): readonly Variant[] {
  const made = known.get(op) ?? op.cases.flatMap((c) => variants(op, c));
  known.set(op, made);
  return made;
}

const dequantised = (v: Variant, y: TypedArray): Float64Array => {
  const q = v.outputs[0]?.quant;
  return Float64Array.from(y, (n, i) => (q ? scaleAt(q, i) * (n - zeroAt(q, i)) : n));
};

/** Largest less smallest of all float outputs; 1 where they are all alike. */
function spreadOf(answers: readonly Float64Array[]): number {
  let [lo, hi] = [Infinity, -Infinity];
  for (const a of answers) for (const v of a) { lo = Math.min(lo, v); hi = Math.max(hi, v); }
  return hi > lo ? hi - lo : Math.max(1, Math.abs(hi));
}

for (const op of allOps) {
  test(`${op.name}: is described`, () => {
    assert.match(op.name, /^[a-z][a-z0-9_]*$/);
    assert.ok(op.doc.length > 5 && op.levels >= 1);
    if (op.prepare === null) assert.ok(op.traits.hostOnly ?? op.traits.view, "has no device form and does not say why");
    else assert.ok(op.cases.length + (op.layerCases?.length ?? 0) > 0, "has no case to be checked on");
  });

  test(`${op.name}: float gives what infer says`, () => {
    for (const c of op.cases) {
      const shapes = op.infer(c.attrs, [[c.features]]);
      const ys = op.float(c.attrs, [new Float64Array(c.features).fill(c.range[0])]);
      assert.deepEqual(ys.map((y) => y.length), shapes.map((s) => s[0]), c.title);
    }
  });
}

for (const op of fixed) {
  test(`${op.name}: integers against float`, () => {
    for (const v of all(op)) {
      if (!v.finest || v.covering === "roomy") continue;
      const truth = v.rows.map((r) => op.float(v.attrs, [reals(r, v.input)])[0] ?? new Float64Array(0));
      const allowed = v.tolerance * spreadOf(truth) + 1e-12;
      v.rows.forEach((r, i) => dequantised(v, reference(v, r)).forEach((y, k) => {
        const want = truth[i]?.[k] ?? NaN;
        assert.ok(Math.abs(y - want) <= allowed, `${v.title}: row ${i} [${r.join()}] output ${k} is ${y}, float says ${want}, allowed ${allowed}`);
      }));
    }
  });

  test(`${op.name}: parameters survive a model file`, () => {
    for (const v of all(op)) {
      const again = decodeParams(op.params, encodeParams(op.params, v.step.params));
      assert.deepEqual(again, v.step.params, v.title);
      for (const r of v.wild.slice(0, 20)) assert.deepEqual(reference(v, r, again), reference(v, r), v.title);
      const bytes = encodeParams(op.params, v.step.params);
      assert.throws(() => decodeParams(op.params, bytes.subarray(0, bytes.length - 1)), { name: "CoincellError" });
    }
  });
}

/** Every variant in its table form, and in its unrolled form where it has one. */
const jobs = (list: readonly Variant[], rows: number): Job[] => list.flatMap((v) => {
  const picked = [...v.wild.slice(0, rows), ...v.rows.slice(0, rows >> 1)];
  const want = picked.map((r) => bytesIn(reference(v, r)));
  const forms = unrolledOf(v.step, v.program) === null ? (["table"] as const) : (["table", "inline"] as const);
  return forms.map((form): Job => ({ title: v.title, program: v.program, form, rows: picked, want }));
});

/** All variants on the host; a part of them on the slower simulated chips. */
const boards: readonly (readonly [string, string, number, (v: Variant, k: number) => boolean])[] = [
  ["host", "gcc", 166, () => true], ["attiny85", "avr-gcc", 40, (v) => v.covering !== "roomy"], ["atmega328p", "avr-gcc", 40, (_, k) => k % 3 === 0],
];
for (const [board, compiler, rows, part] of boards) {
  for (const op of fixed) {
    test(`${op.name}: C on ${board} equals the reference byte for byte`, { skip: without(compiler) }, async () => {
      const wrong = await runBatch(jobs(all(op).filter(part), rows), findBoard(board), board === "host");
      assert.deepEqual(wrong.slice(0, 3), [], `${wrong.length} rows differ`);
    });
  }
}

async function floatC(v: Variant): Promise<readonly Float32Array[]> {
  const glue = entry(v.program, "scores");
  const files = new Map([...emit({ graph: null as never, program: v.program, labelProgram: null, placed: null }, "table"), ["entry.c", glue.text]]);
  const built = await buildProgram({ board: findBoard("host"), files, inBytes: glue.inBytes, outBytes: glue.outBytes, sanitize: true });
  const { outputs } = await runProgram(built, Buffer.concat(v.rows.map(bytesIn)));
  return outputs.map((o) => (v.outputs[0]?.dtype === "f32" ? new Float32Array(o.slice().buffer) : Float32Array.from(o)));
}

for (const op of device.filter((o) => kernelSource(o.name, "kernel.f32.c") !== null)) {
  test(`${op.name}: float32 C against float`, { skip: without("gcc") }, async () => {
    for (const c of op.cases) {
      const v = floatVariant(op, c);
      const truth = v.rows.map((r) => op.float(v.attrs, [Float64Array.from(r)])[0] ?? new Float64Array(0));
      const allowed = 1e-5 * spreadOf(truth);
      const got = await floatC(v);
      got.forEach((y, i) => y.forEach((n, k) => {
        const want = truth[i]?.[k] ?? NaN;
        assert.ok(Math.abs(n - want) <= allowed, `${c.title}: row ${i} output ${k} is ${n}, float says ${want}`);
        assert.ok(Math.abs((reference(v, v.rows[i] as TypedArray)[k] ?? NaN) - want) <= allowed, `${c.title}: row ${i}: the TypeScript reference gives ${reference(v, v.rows[i] as TypedArray)[k]}, float says ${want}`);
      }));
    }
  });
}
