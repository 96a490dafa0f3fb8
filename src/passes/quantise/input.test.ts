/** The choice of the device's input: grids are kept exactly, ranges are covered, and nothing degenerate gets through. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../../../test/support/random.js";
import { convertRow } from "../../ir/conversion.js";
import { limits, scaleAt, zeroAt, type IntDType, type Tensor } from "../../ir/types.js";
import { chooseFeature, chooseQuant, fitsGrid, headroom } from "./input.js";

const types: readonly IntDType[] = ["u8", "i8", "i16"];
const columnOf = (values: readonly number[], type: IntDType, room = headroom(type, true)) => {
  const v = Float64Array.from(values, Math.fround);
  return chooseFeature(v, Math.min(...v), Math.max(...v), type, room);
};
/** What the integers give back for a value. */
const back = (value: number, f: { readonly scale: number; readonly zero: number }, type: IntDType): number => {
  const input: Tensor = { name: "x", dtype: type, shape: [1], quant: { scale: [f.scale], zero: [f.zero] } };
  return f.scale * ((convertRow([value], input)[0] ?? 0) - f.zero);
};

for (const step of [1, 0.5, 0.1, 0.02, 0.001, 5, 10]) {
  test(`values on a grid of ${step} come back exactly`, () => {
    const r = random(step * 1000);
    for (const type of types) {
      const values = Array.from({ length: 100 }, () => r.below(type === "i16" ? 20_000 : 120) * step);
      const f = columnOf(values, type);
      for (const v of values) assert.ok(Math.abs(back(Math.fround(v), f, type) - v) <= 1e-6 * Math.abs(v) + 1e-9, `${type}: ${v} comes back as ${back(v, f, type)} (scale ${f.scale}, zero ${f.zero})`);
    }
  });
}

test("a grid far from zero keeps its steps", () => {
  const values = Array.from({ length: 60 }, (_, i) => 100_000 + i);
  const f = columnOf(values, "u8");
  assert.equal(f.scale, 1);
  for (const v of values) assert.equal(back(v, f, "u8"), v);
});

const shapes: readonly (readonly [string, readonly number[]])[] = [
  ["negative", [-7.3, -2.111, -900.77]], ["around zero", [-1.2345, 0.777, 3.14159]], ["constant", [2.718281, 2.718281]], ["all zero", [0, 0, 0]], ["a single value", [13.37]],
  ["huge", [1e12, 3.3e12]], ["tiny", [1.1e-9, 7.7e-9]], ["constant and negative", [-5.4321, -5.4321]], ["huge and constant", [1e20, 1e20]], ["one outlier", [0.1234, 0.2222, 1e6]],
];
for (const [title, values] of shapes) {
  test(`a ${title} feature is covered`, () => {
    for (const type of types) for (const room of [0.05, 3]) {
      const f = columnOf(values, type, room);
      assert.ok(f.scale > 0 && Number.isFinite(f.scale) && Number.isFinite(f.zero) && Number.isFinite(Math.fround(1 / f.scale)), JSON.stringify(f));
      const [lo, hi] = limits(type);
      for (const v of values) {
        const q = Math.fround(v) / f.scale + f.zero;
        assert.ok(q >= lo - 0.51 && q <= hi + 0.51, `${type}: ${v} is ${q} of ${lo}..${hi}`);
        assert.ok(Math.abs(back(v, f, type) - v) <= f.scale * 0.51 + Math.abs(v) * 2e-6, `${type}, room ${room}: ${v} comes back as ${back(v, f, type)}`);
      }
    }
  });
}

test("random columns are covered, with steps no coarser than the range asks for", () => {
  const r = random(99);
  for (let k = 0; k < 400; k++) {
    const size = 10 ** r.between(-6, 6);
    const at = r.next() < 0.5 ? 0 : r.normal() * size * 5;
    const values = Array.from({ length: 12 }, () => Math.fround(at + r.normal() * size));
    const [min, max] = [Math.min(...values), Math.max(...values)];
    for (const type of types) {
      const f = columnOf(values, type);
      const [lo, hi] = limits(type);
      assert.ok(f.scale <= Math.max(((max - min) * 1.1 + 1e-6 * Math.abs(max)) / (hi - lo), 1e-9) * 10.01, `${type}: scale ${f.scale} for ${min}..${max}`);
      for (const v of values) assert.ok(Math.abs(back(v, f, type) - v) <= f.scale * 0.51 + Math.abs(v) * 4e-6, `${type}: ${v} of ${min}..${max} comes back as ${back(v, f, type)}`);
    }
  }
});

test("each feature has a scale of its own, and a lone row is enough", () => {
  const stats = { min: Float64Array.of(0, -5, 1e6), max: Float64Array.of(0, -5, 1e6) };
  const q = chooseQuant(stats, [Float64Array.of(0), Float64Array.of(-5), Float64Array.of(1e6)], "i16", 3);
  assert.equal(q.scale.length, 3);
  [0, -5, 1e6].forEach((v, i) => assert.ok(Math.abs(scaleAt(q, i) * (Math.round(v / scaleAt(q, i) + zeroAt(q, i)) - zeroAt(q, i)) - v) <= Math.abs(v) * 1e-5));
});

test("fitsGrid says yes only where the type holds every value exactly", () => {
  assert.ok(fitsGrid([Float64Array.of(0, 17), Float64Array.of(255, 3)], "u8"));
  assert.ok(!fitsGrid([Float64Array.of(0.123456), Float64Array.of(2)], "u8"));
  assert.ok(!fitsGrid([Float64Array.of(0), Float64Array.of(1), Float64Array.of(60_001)], "u8"));
});
