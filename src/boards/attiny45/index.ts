/** Facts of the ATtiny45; source: Microchip data sheet 2586Q (memories, clock), 7598H (currents). */

import type { Board } from "../board.js";

const SOURCE = "Atmel automotive data sheet 7598H";
const CONFIDENCE = "seen; the commercial part is lower, its figures were not seen";

export const board: Board = {
  name: "attiny45",
  aliases: [],
  title: "ATtiny45 (8-pin, internal oscillator)",
  chip: "attiny45",
  core: "avr25",
  clockHz: 8_000_000,
  flashBytes: 4096,
  chipFlashBytes: 4096,
  ramBytes: 256,
  memory: { ramStart: 0x60, ramEnd: 0x15f, dataOffset: 0x800000 },
  fpu: false,
  hardwareMultiply: false,
  toolchain: "avr-gcc",
  chipFlags: ["-mmcu=attiny45"],
  optimise: "-Os",
  simulator: "avr8js",
  cycles: "exact",
  supplyVolts: 3,
  currents: [
    { mode: "active", milliamps: 1.25, volts: 3, clockHz: 4_000_000, source: SOURCE, confidence: CONFIDENCE },
    { mode: "active", milliamps: 5, volts: 5, clockHz: 8_000_000, source: SOURCE, confidence: CONFIDENCE },
    { mode: "active", milliamps: 10, volts: 5, clockHz: 16_000_000, source: SOURCE, confidence: CONFIDENCE },
    { mode: "power-down", milliamps: 0.002, volts: 3, clockHz: null, source: SOURCE, confidence: CONFIDENCE },
    { mode: "power-down-watchdog", milliamps: 0.005, volts: 3, clockHz: null, source: SOURCE, confidence: CONFIDENCE },
  ],
  note: "No hardware multiplication. New chips leave the factory with the clock divided by 8 (1 MHz) until CKDIV8 is cleared.",
};
