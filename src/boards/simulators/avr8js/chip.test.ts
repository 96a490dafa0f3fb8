/** Every trap provoked by a hand-encoded program, and cycles, instructions and stack of programs counted by hand. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { CoincellError } from "../../../ir/diagnostics.js";
import { handMade, ldi, NOP, rcall, RET, rjmp } from "../../testing.js";
import type { RunOptions } from "../simulator.js";
import { simulator } from "./index.js";

const ROW = Uint8Array.of(1);

async function trapOf(board: string, words: readonly number[], options: RunOptions = {}, staticBytes = 2): Promise<CoincellError> {
  try {
    await simulator.run(handMade(board, words, staticBytes), ROW, options);
  } catch (error) {
    if (error instanceof CoincellError) return error;
    throw error;
  }
  return assert.fail("no trap");
}

const PUSH_R0 = 0x920f;
const POP_R0 = 0x900f;
const pointer = (low: number, high: number, value: number): number[] => [ldi(low, value & 255), ldi(high, value >> 8)];
const atX = (value: number): number[] => pointer(26, 27, value);
const atZ = (value: number): number[] => pointer(30, 31, value);

const traps: readonly [string, string, string, readonly number[]][] = [
  ["MUL on an ATtiny", "attiny85", "board/illegal-opcode", [0x9c00]],
  ["JMP on an ATtiny", "attiny85", "board/illegal-opcode", [0x940c, 0]],
  ["erased flash in the image", "attiny85", "board/illegal-opcode", [0xffff]],
  ["XCH on an ATmega", "uno", "board/illegal-opcode", [0x9204]],
  ["jump into a second word", "uno", "board/illegal-opcode", [rjmp(1), 0x9000, 0x9c07 & 0x00ff]],
  ["sts above RAM", "attiny85", "board/ram-out-of-range", [0x9200, 0x0260]],
  ["lds above RAM", "attiny45", "board/ram-out-of-range", [0x9000, 0x0160]],
  ["st above RAM", "uno", "board/ram-out-of-range", [...atX(0x900), 0x920c]],
  ["ld through a null pointer", "uno", "board/ram-out-of-range", [...atX(0), 0x900c]],
  ["st -X below 0", "attiny85", "board/ram-out-of-range", [...atX(0), 0x920e]],
  ["ldd crosses the end of RAM", "attiny85", "board/ram-out-of-range", [...pointer(28, 29, 0x25f), 0x8009]],
  ["st into free RAM", "attiny85", "board/ram-out-of-range", [...atX(0x62), 0x920c]],
  ["ld from free RAM at SP", "attiny85", "board/ram-out-of-range", [...atX(0x25f), 0x900c]],
  ["pop from an empty stack", "attiny85", "board/ram-out-of-range", [POP_R0]],
  ["ret from an empty stack", "attiny85", "board/ram-out-of-range", [RET]],
  ["SP set above RAM", "attiny85", "board/ram-out-of-range", [ldi(16, 3), 0xbf0e, ldi(16, 0x60), 0xbf0d]],
  ["SP set into I/O, by sts", "attiny85", "board/stack-overflow", [ldi(16, 0), 0x9300, 0x5e, ldi(16, 0x40), 0x9300, 0x5d]],
  ["push without end", "attiny45", "board/stack-overflow", [PUSH_R0, rjmp(-2)]],
  ["recursion without end", "uno", "board/stack-overflow", [rcall(-1)]],
  ["rjmp behind the program", "attiny85", "board/pc-out-of-range", [rjmp(10)]],
  ["rjmp before address 0", "attiny85", "board/pc-out-of-range", [rjmp(-20)]],
  ["jmp behind the program", "uno", "board/pc-out-of-range", [0x940c, 0x1000]],
  ["ijmp behind the program", "attiny85", "board/pc-out-of-range", [...atZ(0x1001), 0x9409]],
  ["icall behind the program", "attiny85", "board/pc-out-of-range", [...atZ(0x0fff), 0x9509]],
  ["ret to a wild address", "attiny85", "board/pc-out-of-range", [ldi(16, 0x11), 0x930f, 0x930f, RET]],
  ["ret to an address that would wrap to 0", "attiny85", "board/pc-out-of-range", [ldi(16, 0), 0x930f, ldi(16, 0x10), 0x930f, RET]],
  ["lpm behind the program", "attiny85", "board/flash-out-of-range", [...atZ(0x200), 0x9004]],
  ["sleep", "attiny85", "board/stuck", [0x9588]],
];

for (const [name, board, code, words] of traps) {
  test(`trap: ${name}`, async () => {
    const { diagnostic } = await trapOf(board, words);
    assert.equal(diagnostic.code, code, diagnostic.what);
    assert.notEqual(diagnostic.cure, "");
  });
}

test("trap: an endless loop ends at the cycle limit and stays interruptible", async () => {
  const progress: number[] = [];
  const { diagnostic } = await trapOf("uno", [rjmp(-1)], { cycleLimit: 3_500_000, onProgress: (done) => progress.push(done) });
  assert.equal(diagnostic.code, "board/stuck");
  assert.ok(progress.length >= 3);
  await assert.rejects(
    simulator.run(handMade("uno", [rjmp(-1)]), ROW, { signal: AbortSignal.timeout(20) }),
    (error: Error) => error.name === "TimeoutError",
  );
});

test("a trap names the place", async () => {
  const { diagnostic } = await trapOf("attiny85", [NOP, NOP, 0x9c00]);
  assert.match(diagnostic.where, /attiny85, address 0x4 in the_model/);
});

test("the stack may fill RAM to the last byte above static data, and no more", async () => {
  // 512 bytes of SRAM: 508 static, 4 left for the pushes
  await simulator.run(handMade("attiny85", [...Array(4).fill(PUSH_R0), ...Array(4).fill(POP_R0)], 508), ROW, {});
  const { diagnostic } = await trapOf("attiny85", Array(5).fill(PUSH_R0), {}, 508);
  assert.equal(diagnostic.code, "board/stack-overflow");
  assert.match(diagnostic.what, /grew to 5 bytes, 4 are free/);
});

test("static data larger than RAM does not start", async () => {
  assert.equal((await trapOf("attiny85", [NOP], {}, 513)).diagnostic.code, "board/does-not-fit");
});

test("between writing SPH and SPL the stack pointer is not judged", async () => {
  // SP 0x25f -> 0x1fe -> 0x25f, high byte first, with r16 in between
  const words = [ldi(16, 1), 0xbf0e, ldi(16, 0xfe), 0xbf0d, ldi(16, 2), 0xbf0e, ldi(16, 0x5f), 0xbf0d];
  const result = await simulator.run(handMade("attiny85", words), ROW, {});
  assert.equal(result.stackBytes, 0x25f - 0x1fe);
});

test("a loop counted by hand: 1 + 10 * 1 + 9 * 2 + 1 = 30 cycles, 21 instructions", async () => {
  const result = await simulator.run(handMade("attiny85", [ldi(24, 10), 0x958a, 0xf7f1]), Uint8Array.of(0, 0, 0), {});
  assert.deepEqual([...result.cycles!], [30, 30, 30]);
  assert.deepEqual([...result.instructions!], [21, 21, 21]);
  assert.equal(result.stackBytes, 0);
});

test("loads, stores, calls and flash reads take the data sheet's cycles", async () => {
  // rcall 3, push 2, pop 2, ret 4, lds 2, sts 2, lpm 3, two ldi 2, rjmp 2
  const words = [rjmp(3), PUSH_R0, POP_R0, RET, rcall(-4), 0x9000, 0x60, 0x9200, 0x61, ...atZ(0), 0x9004];
  const result = await simulator.run(handMade("uno", words), Uint8Array.of(7), {});
  assert.equal(result.cycles![0], 2 + 3 + 2 + 2 + 4 + 2 + 2 + 2 + 3);
  assert.equal(result.stackBytes, 3);
});

test("a row is poked into cell_in and its answer read from cell_out, on both RAM starts", async () => {
  for (const [board, ram] of [["attiny85", 0x60], ["uno", 0x100]] as const) {
    const words = [0x9180, ram, 0x9583, 0x9380, ram + 1]; // r24 = in + 1
    const result = await simulator.run(handMade(board, words), Uint8Array.of(0, 41, 255), {});
    assert.deepEqual(result.outputs.map((output) => output[0]), [1, 42, 0]);
  }
});

test("a profile adds up to the row, and costs nothing where it is not asked for", async () => {
  const program = handMade("uno", [ldi(24, 10), 0x958a, 0xf7f1]);
  const plain = await simulator.run(program, Uint8Array.of(0, 0), {});
  const { profile } = await simulator.run(program, Uint8Array.of(0, 0), { profile: true });
  assert.equal(plain.profile, undefined);
  assert.deepEqual(profile, [{ function: "the_model", instructions: 42, cycles: 60 }]);
});

test("a chip with a 22-bit program counter: calls take a byte and a cycle more", async () => {
  // rjmp 2, rcall 4, push 2, pop 2, ret 5
  const result = await simulator.run(handMade("mega2560", [rjmp(3), PUSH_R0, POP_R0, RET, rcall(-4)]), Uint8Array.of(1), {});
  assert.deepEqual([result.cycles![0], result.stackBytes], [2 + 4 + 2 + 2 + 5, 4]);
});

test("trap: far jumps and far flash reads behind the program of an ATmega2560", async () => {
  assert.equal((await trapOf("mega2560", [0x940d, 0])).diagnostic.code, "board/pc-out-of-range");
  // RAMPZ = 1
  const far = [ldi(16, 1), 0xbf0b, ...atZ(0), 0x9006];
  assert.equal((await trapOf("mega2560", far)).diagnostic.code, "board/flash-out-of-range");
  const wild = [ldi(16, 1), 0xbf0c, ...atZ(0), 0x9419];
  assert.equal((await trapOf("mega2560", wild)).diagnostic.code, "board/pc-out-of-range");
});
