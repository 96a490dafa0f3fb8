/** Facts of the Adafruit Circuit Playground Bluefruit (nRF52840); source: `reference/boards.md`, section 9 (P: PlatformIO board documents). */

import type { Board } from "../board.js";

export const board: Board = {
  name: "circuit-playground-bluefruit",
  aliases: ["cpb"],
  title: "Adafruit Circuit Playground Bluefruit (nRF52840)",
  chip: "nrf52840",
  core: "cortex-m4",
  clockHz: 64_000_000,
  flashBytes: 796 * 1024,
  chipFlashBytes: 1 * 1024 * 1024,
  ramBytes: 243 * 1024,
  memory: { flashStart: 0, ramStart: 0x20000000, ramEnd: 0x2003cbff, dataOffset: 0 },
  fpu: true,
  hardwareMultiply: true,
  toolchain: "arm-gcc",
  optimise: "-O2",
  simulator: "qemu",
  machine: "mps2-an386",
  cycles: "modelled",
  supplyVolts: null,
  currents: [],
  note: "Sizes from the PlatformIO board documents. Simulated on QEMU's mps2-an386, linked for that machine's addresses; flash and RAM are checked against the chip's own sizes. Cycles are modelled from ARM's table without wait states: 30 to 40 % off either way unless fitted on the board itself.",
};
