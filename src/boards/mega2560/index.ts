/** Facts of the ATmega2560 as it sits on an Arduino Mega; source: Atmel data sheet 2549Q (from memory), PlatformIO board files (from memory). */

import type { Board } from "../board.js";

export const board: Board = {
  name: "mega2560",
  aliases: ["mega", "atmega2560", "arduino-mega"],
  title: "ATmega2560 (Arduino Mega)",
  chip: "atmega2560",
  core: "avr6",
  clockHz: 16_000_000,
  flashBytes: 253952,
  chipFlashBytes: 262144,
  ramBytes: 8192,
  memory: { ramStart: 0x200, ramEnd: 0x21ff, dataOffset: 0x800000 },
  fpu: false,
  hardwareMultiply: true,
  toolchain: "avr-gcc",
  chipFlags: ["-mmcu=atmega2560"],
  optimise: "-Os",
  simulator: "avr8js",
  cycles: "exact",
  supplyVolts: 5,
  currents: [],
  note: "Sizes from memory, not verified; usable flash is without the 8 KB boot loader. The program counter has 22 bits: a call costs one byte of stack and one cycle more than on an Uno. Constants must lie in the first 64 KB of flash, which is all that LPM reaches. No currents are known here: no energy.",
};
