/** Programs of known length on every emulated core: instructions, stack, traps and profile against figures counted by hand. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { CoincellError, type Diagnostic } from "../../../ir/diagnostics.js";
import { type BuildRequest, buildProgram, findBoard, type RunOptions, type RunResult, runProgram } from "../../index.js";
import { withoutBoard } from "../../testing.js";

const ARM = ["microbit", "mps2-an385", "mps2-an386", "mps2-an500", "mps2-an505", "mps3-an547", "stm32f4"] as const;
const ALL = [...ARM, "rv32-virt", "esp32-c3"] as const;
/** One of each kind of fault reporting; the other machines differ in nothing that traps hang on. */
const TRAPS: readonly string[] = ["microbit", "mps2-an386", "mps2-an505", "rv32-virt"];
const ENTRY = "#include <stdint.h>\nvoid cell_entry(const void *in, void *out);\nvoid cell_entry(const void *in, void *out)";

async function runSource(board: string, source: string, rows: Uint8Array, options: RunOptions = {}, more: Partial<BuildRequest> = {}): Promise<RunResult> {
  const files = new Map([["entry.c", source]]);
  return runProgram(await buildProgram({ board: findBoard(board), files, inBytes: 1, outBytes: 4, ...more }), rows, options);
}

async function errorOf(work: Promise<unknown>): Promise<Diagnostic> {
  const error: unknown = await work.then(() => "no error", (thrown: unknown) => thrown);
  assert.ok(error instanceof CoincellError, String(error));
  return error.diagnostic;
}

const trapOf = (board: string, body: string, options: RunOptions = {}): Promise<Diagnostic> =>
  errorOf(runSource(board, `${ENTRY} { (void)in; (void)out; ${body} }`, Uint8Array.of(1, 2), options));

/** cell_entry in assembler, so that its instructions can be counted by eye. */
function assembler(board: string, arm: string, riscv: string): string {
  const isArm = ARM.some((name) => name === board);
  const head = isArm ? [".syntax unified", ".thumb", ".thumb_func"] : [];
  const lines = [".text", ...head, ".global cell_entry", ".type cell_entry, %function", "cell_entry:", ...(isArm ? arm : riscv).split("; "), ".size cell_entry, . - cell_entry"];
  return `__asm__(${lines.map((line) => `"${line.replace("%", isArm ? "%" : "@")}\\n"`).join(" ")});`;
}

const selfOf = (r: RunResult, name: string): number => r.profile?.find((f) => f.function === name)?.instructions ?? 0;

for (const board of ALL) {
  const skip = withoutBoard(board);

  test(`${board}: a loop of 1 + 10 * 2 + 1 = 22 instructions`, { skip }, async () => {
    const source = assembler(board, "movs r3, #10; 1: subs r3, #1; bne 1b; bx lr", "li a5, 10; 1: addi a5, a5, -1; bnez a5, 1b; ret");
    const r = await runSource(board, source, new Uint8Array(3), { profile: true });
    assert.equal(selfOf(r, "cell_entry"), 3 * 22);
    // the harness adds the call and at most one instruction for each of the two arguments
    assert.ok(r.instructions!.every((n) => n >= 23 && n <= 27 && n === r.instructions![0]), String(r.instructions));
    assert.equal(r.stackBytes, 0);
    assert.equal(r.profile!.reduce((sum, f) => sum + f.instructions, 0), r.instructions!.reduce((a, b) => a + b, 0));
  });

  test(`${board}: instructions follow the row, and so does the answer`, { skip }, async () => {
    const arm = "ldrb r3, [r0]; movs r2, #0; b 2f; 1: adds r2, #3; subs r3, #1; 2: cmp r3, #0; bne 1b; str r2, [r1]; bx lr";
    const riscv = "lbu a5, 0(a0); li a4, 0; j 2f; 1: addi a4, a4, 3; addi a5, a5, -1; 2: nop; bnez a5, 1b; sw a4, 0(a1); ret";
    const r = await runSource(board, assembler(board, arm, riscv), Uint8Array.of(0, 1, 7, 255));
    assert.deepEqual(r.outputs.map((o) => new DataView(o.buffer, o.byteOffset).getUint32(0, true)), [0, 3, 21, 765]);
    assert.deepEqual([...r.instructions!].map((n) => n - r.instructions![0]!), [0, 4, 28, 1020]);
  });

  test(`${board}: the stack to the byte, shallow and deeper than the painted window`, { skip }, async () => {
    const frame = (bytes: number): string => assembler(board, `push {r4-r7, lr}; sub sp, #${bytes - 20}; str r0, [sp]; add sp, #${bytes - 20}; pop {r4-r7, pc}`, `addi sp, sp, -${bytes}; sw a0, 0(sp); addi sp, sp, ${bytes}; ret`);
    assert.equal((await runSource(board, frame(112), new Uint8Array(2))).stackBytes, 112);
    if (findBoard(board).ramBytes! < 256 * 1024) return;
    const deep = `${ENTRY} { volatile int32_t x[50000]; x[0] = *(const uint8_t *)in; *(int32_t *)out = x[0]; }`;
    const { stackBytes } = await runSource(board, deep, Uint8Array.of(9));
    // down to x[0], the lowest word it touches; above the array lies what the compiler needs for alignment
    assert.ok(stackBytes! >= 200_000 && stackBytes! < 200_016, String(stackBytes));
  });

  test(`${board}: RAM ends where the chip's ends, whatever its stand-in has`, { skip }, async () => {
    const { ramEnd } = findBoard(board).memory!;
    assert.equal((await trapOf(board, `*(volatile uint8_t *)0x${(ramEnd + 1).toString(16)} = 1;`)).code, board === "microbit" ? "board/hard-fault" : "board/ram-out-of-range");
    await runSource(board, `${ENTRY} { (void)in; *(uint8_t *)out = *(volatile uint8_t *)0x${ramEnd.toString(16)}; }`, new Uint8Array(1));
  });
}

