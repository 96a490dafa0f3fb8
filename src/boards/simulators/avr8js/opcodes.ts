/** Which 16-bit words are instructions of a chip, and which of them the simulator must guard; source: Atmel "AVR Instruction
 * Set Manual" 0856L, and the instruction lists of the data sheets 2586Q (ATtiny), 8271D (ATmega328P) and 2549Q (ATmega2560). */

import type { Core } from "../../board.js";

/** What the simulator has to do before or after a word at one flash address; PLAIN needs nothing. */
export const Kind = {
  plain: 0,
  /** push, pop, rcall, call: SP moves. */
  stack: 1,
  /** ret, reti: SP moves and the target comes from RAM. */
  return: 2,
  /** ijmp, icall: the target is Z; eijmp, eicall: EIND and Z. */
  indirect: 3,
  /** lpm: reads flash at Z; elpm: at RAMPZ and Z. */
  flashRead: 4,
  /** sleep: without interrupts nothing wakes the chip. */
  sleep: 5,
  illegal: 6,
  /** Erased or absent flash. */
  outside: 7,
} as const;

/** Reads and writes with an address register that the same instruction changes: "the result is undefined". */
function overwritesItsPointer(opcode: number): boolean {
  const register = (opcode >> 4) & 31 & ~1;
  const mode = opcode & 15;
  if (mode === 1 || mode === 2) return register === 30;
  if (mode === 9 || mode === 10) return register === 28;
  if (mode === 13 || mode === 14) return register === 26;
  return (mode === 5 || mode === 7) && (opcode & 0xfe00) === 0x9000 && register === 30;
}

/** 0x9000..0x93ff: loads and stores. */
function classifyTransfer(opcode: number, far: boolean): number {
  const store = (opcode & 0x0200) !== 0;
  const mode = opcode & 15;
  if (mode === 15) return Kind.stack;
  if (mode === 3 || mode === 8 || mode === 11) return Kind.illegal;
  if (overwritesItsPointer(opcode)) return Kind.illegal;
  if (mode >= 4 && mode <= 7) return !store && (mode <= 5 || far) ? Kind.flashRead : Kind.illegal; // ELPM, XCH, LAS, LAC, LAT
  return Kind.plain;
}

/** 0x9400..0x95ff: one-operand instructions, jumps, and the ones without operands. */
function classifyOneOperand(opcode: number, large: boolean, far: boolean): number {
  const mode = opcode & 15;
  // 22-bit targets: the chips have a program counter of 16 bits (avr6: 17), so the bits above must be zero
  if (mode >= 12) {
    if (!large || (opcode & (far ? 0x01f0 : 0x01f1)) !== 0) return Kind.illegal;
    return mode >= 14 ? Kind.stack : Kind.plain;
  }
  if (mode === 4 || mode === 11) return Kind.illegal; // reserved, DES
  if (mode === 9) return opcode === 0x9409 || opcode === 0x9509 || (far && (opcode === 0x9419 || opcode === 0x9519)) ? Kind.indirect : Kind.illegal;
  if (mode !== 8 || opcode < 0x9500) return Kind.plain;
  if (opcode === 0x9508 || opcode === 0x9518) return Kind.return;
  if (opcode === 0x9588) return Kind.sleep;
  if (opcode === 0x95c8 || (far && opcode === 0x95d8)) return Kind.flashRead;
  return opcode === 0x9598 || opcode === 0x95a8 ? Kind.plain : Kind.illegal; // BREAK, WDR; SPM is not simulated
}

/** The {@link Kind} of one word on an ATtiny (avr25), ATmega328P (avr5) or ATmega2560 (avr6). */
export function classifyOpcode(opcode: number, core: Core): number {
  const far = core === "avr6";
  const large = far || core === "avr5";
  const top = opcode >> 10;
  if (opcode < 0x0100) return opcode === 0 ? Kind.plain : Kind.illegal;
  if (opcode >= 0x0200 && opcode < 0x0400) return large ? Kind.plain : Kind.illegal; // MULS, MULSU, FMUL
  if (top === 0x24) return classifyTransfer(opcode, far);
  if (top === 0x25 && (opcode & 0x0200) === 0) return classifyOneOperand(opcode, large, far);
  if (top === 0x27) return large ? Kind.plain : Kind.illegal; // MUL
  if (opcode >= 0xd000 && opcode < 0xe000) return Kind.stack; // RCALL
  if (opcode >= 0xf800 && (opcode & 8) !== 0) return Kind.illegal; // BLD, BST, SBRC, SBRS with a reserved bit; 0xffff
  return Kind.plain;
}

/** JMP and CALL, whose second word is their target. */
export function isLongJump(opcode: number): boolean {
  return (opcode & 0xfe0c) === 0x940c;
}

/** Word address that a JMP or CALL at `at` leads to. */
export function longTarget(words: Uint16Array, at: number): number {
  const upper = words[at]!;
  return (((upper >> 3) & 0x3e) | (upper & 1)) * 0x10000 + (words[at + 1] ?? 0xffff);
}

/** The Kind of every word of the flash; words at and after `imageWords` were never written. */
export function classifyFlash(words: Uint16Array, imageWords: number, core: Core): Uint8Array {
  const kinds = new Uint8Array(words.length).fill(Kind.outside);
  for (let i = 0; i < imageWords; i++) {
    const opcode = words[i]!;
    kinds[i] = classifyOpcode(opcode, core);
    // A second word needs no mark of its own: it is only looked at when execution wrongly starts there.
    const farAway = isLongJump(opcode) && longTarget(words, i) >= imageWords;
    if (farAway && kinds[i] !== Kind.illegal) kinds[i] = Kind.outside;
  }
  return kinds;
}
