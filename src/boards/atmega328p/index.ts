/** Facts of the ATmega328P as it sits on an Arduino Uno or Nano; source: Atmel data sheet 8271D, PlatformIO board files. */

import type { Board } from "../board.js";

const SOURCE = "Atmel data sheet 8271D, table 29-8";
const CONFIDENCE = "seen, typical values";

export const board: Board = {
  name: "atmega328p",
  aliases: ["uno", "nano", "arduino-uno", "arduino-nano"],
  title: "ATmega328P (Arduino Uno, Nano)",
  chip: "atmega328p",
  core: "avr5",
  clockHz: 16_000_000,
  flashBytes: 32256,
  chipFlashBytes: 32768,
  ramBytes: 2048,
  memory: { ramStart: 0x100, ramEnd: 0x8ff, dataOffset: 0x800000 },
  fpu: false,
  hardwareMultiply: true,
  toolchain: "avr-gcc",
  chipFlags: ["-mmcu=atmega328p"],
  optimise: "-Os",
  simulator: "avr8js",
  cycles: "exact",
  supplyVolts: 5,
  currents: [
    { mode: "active", milliamps: 0.3, volts: 2, clockHz: 1_000_000, source: SOURCE, confidence: CONFIDENCE },
    { mode: "active", milliamps: 1.7, volts: 3, clockHz: 4_000_000, source: SOURCE, confidence: CONFIDENCE },
    { mode: "active", milliamps: 5.2, volts: 5, clockHz: 8_000_000, source: SOURCE, confidence: CONFIDENCE },
    { mode: "power-down", milliamps: 0.0001, volts: null, clockHz: null, source: SOURCE, confidence: CONFIDENCE },
    { mode: "power-down-watchdog", milliamps: 0.0042, volts: null, clockHz: null, source: SOURCE, confidence: CONFIDENCE },
  ],
  note: "Usable flash is without the 512-byte boot loader of the Uno; a Nano with the old boot loader has 30720 bytes. Currents are of the bare chip, not of the Arduino board.",
};
