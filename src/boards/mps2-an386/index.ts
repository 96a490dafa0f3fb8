/** Facts of the ARM MPS2 AN386 (Cortex-M4F reference); source: `reference/boards.md`, sections 2 and 4, and QEMU 7.2's hw/arm. */

import type { Board } from "../board.js";

export const board: Board = {
  name: "mps2-an386",
  aliases: ["cortex-m4"],
  title: "ARM MPS2 AN386 (Cortex-M4F reference)",
  chip: "mps2-an386",
  core: "cortex-m4",
  clockHz: 25_000_000,
  flashBytes: 4 * 1024 * 1024,
  chipFlashBytes: 4 * 1024 * 1024,
  ramBytes: 4 * 1024 * 1024,
  memory: { flashStart: 0, ramStart: 0x20000000, ramEnd: 0x203fffff, dataOffset: 0 },
  fpu: true,
  hardwareMultiply: true,
  toolchain: "arm-gcc",
  optimise: "-O2",
  simulator: "qemu",
  machine: "mps2-an386",
  cycles: "modelled",
  supplyVolts: null,
  currents: [],
  note: "A reference machine, not a product: choose it to measure the core. The clock is nominal. Cycles are modelled from ARM's table without wait states: 30 to 40 % off either way unless fitted on the board itself.",
};
