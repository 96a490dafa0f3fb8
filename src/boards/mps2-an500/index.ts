/** Facts of the ARM MPS2 AN500 (Cortex-M7 reference); source: `reference/boards.md`, sections 2 and 4, and QEMU 7.2's hw/arm. */

import type { Board } from "../board.js";

export const board: Board = {
  name: "mps2-an500",
  aliases: ["cortex-m7"],
  title: "ARM MPS2 AN500 (Cortex-M7 reference)",
  chip: "mps2-an500",
  core: "cortex-m7",
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
  machine: "mps2-an500",
  cycles: "instructions",
  supplyVolts: null,
  currents: [],
  note: "A reference machine, not a product: choose it to measure the core. The clock is nominal. No cycle table exists for this core: instructions are counted exactly, cycles are not given.",
};
