/** The cycle tables against hand-encoded instructions, and against rp2040js on a whole program: two models, neither of them silicon. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { buildProgram, findBoard, runProgram } from "../index.js";
import { withoutBoard } from "../testing.js";
import { placesIn } from "./stepped.js";
import { Chip } from "./rp2040js/chip.js";
import { costOf, thumbCosts } from "./thumb-cycles.js";

const m4 = (op: number, op2 = 0, afterLoad = false): readonly number[] => costOf("cortex-m4", op, op2, afterLoad).cost;

const cases: readonly [string, readonly number[], readonly number[]][] = [
  ["adds r0, r1", m4(0x1840), [1, 1, 1]],
  ["ldr r0, [r1]", m4(0x6808), [2, 2, 2]],
  ["ldr r0, [r1] behind a load", m4(0x6808, 0, true), [1, 1, 2]],
  ["ldrsh r0, [r1, r2]", m4(0x5e88), [2, 2, 2]],
  ["strb r0, [r1, r2]", m4(0x5488), [1, 1, 2]],
  ["push {r4, r5, lr}", m4(0xb530), [4, 4, 4]],
  ["pop {r4, r5, pc}", m4(0xbd30), [5, 6, 7]],
  ["bx lr", m4(0x4770), [2, 3, 4]],
  ["mov r8, r0", m4(0x4680), [1, 1, 1]],
  ["mov pc, lr", m4(0x46f7), [2, 3, 4]],
  ["it eq", m4(0xbf08), [0, 1, 1]],
  ["nop", m4(0xbf00), [1, 1, 1]],
  ["bl", m4(0xf000, 0xf800), [2, 3, 4]],
  ["smlal", m4(0xfbc2, 0x0103), [1, 1, 1]],
  ["sdiv", m4(0xfb90, 0xf0f1), [2, 7, 12]],
  ["udiv", m4(0xfbb0, 0xf0f1), [2, 7, 12]],
  ["ldrd", m4(0xe9d0, 0x2300), [3, 3, 3]],
  ["ldmia.w r0!, {r4-r7}", m4(0xe8b0, 0x00f0), [5, 5, 5]],
  ["ldmia.w sp!, {r4-r8, pc}", m4(0xe8bd, 0x81f0), [8, 9, 10]],
  ["ldr.w r3, [r0], #4", m4(0xf850, 0x3b04), [2, 2, 2]],
  ["str.w r3, [r4], #4", m4(0xf844, 0x3b04), [1, 1, 2]],
  ["ldr.w pc, [sp], #4", m4(0xf85d, 0xfb04), [3, 4, 5]],
  ["tbb", m4(0xe8df, 0xf001), [3, 3, 5]],
  ["vadd.f32 s0, s0, s1", m4(0xee30, 0x0a20), [1, 1, 1]],
  ["vmla.f32", m4(0xee00, 0x0a20), [3, 3, 3]],
  ["vdiv.f32", m4(0xee80, 0x0a20), [14, 14, 14]],
  ["vsqrt.f32", m4(0xeeb1, 0x0ac0), [14, 14, 14]],
  ["vldr s0, [r0]", m4(0xed90, 0x0a00), [2, 2, 2]],
  ["vmov r0, s0", m4(0xee10, 0x0a10), [1, 1, 1]],
  ["smull on the M3", costOf("cortex-m3", 0xfb81, 0x0102, false).cost, [3, 4, 5]],
  ["mla on the M3", costOf("cortex-m3", 0xfb01, 0x2003, false).cost, [2, 2, 2]],
  ["mul.w on the M3", costOf("cortex-m3", 0xfb01, 0xf003, false).cost, [1, 1, 1]],
  ["bl on the M0+", costOf("cortex-m0plus", 0xf000, 0xf800, false).cost, [3, 3, 3]],
];

for (const [name, got, want] of cases) test(`cycles of ${name}`, () => assert.deepEqual(got, want));

test("branches cost what they cost when taken", () => {
  for (const op of [0xd0fe, 0xe7fe, 0xb108]) assert.deepEqual(costOf("cortex-m4", op, 0, false), { cost: [1, 1, 1], taken: [1, 2, 3], load: false });
  assert.deepEqual(costOf("cortex-m4", 0xf000, 0x8000, false).taken, [1, 2, 3]);
  assert.deepEqual(costOf("cortex-m0plus", 0xd0fe, 0, false).taken, [1, 1, 1]);
});

const SOURCE = `#include <stdint.h>
static const int8_t w[64] = {3, -5, 7, 100, -128, 127, 1, 2, 9, 9, 9};
static __attribute__((noinline)) int32_t dot(const int8_t *x) { int32_t a = 77; for (uint32_t i = 0; i < 64; i++) a += x[i & 7] * w[i]; return a; }
void cell_entry(const void *in, void *out);
void cell_entry(const void *in, void *out) { uint32_t s = 0; for (int i = 1; i < 20; i++) s += (uint32_t)(dot(in) / i) >> (i & 7); *(uint32_t *)out = s; }`;

test("the M0+ table agrees with rp2040js to the cycle", { skip: withoutBoard("pico") }, async () => {
  const board = findBoard("pico");
  const program = await buildProgram({ board, files: new Map([["e.c", SOURCE]]), inBytes: 8, outBytes: 4 });
  const { cycles } = await runProgram(program, Uint8Array.of(1, 2, 3, 4, 5, 250, 251, 252));
  const costs = thumbCosts(board.core, program.elf)!;
  const chip = new Chip(board, board.memory!, program.elf);
  const at = (name: string): number => program.elf.symbols.find((s) => s.name === name)!.address;
  chip.runTo(at("cell_mark_start"), 1e9);
  chip.poke(at("cell_in"), Uint8Array.of(1, 2, 3, 4, 5, 250, 251, 252));
  const profile = chip.newProfile();
  // one instruction at a time: a branch is taken where the next one is not behind it
  let modelled = 0;
  for (let pc = at("cell_mark_start"); pc !== at("cell_mark_stop"); pc = chip.core.PC) {
    const { cost, taken } = costs.get(pc)!;
    chip.profile = profile;
    chip.runTo(at("cell_mark_stop"), chip.cycles + 1);
    modelled += cost[1] + (chip.core.PC === pc + 2 || chip.core.PC === pc + 4 && cost[1] === 3 ? 0 : taken[1]);
  }
  assert.ok([...placesIn(profile, board.memory!.flashStart!, 2)].every((place) => costs.has(place.address)));
  assert.equal(modelled, cycles![0]);
});
