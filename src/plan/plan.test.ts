/** The planner against known and brute-force optima, the validator against seeded faults, both on real networks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readTflite } from "../importers/tflite/model.js";
import { sharedFiles } from "../importers/tflite/testing.js";
import { faultsOf, liveBound, place, validate, type Buffer, type Overlap, type Placement } from "./index.js";
import { activations, makeDraw, randomBuffers } from "./testing.js";

const buffer = (id: number, bytes: number, first: number, last: number, align = 1): Buffer => ({ id, bytes, align, first, last });

/** A plan that has been proven. */
function planned(buffers: readonly Buffer[], overlaps: readonly Overlap[] = []): Placement {
  const plan = place(buffers, overlaps);
  assert.deepEqual(faultsOf(buffers, plan, overlaps), []);
  assert.ok(plan.bytes >= plan.bound);
  return plan;
}

/** Every order, each buffer at the lowest place: one of them is optimal. */
function bruteForce(buffers: readonly Buffer[]): number {
  let best = Infinity;
  const go = (rest: readonly Buffer[], done: readonly (readonly [Buffer, number])[], bytes: number): void => {
    if (rest.length === 0) best = bytes;
    for (const b of rest) {
      let at = 0;
      const beside = done.filter(([u]) => u.first <= b.last && b.first <= u.last).sort((p, q) => p[1] - q[1]);
      for (const [u, low] of beside) if (at + b.bytes > low && low + u.bytes > at) at = Math.ceil((low + u.bytes) / b.align) * b.align;
      if (Math.max(bytes, at + b.bytes) < best) go(rest.filter((x) => x !== b), [...done, [b, at]], Math.max(bytes, at + b.bytes));
    }
  };
  go(buffers, [], 0);
  return best;
}

test("cases with a known optimum", () => {
  assert.deepEqual(planned([]), { offsets: [], bytes: 0, bound: 0 });
  assert.equal(planned([buffer(0, 7, -1, 3)]).bytes, 7);
  assert.equal(planned([buffer(0, 10, -1, 0), buffer(1, 20, 0, 1), buffer(2, 10, 1, 2)]).bytes, 30, "a chain");
  assert.equal(planned([buffer(0, 10, -1, 2), buffer(1, 10, 0, 1), buffer(2, 10, 1, 2), buffer(3, 10, 2, 3)]).bytes, 30, "a detour");
  assert.equal(planned([buffer(0, 0, 0, 9), buffer(1, 4, 0, 9), buffer(2, 0, 0, 9)]).bytes, 4, "nothing takes no room");
  assert.equal(planned([buffer(0, 5, 0, 0, 4), buffer(1, 5, 0, 0, 4)]).bytes, 13, "8 and 5");
  assert.equal(planned([buffer(0, 5, 0, 0, 4), buffer(1, 3, 0, 0, 1)]).bytes, 8);
  const knot = [buffer(0, 4, 0, 3), buffer(1, 5, 0, 1), buffer(2, 3, 1, 2), buffer(3, 5, 3, 5), buffer(4, 3, 2, 5), buffer(5, 4, 4, 6), buffer(6, 8, 6, 7)];
  assert.equal(planned(knot).bytes, bruteForce(knot));
});

test("the bound cannot always be met", () => {
  const sizes = [[4, 0, 1], [4, 4, 6], [2, 2, 5], [3, 0, 2], [1, 3, 5], [3, 6, 6], [2, 2, 3]] as const;
  const b = sizes.map(([bytes, first, last], id) => buffer(id, bytes, first, last));
  const plan = planned(b);
  assert.deepEqual([plan.bound, plan.bytes, bruteForce(b)], [7, 8, 8]);
  const mixed = [buffer(0, 5, 0, 0, 8), buffer(1, 5, 0, 0, 8), buffer(2, 4, 0, 0, 1)];
  assert.deepEqual([liveBound(mixed), planned(mixed).bytes, bruteForce(mixed)], [14, 17, 17]);
});

test("random instances of up to 7 buffers: as small as brute force", () => {
  const draw = makeDraw(1);
  for (let round = 0; round < 600; round++) {
    const b = randomBuffers(1 + draw(7), 2 + draw(6), draw, [1, 1, 2, 4][draw(4)]);
    assert.equal(planned(b).bytes, bruteForce(b), JSON.stringify(b));
  }
});

/** Milliseconds of processor time: other tests may run beside this one. */
const spent = (): number => process.cpuUsage().user / 1000;

test("graphs of 30 to 100 buffers: valid, near the bound, the same every time, in bounded time", () => {
  const draw = makeDraw(2);
  let [missed, slowest] = [0, 0];
  for (let round = 0; round < 60; round++) {
    const b = randomBuffers(30 + draw(71), 20 + draw(60), draw);
    const started = spent();
    const plan = planned(b);
    slowest = Math.max(slowest, spent() - started);
    missed += plan.bytes > plan.bound ? 1 : 0;
    assert.ok(plan.bytes <= 1.05 * plan.bound, `${plan.bytes} of ${plan.bound}`);
    if (round < 5) assert.deepEqual(place(b), plan);
  }
  assert.ok(missed <= 2, `${missed} of 60 miss the bound`);
  assert.ok(slowest < 500, `${slowest} ms`);
});

