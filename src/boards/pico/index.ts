/** Facts of the Raspberry Pi Pico (RP2040); source: `reference/boards.md`, section 9 (P: PlatformIO board documents). */

import type { Board } from "../board.js";

export const board: Board = {
  name: "pico",
  aliases: ["rp2040", "raspberry-pi-pico"],
  title: "Raspberry Pi Pico (RP2040)",
  chip: "rp2040",
  core: "cortex-m0plus",
  clockHz: 133_000_000,
  flashBytes: 2 * 1024 * 1024,
  chipFlashBytes: 2 * 1024 * 1024,
  ramBytes: 264 * 1024,
  memory: { flashStart: 0x10000000, ramStart: 0x20000000, ramEnd: 0x20041fff, dataOffset: 0 },
  fpu: false,
  hardwareMultiply: true,
  toolchain: "arm-gcc",
  optimise: "-O2",
  simulator: "rp2040js",
  cycles: "modelled",
  supplyVolts: null,
  currents: [],
  note: "Sizes from the PlatformIO board documents. Runs on rp2040js with no wait states: its model of the M0+, corrected by a cycle for push with lr and pop with pc, is ARM's table, but real code runs from serial flash through a cache and may be slower. The 256-byte second-stage boot loader is not counted. The board sleeps at 0.9 to 1.5 mA (secondary source), no active current is known here: no energy.",
};
