import assert from "node:assert/strict";
import { test } from "node:test";
import { CoincellError } from "../../ir/diagnostics.js";
import { evaluateAll } from "../../passes/evaluate.js";
import { gather, sortedByClass, classesOf } from "../scale/classes.js";
import { scaled, scalingOf } from "../scale/front.js";
import { clouds, line, rowOf, seeded } from "../scale/testing.js";
import { KernelRows, type Kernel } from "./kernels.js";
import { learners } from "./index.js";
import { trainPairs } from "./pairs.js";
import { BlockProducts } from "./products.js";
import { trainOneClass, trainTube } from "./single.js";
import { solve } from "./smo.js";

const linear: Kernel = { kind: "linear", gamma: 1, coef0: 0, degree: 3 };
const rbf: Kernel = { kind: "rbf", gamma: 0.25, coef0: 0, degree: 3 };
const near = (a: number, b: number, by = 1e-6): void => assert.ok(Math.abs(a - b) <= by, `${a} is not ${b}`);
const find = (name: string) => learners.find((l) => l.name === name)!;

/** Clouds sorted by class, standardised. */
function sorted(rows: number, features: number, classes: number, apart: number, seed: number): { readonly x: Float64Array; readonly starts: Int32Array } {
  const d = clouds(rows, features, classes, apart, seed);
  const c = classesOf(d);
  const starts = new Int32Array(classes + 1);
  c.counts.forEach((n, k) => { starts[k + 1] = starts[k]! + n; });
  return { x: gather(scaled(d.x, features, scalingOf(d.x, rows, features, false)), features, sortedByClass(c)), starts };
}

test("WebAssembly and plain JavaScript give the same bits", () => {
  for (const [rows, features] of [[1, 1], [9, 3], [40, 17]] as const) {
    const { x } = clouds(rows, features, 1, 1, rows);
    const starts = rows > 8 ? [0, 3, rows] : [0, rows];
    const [fast, plain] = [new BlockProducts(x, features, starts), new BlockProducts(x, features, starts, true)];
    for (let i = 0; i < rows; i++) for (let c = 0; c + 1 < starts.length; c++) {
      const n = starts[c + 1]! - starts[c]!;
      const want = Float64Array.from({ length: n }, (_, r) => { let s = 0; for (let j = 0; j < features; j++) s += x[i * features + j]! * x[(starts[c]! + r) * features + j]!; return s; });
      assert.deepEqual(fast.dots(i, c).slice(0, n), want);
      assert.deepEqual(plain.dots(i, c).slice(0, n), want);
    }
    fast.release();
    plain.release();
  }
});

test("kernel values outlive a small cache", () => {
  const { x, starts } = sorted(60, 3, 3, 1, 2);
  const [wide, narrow] = [new KernelRows(x, 3, starts, rbf), new KernelRows(x, 3, starts, rbf, 400)];
  for (let i = 0; i < 60; i += 7) for (let c = 0; c < 3; c++) assert.deepEqual(narrow.block(i, c), wide.block(i, c));
  near(wide.block(3, 0)[3]!, wide.diagonal(3), 1e-7);
  wide.release();
  narrow.release();
});

test("two points apart: the widest margin by hand", () => {
  // Rows -1, -2 against 1, 2: the border is 0, the margin rows have alpha 1/2.
  const [d] = trainPairs(Float64Array.of(-1, -2, 1, 2), 1, Int32Array.of(0, 2, 4), linear, { c: 10 }, seeded);
  assert.deepEqual([...d!.beta], [0.5, 0, -0.5, 0]);
  near(d!.b, 0);
  // Not centred: 0 against 4 gives f = 1 - x / 2, alpha 1/8.
  const [e] = trainPairs(Float64Array.of(0, 4), 1, Int32Array.of(0, 1, 2), linear, { c: 10 }, seeded);
  assert.deepEqual([...e!.beta], [0.125, -0.125]);
  near(e!.b, 1);
  // A small C binds both.
  const [f] = trainPairs(Float64Array.of(0, 4), 1, Int32Array.of(0, 1, 2), linear, { c: 0.05 }, seeded);
  assert.deepEqual([...f!.beta], [0.05, -0.05]);
});

