import assert from "node:assert/strict";
import { test } from "node:test";
import { CoincellError } from "../../ir/diagnostics.js";
import { composed, mapped, principal, scaled, scalingOf } from "./front.js";
import { cholesky, eigen, scatter, solveCholesky } from "./matrix.js";
import { learners } from "./index.js";
import { clouds, seeded } from "./testing.js";

const near = (a: number, b: number, by = 1e-9): void => assert.ok(Math.abs(a - b) <= by, `${a} is not ${b}`);
const data = clouds(70, 4, 2, 1, 6);

test("standardised features have mean 0 and deviation 1; a constant one becomes 0 exactly", () => {
  const x = data.x.map((v, at) => (at % 4 === 2 ? Math.fround(0.1) : v));
  const y = scaled(x, 4, scalingOf(x, 70, 4, false));
  for (let j = 0; j < 4; j++) {
    const column = Array.from({ length: 70 }, (_, r) => y[r * 4 + j]!);
    near(column.reduce((s, v) => s + v, 0), 0, 1e-10);
    near(column.reduce((s, v) => s + v * v, 0) / 70, j === 2 ? 0 : 1, 1e-10);
  }
});

test("one factor for all keeps the shape of the cloud", () => {
  const s = scalingOf(data.x, 70, 4, true);
  assert.ok(s.scale.every((v) => v === s.scale[0]));
});

test("eigenvalues and vectors of a symmetric matrix", () => {
  const a = Float64Array.of(2, 1, 0, 1, 2, 0, 0, 0, 5);
  const { values, vectors } = eigen(a, 3);
  [5, 3, 1].forEach((v, i) => near(values[i]!, v));
  const s = scatter(data.x, 70, 4, 70);
  const e = eigen(s, 4);
  for (let k = 0; k < 4; k++) for (let i = 0; i < 4; i++) {
    let sum = 0;
    for (let j = 0; j < 4; j++) sum += s[i * 4 + j]! * e.vectors[k * 4 + j]!;
    near(sum, e.values[k]! * e.vectors[k * 4 + i]!, 1e-9 * e.values[0]!);
  }
  assert.equal(vectors.length, 9);
});

test("Cholesky solves, and says where it cannot", () => {
  const a = Float64Array.of(4, 2, 2, 3);
  assert.deepEqual([...solveCholesky(cholesky(a, 2)!, 2, [8, 7])].map((v) => Math.round(v * 1e9) / 1e9), [1.25, 1.5]);
  assert.equal(cholesky(Float64Array.of(1, 1, 1, 1), 2), null);
});

test("principal components are uncorrelated, the first the widest, and compose with what follows", () => {
  const m = principal(data.x, 70, 4, 3);
  const z = mapped(data.x, 70, m);
  const s = scatter(z, 70, 3, 69);
  for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) near(s[i * 3 + j]!, i === j ? m.variances[i]! : 0, 1e-8 * m.variances[0]!);
  const after = { rows: 1, cols: 3, w: Float64Array.of(1, -2, 0.5), b: Float64Array.of(3) };
  mapped(data.x, 70, composed(after, m)).forEach((v, r) => near(v, mapped(z, 70, after)[r]!, 1e-9));
});

test("more components than features are refused", () => {
  assert.throws(() => learners[0]!.learn(data, "transform", { components: 5 }, seeded), CoincellError);
});