test("permitted overlaps", () => {
  const chain = [buffer(0, 100, -1, 0), buffer(1, 80, 0, 1)];
  assert.equal(planned(chain).bytes, 180);
  assert.equal(planned(chain, [{ a: 0, b: 1, from: 0, to: 0 }]).bytes, 100, "in place");
  assert.equal(planned(chain, [{ a: 0, b: 1, from: -Infinity, to: -15 }]).bytes, 115, "output 15 bytes ahead of its input");
  assert.equal(planned(chain, [{ a: 0, b: 1, from: 70, to: Infinity }]).bytes, 150, "output over the last 30 bytes of the input");
  assert.equal(planned(chain, [{ a: 1, b: 0, from: 0, to: 0 }]).bytes, 100, "said the other way round");
  const plan = place(chain, [{ a: 0, b: 1, from: 0, to: 0 }]);
  assert.match(faultsOf(chain, plan).join(), /both alive in step 0/);
  const draw = makeDraw(4);
  for (let round = 0; round < 200; round++) {
    const b = randomBuffers(2 + draw(20), 8, draw);
    const from = draw(60) - 30;
    planned(b, [{ a: 0, b: 1, from, to: from + draw(10) }, ...(b.length > 3 ? [{ a: 3, b: 2, from: -Infinity, to: draw(9) }] : [])]);
  }
});

/** Whether some offsets below `bytes` fit, all of them tried. */
function fits(b: readonly Buffer[], overlaps: readonly Overlap[], bytes: number, offsets: readonly number[] = []): boolean {
  const next = b[offsets.length];
  if (!next) return true;
  for (let at = 0; at + next.bytes <= bytes; at += next.align) {
    const tried = [...offsets, at];
    if (faultsOf(b.slice(0, tried.length), { offsets: tried, bytes }, overlaps).length === 0 && fits(b, overlaps, bytes, tried)) return true;
  }
  return false;
}

test("chains whose outputs trail their inputs: as small as any offsets can be", () => {
  const draw = makeDraw(6);
  for (let round = 0; round < 250; round++) {
    const align = [1, 1, 2][draw(3)] ?? 1;
    const b = Array.from({ length: 3 + draw(3) }, (_, i) => buffer(i, 1 + draw(7), i - 1, i + (draw(5) === 0 ? 1 : 0), align));
    const overlaps = b.slice(1).flatMap((y, i): Overlap[] => (b[i]?.last === y.first && draw(4) > 0 ? [{ a: i, b: y.id, from: -Infinity, to: draw(5) - 3 }] : []));
    const plan = planned(b, overlaps);
    assert.ok(fits(b, overlaps, plan.bytes), "the plan itself");
    assert.ok(!fits(b, overlaps, plan.bytes - 1), JSON.stringify({ b, overlaps, plan }, (_, v: unknown) => (v === -Infinity ? "-inf" : v)));
  }
});

test("chains in place, ahead or behind, as each step allows: as small as any offsets can be", () => {
  const draw = makeDraw(8);
  for (let round = 0; round < 250; round++) {
    const b = Array.from({ length: 3 + draw(4) }, (_, i) => buffer(i, 1 + draw(7), i - 1, i + (draw(6) === 0 ? 1 : 0)));
    const some = (a: number, y: Buffer): readonly Overlap[] => [
      ...(draw(2) === 0 ? [{ a, b: y.id, from: 0, to: 0 }] : []), ...(draw(3) === 0 ? [{ a, b: y.id, from: -Infinity, to: draw(5) - 3 }] : []),
      ...(draw(3) === 0 ? [{ a, b: y.id, from: 1 + draw(3), to: Infinity }] : []),
    ];
    const overlaps = b.slice(1).flatMap((y, i) => (b[i]?.last === y.first ? some(i, y) : []));
    const plan = planned(b, overlaps);
    assert.ok(!fits(b, overlaps, plan.bytes - 1), JSON.stringify({ b, overlaps, plan }, (_, v: unknown) => (v === -Infinity ? "-inf" : v === Infinity ? "inf" : v)));
  }
});

