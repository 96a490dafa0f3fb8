/** Facts of the ARM MPS3 AN547 (Cortex-M55 reference); source: `reference/boards.md`, sections 2 and 4, and QEMU 7.2's hw/arm. */

import type { Board } from "../board.js";

export const board: Board = {
  name: "mps3-an547",
  aliases: ["cortex-m55"],
  title: "ARM MPS3 AN547 (Cortex-M55 reference)",
  chip: "mps3-an547",
  core: "cortex-m55",
  clockHz: 32_000_000,
  flashBytes: 512 * 1024,
  chipFlashBytes: 512 * 1024,
  ramBytes: 512 * 1024,
  memory: { flashStart: 0, ramStart: 0x20000000, ramEnd: 0x2007ffff, dataOffset: 0 },
  fpu: true,
  hardwareMultiply: true,
  toolchain: "arm-gcc",
  optimise: "-O2",
  simulator: "qemu",
  machine: "mps3-an547",
  cycles: "instructions",
  supplyVolts: null,
  currents: [],
  note: "A reference machine, not a product: choose it to measure the core. The clock is nominal. Program and data lie in the tightly coupled memories. No cycle table exists for this core: instructions are counted exactly, cycles are not given.",
};