for (const board of TRAPS) {
  const skip = withoutBoard(board);

  test(`${board}: wild accesses and jumps are errors that name the place`, { skip }, async () => {
    for (const [body, code] of [
      ["*(volatile uint32_t *)0x60000000 = 1;", "board/ram-out-of-range"],
      ["*(volatile uint32_t *)(uintptr_t)&cell_entry = 1;", "board/ram-out-of-range"],
      ["*(uint32_t *)out = *(volatile uint32_t *)0x60000000;", "board/ram-out-of-range"],
      ["((void (*)(void))0x60000001)();", "board/pc-out-of-range"],
    ] as const) {
      const d = await trapOf(board, body);
      // ARMv6-M does not say what kind of fault it took
      assert.ok(d.code === code || (board === "microbit" && d.code === "board/hard-fault"), `${body}: ${d.code} ${d.what}`);
      assert.match(d.where, d.code === code ? new RegExp(`^${board}, row 0, address 0x[0-9a-f]+ in cell_entry$`) : /row 0/);
    }
    const undefinedWord = ARM.some((a) => a === board) ? "0xde01" : "0";
    assert.match((await trapOf(board, `__asm__(".short ${undefinedWord}");`)).code, board === "microbit" ? /hard-fault/ : /illegal-opcode/);
  });

  test(`${board}: an endless loop and an endless recursion come to an end`, { skip }, async () => {
    const loop = await trapOf(board, "for (;;) { }", { cycleLimit: 1_000_000 });
    assert.equal(loop.code, "board/stuck");
    assert.match(loop.where, /in cell_entry$/);
    const recursion = `#include <stdint.h>\nstatic __attribute__((noinline)) uint32_t deep(uint32_t n) { volatile uint32_t x[4] = {n}; return n == 0 ? x[0] : deep(n + 1) + x[1]; }
${ENTRY} { *(uint32_t *)out = deep(1u + *(const uint8_t *)in); }`;
    assert.match((await errorOf(runSource(board, recursion, Uint8Array.of(1)))).code, /^board\/(ram-out-of-range|stack-overflow|hard-fault|crashed|pc-out-of-range)$/);
  });
}

const DEFAULT = "mps2-an386";
const skip = withoutBoard(DEFAULT);