test("the optimality conditions of C-classification hold", () => {
  const { x, starts } = sorted(90, 4, 2, 0.7, 9);
  for (const [kernel, c] of [[rbf, 1], [rbf, 100], [linear, 0.1]] as const) {
    const [d] = trainPairs(x, 4, starts, kernel, { c }, seeded);
    const k = new KernelRows(x, 4, starts, kernel);
    near(d!.beta.reduce((s, v) => s + v, 0), 0, 1e-9 * c);
    for (let i = 0; i < 90; i++) {
      const y = i < starts[1]! ? 1 : -1;
      const row = [...k.block(i, 0), ...k.block(i, 1)];
      const margin = y * (d!.beta.reduce((s, v, t) => s + v * row[t]!, 0) + d!.b);
      const alpha = y * d!.beta[i]!;
      assert.ok(alpha >= 0 && alpha <= c);
      if (alpha < c) assert.ok(margin >= 1 - 2e-3, `${margin}`);
      if (alpha > 0) assert.ok(margin <= 1 + 2e-3, `${margin}`);
    }
    k.release();
  }
});

test("nu bounds the share of rows at the bound from above and that of vectors from below", () => {
  const { x, starts } = sorted(120, 3, 2, 0.8, 12);
  for (const nu of [0.2, 0.5]) {
    const [d] = trainPairs(x, 3, starts, rbf, { nu }, seeded);
    const vectors = d!.beta.filter((v) => v !== 0).length;
    const top = Math.max(...d!.beta.map(Math.abs));
    const bound = d!.beta.filter((v) => Math.abs(v) === top).length;
    assert.ok(vectors >= nu * 120 && bound <= nu * 120 && bound > 1, `${vectors} ${bound}`);
    // Both classes carry nu / 2 of all, in units of the bound.
    near(d!.beta.slice(0, starts[1]).reduce((s, v) => s + v, 0) / top, nu * 60, 1e-9);
    near(d!.beta.reduce((s, v) => s + v, 0) / top, 0, 1e-9);
  }
  assert.throws(() => trainPairs(x, 3, Int32Array.of(0, 10, 120), rbf, { nu: 0.9 }, seeded), (e) => e instanceof CoincellError && e.diagnostic.code === "train/bad-hyper");
});

test("one class: a share nu lies outside; the coefficients sum to nu times the rows", () => {
  const { x } = sorted(100, 2, 1, 0, 3);
  const d = trainOneClass(x, 100, 2, rbf, 0.1, seeded);
  near(d.beta.reduce((s, v) => s + v, 0), 10, 1e-9);
  const k = new KernelRows(x, 2, [0, 100], rbf);
  const outside = Array.from({ length: 100 }, (_, i) => k.block(i, 0).reduce((s, v, t) => s + v * d.beta[t]!, d.b)).filter((v) => v < -1e-3).length;
  assert.ok(outside <= 10, `${outside}`);
  k.release();
});

test("a tube around a line: every row inside or at a price", () => {
  const d = line(60, [1.5], 0, 0.05, 4);
  const fit = trainTube(d.x, d.y!, 1, linear, 10, 0.2, seeded);
  const w = fit.beta.reduce((s, v, i) => s + v * d.x[i]!, 0);
  near(w, 1.5, 0.2);
  fit.beta.forEach((v, i) => {
    const error = w * d.x[i]! + fit.b - d.y![i]!;
    assert.ok(Math.abs(v) <= 10);
    if (Math.abs(v) < 10) assert.ok(Math.abs(error) <= 0.2 + 2e-3);
    if (v !== 0) assert.ok(Math.abs(error) >= 0.2 - 2e-3);
  });
});