test("thirty layers, each with an output that trails its input and scratch memory of its own", () => {
  // Visual wake words: the large ones leave no choice, which the many small ones behind them must not hide.
  const sizes = [27648, 18432, 18432, 36864, 9216, 18432, 18432, 18432, 4608, 9216, 9216, 8640, 2160, 3816, 3816, 2052, 2052, 1080, 1080, 684, 684, 540, 540, 900, 225, 279, 279, 198, 22];
  const behind = [92, 392, 18416, -32, 9184, 800, 0, -64, 4544, 832, -8, -120, 1564, 742, -98, 399, -54, 210, -22, 133, -8, 105, 340, -50, 48, 124, -18, 0];
  const scratch = [54, 144, 16, 288, 32, 576, 64, 576, 64, 1152, 128, 1080, 120, 1908, 212, 1026, 114, 540, 60, 342, 38, 270, 30, 450, 50, 558, 62, 1];
  const b = [...[...sizes, 2, 2, 1].map((bytes, k) => buffer(k, bytes, k - 1, k, 4)), ...scratch.map((bytes, k) => buffer(100 + k, bytes, k, k, 4))];
  const overlaps = behind.map((d, k): Overlap => ({ a: k, b: k + 1, from: -Infinity, to: -d }));
  const plan = planned(b, overlaps);
  assert.deepEqual([plan.bytes, plan.bound], [37152, 37152]);
});

test("the validator finds seeded faults", () => {
  const draw = makeDraw(5);
  let found = 0;
  for (let round = 0; round < 300; round++) {
    const b = randomBuffers(6, 4, draw, 4);
    const plan = place(b);
    const hit = draw(b.length);
    const at = (plan.offsets[hit] ?? 0) + ([4, -4, 1, 1000][round % 4] ?? 0);
    const bad = { ...plan, offsets: plan.offsets.with(hit, at) };
    // What is wrong, told by looking at every single byte.
    const me = b[hit] ?? assert.fail();
    const mine = (i: number): boolean => i >= at && i < at + me.bytes;
    const clash = b.some((u, k) => k !== hit && u.first <= me.last && me.first <= u.last &&
      Array.from({ length: u.bytes }, (_, i) => (plan.offsets[k] ?? 0) + i).some(mine));
    const wrong = clash || at < 0 || at % 4 !== 0 || at + me.bytes > plan.bytes;
    assert.equal(faultsOf(b, bad).length > 0, wrong, JSON.stringify({ b, bad }));
    found += wrong ? 1 : 0;
  }
  assert.ok(found > 200);
});

test("the validator refuses what is no plan", () => {
  const b = [buffer(0, 8, 0, 1, 4), buffer(1, 8, 1, 2, 4)];
  const plan = place(b);
  validate(b, plan);
  const bad = (offsets: readonly number[], bytes = 16): void => assert.throws(() => validate(b, { offsets, bytes }), /invalid memory plan/);
  bad([0]);
  bad([0, 4]);
  bad([0, 9], 32);
  bad([0, 8], 15);
  bad([0, NaN]);
  bad([0, 8.5], 32);
  bad([0, 8], NaN);
  assert.match(faultsOf([buffer(0, 8, 2, 1)], { offsets: [0], bytes: 8 }).join(), /alive from step 2 to 1/);
  assert.match(faultsOf([buffer(0, 8, 0, 1), buffer(0, 8, 5, 6)], { offsets: [0, 0], bytes: 8 }).join(), /one id/);
});

/** Activation bytes of the MLPerf Tiny networks at their live-set bound (../shared/examples/memory). */
const MLPERF = { pretrainedResnet_quant: 49_152, kws_ref_model: 16_000, vww_96_int8: 55_296, ad01_int8: 768 };

test("real networks meet the bound", { skip: sharedFiles("models") ? false : "no ../shared/models on this machine" }, () => {
  for (const { name, bytes } of sharedFiles("models") ?? []) {
    const model = readTflite(bytes, name);
    for (const align of [1, 4, 16]) {
      const plan = planned(activations(model, align));
      assert.equal(plan.bytes, plan.bound, `${name} at ${align}`);
      const known = Object.entries(MLPERF).find(([n]) => name === `${n}.tflite`)?.[1];
      if (known !== undefined && align === 1) assert.equal(plan.bytes, known, name);
    }
  }
});

test("shapes of the MLPerf Tiny networks, where the files are not at hand", () => {
  // Keyword spotting: 49x10 in, 25x5x64 all through, 12 out.
  const kws = [buffer(0, 490, -1, 0), ...Array.from({ length: 9 }, (_, k) => buffer(k + 1, 8000, k, k + 1)), buffer(10, 64, 9, 11), buffer(11, 12, 11, 12), buffer(12, 12, 12, 13)];
  assert.equal(planned(kws).bytes, 16_000);
  // First residual block of the ResNet: the branch lives beside two convolutions.
  const ic = [buffer(0, 3072, -1, 0), buffer(1, 16384, 0, 3), buffer(2, 16384, 1, 2), buffer(3, 16384, 2, 3), buffer(4, 16384, 3, 6), buffer(5, 8192, 4, 5), buffer(6, 8192, 5, 7)];
  assert.equal(planned(ic).bytes, 49_152);
});
