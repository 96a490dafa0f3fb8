/** The choice of kernels against all choices there are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findBoard } from "../boards/index.js";
import { allRoom, byConstants, searchOf, slimmest, TIE, type Choice, type Search } from "./choose-kernels.js";
import { compile } from "./compile.js";
import { costTable, UNKNOWN, type KernelCost, type Measured } from "./kernel-costs.js";
import { separable } from "./testing.js";

const { program } = compile(separable("net"));
const board = findBoard("mps2-an386");

/** Made up, so that the tests need no board: kernels with scratch are fast, the plain one of the last layer is the fastest there. */
const table = costTable(program, board, []).map((layer, k, all) => layer.map((c, i): KernelCost => ({ ...c, cost: k === all.length - 1 ? 100 + i : 1000 * (k + 2) - 300 * i + c.constants })));
const s = searchOf(program, table);

const arenaOf = (c: Choice): number => c.placed.arena.bytes;

/** Every choice there is. */
const every = (from: Search): readonly Choice[] => from.table.reduce<readonly (readonly number[])[]>((all, layer) => all.flatMap((a) => layer.map((_, i) => [...a, i])), [[]]).map(from.choice);

const all = every(s);
const leastCost = (list: readonly Choice[]): number => Math.min(...list.map((c) => c.cost));

test("the table: layers with a choice, bytes that no plan is below", () => {
  assert.ok(table.filter((l) => l.length > 1).length >= 4, "the network must give something to choose");
  for (const c of all) assert.ok(c.kernels.every((i, k) => (table[k]?.[i]?.ram ?? 0) <= arenaOf(c)));
  assert.ok(new Set(all.map(arenaOf)).size > 2, "the arenas must differ");
});

test("within every arena there is, no choice is cheaper", () => {
  assert.equal(s.within(allRoom)?.cost, leastCost(all));
  for (const arena of new Set(all.map(arenaOf))) {
    const made = s.within({ ...allRoom, arena });
    assert.ok(made && arenaOf(made) <= arena, `${arena}`);
    assert.equal(made.cost, leastCost(all.filter((c) => arenaOf(c) <= arena)), `${arena}`);
  }
});

test("the least arena, and the least cost within it", () => {
  const least = Math.min(...all.map(arenaOf));
  const made = s.leastRam();
  assert.equal(arenaOf(made), least);
  assert.equal(made.cost, leastCost(all.filter((c) => arenaOf(c) === least)));
  assert.equal(s.within({ ...allRoom, arena: least - 1 }), null);
});

test("bytes of constants: what they allow is found, and never exceeded", () => {
  const least = Math.min(...all.map((c) => c.constants));
  assert.equal(s.within(allRoom, byConstants)?.constants, least);
  const most = s.within(allRoom)?.constants ?? 0;
  for (const constants of [most, Math.floor((most + least) / 2), least]) {
    const made = s.within({ ...allRoom, constants });
    assert.ok(made && made.constants <= constants, `${constants}`);
  }
  assert.equal(s.within({ ...allRoom, constants: least - 1 }), null);
});

test("within a percent the smaller arena wins; without figures nothing is traded", () => {
  const near = searchOf(program, table.map((l) => l.map((c) => ({ ...c, cost: 10_000 + (c.scratch > 0 ? 0 : 1) }))));
  const [fast, slim] = [near.within(allRoom), slimmest(near, allRoom)];
  assert.ok(fast && slim && slim.cost <= fast.cost * TIE && slim.cost > fast.cost);
  assert.equal(arenaOf(slim), Math.min(...all.map(arenaOf)));
  const unknown = searchOf(program, costTable(program, board, []));
  assert.deepEqual(slimmest(unknown, allRoom)?.kernels, unknown.within(allRoom)?.kernels);
});

test("what is not measured counts as slower than anything measured, and keeps the operators' order", () => {
  const unknown = searchOf(program, costTable(program, board, [])).within(allRoom);
  // Without figures: the first of its operator's kernels that is for speed.
  for (const step of unknown?.program.steps ?? []) assert.notEqual(step.variant, undefined, step.name);
  const measured: Measured = program.steps.map(() => new Map([[null, { instructions: 5, cycles: null }]]));
  const plain = searchOf(program, costTable(program, board, measured)).within(allRoom);
  assert.ok(plain?.kernels.every((i) => i === 0) && plain.cost < UNKNOWN);
});

test("the same choice every time", () => {
  for (const arena of [Infinity, arenaOf(s.leastRam())]) {
    const again = searchOf(program, table).within({ ...allRoom, arena });
    assert.deepEqual(again?.kernels, s.within({ ...allRoom, arena })?.kernels);
    assert.deepEqual(again?.placed, s.within({ ...allRoom, arena })?.placed);
  }
});
