/** The simulated RP2040: cycles by the M0+ table counted by hand, the stack, every trap, and the profile. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { CoincellError, type Diagnostic } from "../../../ir/diagnostics.js";
import { buildProgram, findBoard, type Program, type RunOptions, runProgram } from "../../index.js";
import { withoutBoard } from "../../testing.js";

const skip = withoutBoard("pico");
const HEAD = "#include <stdint.h>\nvoid cell_entry(const void *in, void *out);\n";
const ENTRY = `${HEAD}void cell_entry(const void *in, void *out)`;

const build = (source: string): Promise<Program> => buildProgram({ board: findBoard("pico"), files: new Map([["e.c", source]]), inBytes: 1, outBytes: 4 });

function assembler(...lines: readonly string[]): string {
  const all = [".syntax unified", ".thumb", ".text", ".global cell_entry", ".type cell_entry, %function", ".thumb_func", "cell_entry:", ...lines, ".size cell_entry, . - cell_entry"];
  return `__asm__(${all.map((line) => `"${line}\\n"`).join(" ")});`;
}

async function trapOf(body: string, options: RunOptions = {}): Promise<Diagnostic> {
  const program = await build(`${ENTRY} { (void)in; (void)out; ${body} }`);
  const error: unknown = await runProgram(program, Uint8Array.of(1), options).then(() => "no error", (thrown: unknown) => thrown);
  assert.ok(error instanceof CoincellError, `${body}: ${String(error)}`);
  return error.diagnostic;
}

test("a loop counted by hand: 22 instructions, 1 + 10 + (10 + 9) + 2 = 32 cycles", { skip }, async () => {
  const r = await runProgram(await build(assembler("movs r3, #10", "1: subs r3, #1", "bne 1b", "bx lr")), new Uint8Array(3), { profile: true });
  assert.deepEqual(r.profile!.find((f) => f.function === "cell_entry"), { function: "cell_entry", instructions: 66, cycles: 96 });
  for (const key of ["instructions", "cycles"] as const) {
    assert.equal(r.profile!.reduce((sum, f) => sum + f[key]!, 0), r[key]!.reduce((a, b) => a + b, 0));
  }
});

test("loads and stores take 2, push and pop 1 + n, pop with pc 3 + n, mul 1", { skip }, async () => {
  const r = await runProgram(await build(assembler("push {r4, r5, lr}", "ldrb r3, [r0]", "muls r3, r3", "str r3, [r1]", "pop {r4, r5, pc}")), Uint8Array.of(5, 200), { profile: true });
  assert.deepEqual(r.outputs.map((o) => o[0]! + 256 * o[1]!), [25, 40000]);
  assert.equal(r.profile!.find((f) => f.function === "cell_entry")!.cycles, 2 * (4 + 2 + 1 + 2 + 6));
  assert.equal(r.stackBytes, 12);
});

test("the deepest stack counts, touched or not", { skip }, async () => {
  assert.equal((await runProgram(await build(assembler("sub sp, #200", "add sp, #200", "bx lr")), new Uint8Array(1))).stackBytes, 200);
});

test("what the chip would fault on, or do in silence, is an error that names the place", { skip }, async () => {
  for (const [body, code] of [
    ["*(volatile uint32_t *)0x30000000 = 1;", "board/ram-out-of-range"],
    ["*(volatile uint8_t *)0x20042000 = 1;", "board/ram-out-of-range"],
    ["*(volatile uint32_t *)0x10000000 = 1;", "board/ram-out-of-range"],
    ["*(uint32_t *)out = *(volatile uint32_t *)0x10100000;", "board/ram-out-of-range"],
    ["*(uint32_t *)out = *(volatile uint32_t *)0xd0000000;", "board/ram-out-of-range"],
    ["*(uint32_t *)out = *(volatile uint32_t *)((uintptr_t)out + 2);", "board/misaligned"],
    ["((void (*)(void))5)();", "board/pc-out-of-range"],
    ["((void (*)(void))0x20000101)();", "board/pc-out-of-range"],
    ['__asm__("udf #1");', "board/illegal-opcode"],
    ['__asm__("bkpt #1");', "board/illegal-opcode"],
    ['__asm__(".short 0xfb90, 0xf0f1");', "board/illegal-opcode"], // SDIV
    ['__asm__("svc 0\\n nop");', "board/hard-fault"],
    ['__asm__("wfi\\n nop");', "board/stuck"],
    ["volatile uint8_t x[270300]; x[0] = 1;", "board/stack-overflow"],
  ] as const) {
    const d = await trapOf(body);
    assert.equal(d.code, code, `${body}: ${d.what}`);
    assert.match(d.where, /^pico, address 0x10000[0-9a-f]{3} in cell_entry$/);
  }
});

test("an endless loop ends at the limit, and at an abort", { skip }, async () => {
  assert.equal((await trapOf("for (;;) { }", { cycleLimit: 2_500_000 })).code, "board/stuck");
  const program = await build(`${ENTRY} { (void)in; (void)out; for (;;) { } }`);
  await assert.rejects(runProgram(program, Uint8Array.of(1), { signal: AbortSignal.timeout(50) }), (error: Error) => error.name === "TimeoutError");
});
