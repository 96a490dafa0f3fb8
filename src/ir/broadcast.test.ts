import assert from "node:assert/strict";
import { test } from "node:test";
import { broadcastShape, walkElements, walkOf } from "./broadcast.js";
import { count, type Shape } from "./types.js";

/** The element of an operand that belongs to element i of the output, from numpy's definition. */
function elementAt(operand: Shape, y: Shape, i: number): number {
  let [at, size, rest] = [0, 1, i];
  for (let k = y.length - 1; k >= 0; k--) {
    const along = rest % (y[k] as number);
    rest = Math.floor(rest / (y[k] as number));
    const d = operand[k - y.length + operand.length] ?? 1;
    at += (d === 1 ? 0 : along) * size;
    size *= d;
  }
  return at;
}

function check(operands: readonly Shape[]): void {
  const y = broadcastShape(operands, "test");
  const { walk, steps } = walkOf(operands, y);
  const seen: number[] = [];
  walkElements(walk, steps, (i, ...at) => {
    seen.push(i);
    operands.forEach((s, o) => assert.equal(at[o], elementAt(s, y, i), `${JSON.stringify(operands)}: operand ${o}, element ${i}`));
  });
  assert.deepEqual(seen, Array.from({ length: count(y) }, (_, i) => i), JSON.stringify(operands));
}

test("every pair of shapes of up to five axes of length 1 to 3 is walked as numpy does", () => {
  const shapes = Array.from({ length: 32 }, (_, bits) => [0, 1, 2, 3, 4].map((k) => ((bits >> k) & 1 ? 2 + (k % 2) : 1)));
  for (const a of shapes) for (const b of shapes) check([a, b]);
});

test("missing axes stand in front; three operands", () => {
  for (const list of [[[3], [2, 3]], [[1], []], [[4, 1], [3, 1, 5]], [[2, 3, 4], [3, 1], [4]], [[5], [1], [2, 1]]]) check(list);
});

test("axes that are walked in one go are one", () => {
  assert.deepEqual(walkOf([[1, 4, 4, 3], [1, 4, 4, 3]], [1, 4, 4, 3]), { walk: { n: 48, run: 48, rank: 0, axes: Int32Array.of(0) }, steps: [1, 1] });
  assert.deepEqual(walkOf([[1, 4, 4, 3], [1, 1, 1, 3]], [1, 4, 4, 3]), { walk: { n: 48, run: 3, rank: 1, axes: Int32Array.of(16, 0, -3) }, steps: [1, 1] });
  assert.deepEqual(walkOf([[1, 4, 4, 3], [1]], [1, 4, 4, 3]), { walk: { n: 48, run: 48, rank: 0, axes: Int32Array.of(0) }, steps: [1, 0] });
});

test("shapes that do not fit are refused", () => {
  assert.throws(() => broadcastShape([[2, 3], [4]], "test"), /do not fit/);
  assert.throws(() => broadcastShape([[1, 1, 1, 1, 1, 1]], "test"), /up to 5/);
});