test("the graph's scores are the solver's own decisions", () => {
  for (const classes of [2, 3, 4]) for (const kernel of ["rbf", "linear"] as const) {
    const data = clouds(80, 3, classes, 1, classes);
    const c = classesOf(data);
    const order = sortedByClass(c);
    const x = gather(scaled(data.x, 3, scalingOf(data.x, 80, 3, false)), 3, order);
    const starts = new Int32Array(classes + 1);
    c.counts.forEach((n, k) => { starts[k + 1] = starts[k]! + n; });
    const k: Kernel = { kind: kernel, gamma: 0.3, coef0: 0, degree: 3 };
    const decisions = trainPairs(x, 3, starts, k, { c: 1 }, seeded);
    const g = find("svm").learn(data, "classification", { gamma: 0.3, kernel }, seeded);
    const rows = new KernelRows(x, 3, [0, 80], k);
    const z = g.nodes.find((n) => n.op === "kernel_machine" || n.op === "linear")!.outputs[0]!;
    order.forEach((row, i) => {
      const own = decisions.map((d) => d.rows.reduce((s, t, at) => s + d.beta[at]! * rows.block(i, 0)[t]!, d.b));
      evaluateAll(g, rowOf(data, row))[z]!.forEach((v, p) => near(classes === 2 ? -v : v, own[p]!, 1e-5));
    });
    rows.release();
  }
});

test("the solver stops where nothing can move", () => {
  const one = Float32Array.of(1);
  const s = solve({ n: 1, split: 1, head: () => one, tail: () => new Float32Array(0), diagonal: () => 1, q: Float64Array.of(0), low: Float64Array.of(0), high: Float64Array.of(1), start: Float64Array.of(0.5), apart: false }, { tolerance: 1e-3 });
  assert.equal(s.beta[0], 0.5);
  near(s.rho[0], 0.5);
});

test("the solver takes the same steps with and without WebAssembly, apart or not, for odd lengths", () => {
  for (const [rows, apart] of [[31, false], [45, true], [38, true]] as const) {
    const { x, starts } = sorted(rows, 3, 2, 0.6, rows);
    const k = new KernelRows(x, 3, starts, rbf);
    const split = starts[1]!;
    const start = new Float64Array(rows);
    if (apart) start.fill(1, 0, 5).fill(-1, split, split + 5);
    const p = {
      n: rows, split, apart, start, q: apart ? new Float64Array(rows) : new Float64Array(rows).fill(-1, 0, split).fill(1, split),
      head: (t: number) => k.block(t, 0), tail: (t: number) => k.block(t, 1), diagonal: () => 1,
      low: new Float64Array(rows).fill(-1, split), high: new Float64Array(rows).fill(1, 0, split),
    };
    const [fast, slow] = [solve(p, { tolerance: 1e-6 }), solve(p, { tolerance: 1e-6 }, true)];
    assert.ok(fast.iterations > 3 && fast.gap < 1e-6);
    assert.deepEqual(slow, fast);
    k.release();
  }
});

test("shrinking ends at the optimum of all rows", () => {
  const { x, starts } = sorted(300, 3, 2, 0.4, 21);
  const split = starts[1]!;
  const k = new KernelRows(x, 3, starts, linear);
  const s = solve({
    n: 300, split, apart: false, start: new Float64Array(300), q: new Float64Array(300).fill(-1, 0, split).fill(1, split),
    head: (t) => k.block(t, 0), tail: (t) => k.block(t, 1), diagonal: (t) => k.diagonal(t),
    low: new Float64Array(300).fill(-50, split), high: new Float64Array(300).fill(50, 0, split),
  }, { tolerance: 1e-3 });
  // More steps than one turn: parts have been solved.
  assert.ok(s.iterations > 300 && s.gap < 1e-3, `${s.iterations} ${s.gap}`);
  near(s.beta.reduce((a, b) => a + b, 0), 0, 1e-8);
  for (let t = 0; t < 300; t++) {
    const row = [...k.block(t, 0), ...k.block(t, 1)];
    const y = t < split ? 1 : -1;
    const margin = y * (s.beta.reduce((a, b, i) => a + b * row[i]!, 0) - s.rho[0]);
    const alpha = y * s.beta[t]!;
    if (alpha < 50) assert.ok(margin >= 1 - 3e-3, `${margin}`);
    if (alpha > 0) assert.ok(margin <= 1 + 3e-3, `${margin}`);
  }
  k.release();
});

test("kernel values beyond all bounds are refused", () => {
  const data = clouds(30, 2, 2, 1, 3);
  assert.throws(() => find("svm").learn({ ...data, x: data.x.map((v) => v * 1e30) }, "classification", { kernel: "poly", gamma: 1, scaling: "none" }, seeded), (e) => e instanceof CoincellError && e.diagnostic.code === "train/overflow");
});
