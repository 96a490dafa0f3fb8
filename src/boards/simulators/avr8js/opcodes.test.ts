/** The legality table against opcodes written down from the instruction set manual. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { classifyFlash, classifyOpcode, Kind } from "./opcodes.js";

const onNeither: Record<string, number> = {
  "erased flash": 0xffff, "reserved 0x0001": 0x0001, "reserved 0x00ff": 0x00ff, "ELPM R0": 0x95d8, "ELPM Rd,Z": 0x9006,
  "ELPM Rd,Z+": 0x9007, EIJMP: 0x9419, EICALL: 0x9519, "DES 0": 0x940b, "DES 15": 0x94fb, XCH: 0x9204, LAS: 0x9205,
  LAC: 0x9206, LAT: 0x9207, SPM: 0x95e8, "SPM Z+": 0x95f8, "reserved 0x9003": 0x9003, "reserved 0x9008": 0x9008,
  "reserved 0x900b": 0x900b, "reserved 0x9203": 0x9203, "reserved 0x9208": 0x9208, "reserved 0x920b": 0x920b,
  "reserved 0x9404": 0x9404, "reserved 0x9528": 0x9528, "reserved 0x95b8": 0x95b8, "reserved 0x9429": 0x9429,
  "BLD with bit 3": 0xf808, "SBRS with bit 3": 0xfe08, "LD r26,X+": 0x91ad, "LD r27,-X": 0x91be, "ST Z+,r30": 0x93e1,
  "ST -Y,r29": 0x93da, "LPM r31,Z+": 0x91f5, "JMP above 64 KW": 0x941c,
};
const onMegaOnly: Record<string, number> = {
  "MUL r0,r0": 0x9c00, "MUL r31,r31": 0x9fff, MULS: 0x0200, MULSU: 0x0300, FMUL: 0x0308, FMULS: 0x0380, FMULSU: 0x0388,
  JMP: 0x940c, CALL: 0x940e,
};
const onBoth: Record<string, readonly [number, number]> = {
  NOP: [0x0000, Kind.plain], MOVW: [0x01ff, Kind.plain], ADIW: [0x9600, Kind.plain], "LDD Y+1": [0x8009, Kind.plain],
  LDS: [0x9000, Kind.plain], STS: [0x9200, Kind.plain], "LD r0,X+": [0x900d, Kind.plain], COM: [0x9400, Kind.plain],
  DEC: [0x940a, Kind.plain], SEC: [0x9408, Kind.plain], CLI: [0x94f8, Kind.plain], BREAK: [0x9598, Kind.plain],
  WDR: [0x95a8, Kind.plain], IN: [0xb7cd, Kind.plain], OUT: [0xbfcd, Kind.plain], BLD: [0xf800, Kind.plain],
  SBRS: [0xfe07, Kind.plain], RJMP: [0xcfff, Kind.plain], PUSH: [0x920f, Kind.stack], POP: [0x900f, Kind.stack],
  RCALL: [0xd000, Kind.stack], RET: [0x9508, Kind.return], RETI: [0x9518, Kind.return], IJMP: [0x9409, Kind.indirect],
  ICALL: [0x9509, Kind.indirect], LPM: [0x95c8, Kind.flashRead], "LPM Rd,Z": [0x9004, Kind.flashRead],
  "LPM Rd,Z+": [0x9005, Kind.flashRead], SLEEP: [0x9588, Kind.sleep],
};

for (const [name, opcode] of Object.entries(onNeither)) {
  test(`${name} is illegal on both cores`, () => {
    assert.equal(classifyOpcode(opcode, "avr25"), Kind.illegal);
    assert.equal(classifyOpcode(opcode, "avr5"), Kind.illegal);
  });
}

for (const [name, opcode] of Object.entries(onMegaOnly)) {
  test(`${name} is illegal on avr25 only`, () => {
    assert.equal(classifyOpcode(opcode, "avr25"), Kind.illegal);
    assert.notEqual(classifyOpcode(opcode, "avr5"), Kind.illegal);
  });
}

for (const [name, [opcode, kind]] of Object.entries(onBoth)) {
  test(`${name} is legal on both cores`, () => {
    assert.equal(classifyOpcode(opcode, "avr25"), kind);
    assert.equal(classifyOpcode(opcode, "avr5"), kind);
  });
}

const onLargeMegaOnly: Record<string, readonly [number, number]> = {
  "ELPM R0": [0x95d8, Kind.flashRead], "ELPM Rd,Z": [0x9006, Kind.flashRead], "ELPM Rd,Z+": [0x9007, Kind.flashRead],
  EIJMP: [0x9419, Kind.indirect], EICALL: [0x9519, Kind.indirect], "JMP above 64 KW": [0x940d, Kind.plain], "CALL above 64 KW": [0x940f, Kind.stack],
};

for (const [name, [opcode, kind]] of Object.entries(onLargeMegaOnly)) {
  test(`${name} is legal on avr6 only`, () => {
    assert.equal(classifyOpcode(opcode, "avr6"), kind);
    assert.equal(classifyOpcode(opcode, "avr5"), Kind.illegal);
  });
}

test("avr6 has all that avr5 has; targets above its 128 KW are illegal", () => {
  for (const [opcode, kind] of Object.values(onBoth)) assert.equal(classifyOpcode(opcode, "avr6"), kind);
  for (const opcode of Object.values(onMegaOnly)) assert.notEqual(classifyOpcode(opcode, "avr6"), Kind.illegal);
  for (const opcode of [0x941c, 0x95e8, 0x91f7, 0xffff]) assert.equal(classifyOpcode(opcode, "avr6"), Kind.illegal);
});

test("words behind the image and jumps to them lie outside", () => {
  const kinds = classifyFlash(Uint16Array.of(0x940c, 0x0000, 0x940c, 0x0007, 0xffff), 4, "avr5");
  assert.deepEqual([...kinds], [Kind.plain, Kind.plain, Kind.outside, Kind.illegal, Kind.outside]);
});
