/** Voting over pairs: against a plain count, ties to the first class, C equal to the reference. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findOp } from "../../registry.js";

/** Votes by the definition; `sums` decides equal votes where it is given. */
function plain(x: ArrayLike<number>, k: number, sums: boolean): number {
  const votes = new Float64Array(k);
  const sum = new Float64Array(k);
  for (let i = 0, p = 0; i < k; i++) {
    for (let j = i + 1; j < k; j++, p++) {
      const v = x[p] ?? 0;
      votes[(sums ? v >= 0 : v > 0) ? i : j]! += 1;
      sum[i]! += v;
      sum[j]! -= v;
    }
  }
  let best = 0;
  for (let c = 1; c < k; c++) if (votes[c]! > votes[best]! || (sums && votes[c] === votes[best] && sum[c]! > sum[best]!)) best = c;
  return best;
}

test("the class with most votes; the first, or the one with the largest sum, on a tie", () => {
  let s = 1;
  const next = (): number => { s = (Math.imul(s, 1103515245) + 12345) >>> 0; return Math.floor((s / 2 ** 32) * 9) - 4; };
  for (const [name, sums] of [["ovo_vote", false], ["ovo_break_ties", true]] as const) {
    const op = findOp(name);
    for (let k = 2; k <= 8; k++) {
      for (let n = 0; n < 200; n++) {
        const x = Float64Array.from({ length: (k * (k - 1)) / 2 }, next);
        const want = plain(x, k, sums);
        assert.equal(op.float({ classes: k }, [x])[0]?.[0], want, `${name}: ${k} classes: ${[...x].join()}`);
        const y = new Uint8Array(1);
        op.int({ classes: k, shift: 0 }, [Int32Array.from(x)], [y]);
        assert.equal(y[0], want);
      }
    }
  }
});

test("three classes in a circle: the first wins the vote, the largest sum breaks the tie", () => {
  const circle = Float64Array.of(1, -5, 2);
  assert.equal(findOp("ovo_vote").float({ classes: 3 }, [circle])[0]?.[0], 0);
  assert.equal(findOp("ovo_break_ties").float({ classes: 3 }, [circle])[0]?.[0], 2);
});

test("the number of decisions must be that of the pairs", () => {
  for (const name of ["ovo_vote", "ovo_break_ties", "ovo_scores"]) assert.throws(() => findOp(name).infer({ classes: 4 }, [[5]]), /5 decisions for 4 classes/);
});