test("cycles by the M4 table: 1 + 10 + (10 + 9 * P) + 1 + P, P = 1, 2, 3", { skip }, async () => {
  const source = assembler(DEFAULT, "movs r3, #10; 1: subs r3, #1; bne 1b; bx lr", "");
  const r = await runSource(DEFAULT, source, new Uint8Array(2), { profile: true });
  const entry = r.profile!.find((f) => f.function === "cell_entry")!;
  assert.equal(entry.cycles, 2 * (1 + 10 + 10 + 9 * 2 + 3));
  assert.equal(r.profile!.reduce((sum, f) => sum + f.cycles!, 0), r.cycles!.reduce((a, b) => a + b, 0));
  const middle = r.cycles![0]! * 2;
  // the loop's branches and the return, then the harness's call: one P each way
  assert.deepEqual([middle - r.cycleBounds!.low, r.cycleBounds!.high - middle], [2 * (9 + 1 + 1), 2 * (9 + 1 + 1)]);
});

test("a profile tells the functions apart", { skip }, async () => {
  const source = `#include <stdint.h>
static __attribute__((noinline, noclone)) uint32_t heavy(uint32_t n) { uint32_t s = 0; for (uint32_t i = 0; i < n; i++) { s ^= i; __asm__ volatile("" : "+r"(s)); } return s; }
static __attribute__((noinline, noclone)) uint32_t light(uint32_t n) { __asm__ volatile("" : "+r"(n)); return n + 1; }
${ENTRY} { *(uint32_t *)out = heavy(500) + light(*(const uint8_t *)in) / 3u; }`;
  const { profile } = await runSource(DEFAULT, source, new Uint8Array(1), { profile: true });
  const names = profile!.map((f) => f.function);
  assert.equal(names[0], "heavy");
  assert.ok(names.includes("light") && names.includes("cell_entry") && names.includes("main"));
  assert.ok(profile![0]!.instructions > 1500);
});

test("an abort ends the emulator", { skip }, async () => {
  const endless = runSource(DEFAULT, `${ENTRY} { (void)in; (void)out; for (;;) { } }`, Uint8Array.of(1), { signal: AbortSignal.timeout(300), cycleLimit: 1e15 });
  await assert.rejects(endless, (error: Error) => error.name === "TimeoutError");
});

test("a time limit ends the emulator", { skip }, async () => {
  const work = runSource(DEFAULT, `${ENTRY} { (void)in; (void)out; for (;;) { } }`, Uint8Array.of(1), { timeoutMs: 300, cycleLimit: 1e15 });
  assert.equal((await errorOf(work)).code, "board/stuck");
});

test("a stack that reaches static data is an error, even where it does no harm", { skip: withoutBoard("microbit") }, async () => {
  const source = `${ENTRY} { volatile uint8_t x[16200]; x[0] = *(const uint8_t *)in; *(uint8_t *)out = x[0]; }`;
  assert.equal((await errorOf(runSource("microbit", source, Uint8Array.of(1)))).code, "board/stack-overflow");
});

test("a model may bring its own buffers", { skip }, async () => {
  // not static: gcc may believe that nobody else writes to what nobody else can name
  const source = `#include <stdint.h>\nextern uint8_t arena[64];\nuint8_t arena[64] __attribute__((aligned(8)));
__asm__(".global cell_in\\n.set cell_in, arena + 8\\n.global cell_out\\n.set cell_out, arena + 16\\n");
${ENTRY} { arena[9] = *(const uint8_t *)in; *(uint8_t *)out = (uint8_t)(arena[8] + arena[9]); }`;
  const own = `#include <stdint.h>\nuint8_t cell_in[1], cell_out[4];\n${ENTRY} { *(uint8_t *)out = (uint8_t)(2 * *(const uint8_t *)in); }`;
  for (const board of [DEFAULT, "host"]) {
    const r = await runSource(board, own, Uint8Array.of(4, 100), {}, { ownBuffers: true });
    assert.deepEqual(r.outputs.map((o) => o[0]), [8, 200], board);
  }
  const r = await runSource(DEFAULT, source, Uint8Array.of(4, 100), {}, { ownBuffers: true });
  assert.deepEqual(r.outputs.map((o) => o[0]), [8, 200]);
});

test("many rows go through one process, and progress is told", { skip }, async () => {
  const rows = Uint8Array.from({ length: 3000 }, (_, i) => i & 255);
  let told = 0;
  const r = await runSource(DEFAULT, `${ENTRY} { *(uint8_t *)out = (uint8_t)(*(const uint8_t *)in + 1); }`, rows, { onProgress: (done) => { told = done; } });
  assert.deepEqual(Uint8Array.from(r.outputs, (o) => o[0]!), rows.map((x) => x + 1));
  assert.equal(told, 3000);
});
