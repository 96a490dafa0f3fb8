/** Facts of the RISC-V virt (RV32IMC reference); source: `reference/boards.md`, sections 2 and 4, and QEMU 7.2's hw/riscv/virt.c. */

import type { Board } from "../board.js";

export const board: Board = {
  name: "rv32-virt",
  aliases: ["rv32", "rv32imc"],
  title: "RISC-V virt (RV32IMC reference)",
  chip: "rv32-virt",
  core: "rv32imc",
  clockHz: 100_000_000,
  flashBytes: 4 * 1024 * 1024,
  chipFlashBytes: 4 * 1024 * 1024,
  ramBytes: 4 * 1024 * 1024,
  memory: { flashStart: 0x80000000, ramStart: 0x84000000, ramEnd: 0x843fffff, dataOffset: 0 },
  fpu: false,
  hardwareMultiply: true,
  toolchain: "riscv-gcc",
  optimise: "-O2",
  simulator: "qemu",
  machine: "virt",
  cycles: "instructions",
  supplyVolts: null,
  currents: [],
  note: "A reference machine, not a product: choose it to measure the core. The clock is nominal. No cycle table exists for this core: instructions are counted exactly, cycles are not given.",
};
