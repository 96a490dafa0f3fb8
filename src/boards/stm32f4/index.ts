/** Facts of the STM32F4 Discovery (STM32F407VG); source: from memory, not verified; the machine: QEMU 7.2's hw/arm/netduinoplus2.c (STM32F405). */

import type { Board } from "../board.js";

export const board: Board = {
  name: "stm32f4",
  aliases: ["stm32f407", "stm32f4discovery"],
  title: "STM32F4 Discovery (STM32F407VG)",
  chip: "stm32f407vg",
  core: "cortex-m4",
  clockHz: 168_000_000,
  flashBytes: 1 * 1024 * 1024,
  chipFlashBytes: 1 * 1024 * 1024,
  ramBytes: 128 * 1024,
  memory: { flashStart: 0x08000000, ramStart: 0x20000000, ramEnd: 0x2001ffff, dataOffset: 0 },
  fpu: true,
  hardwareMultiply: true,
  toolchain: "arm-gcc",
  optimise: "-O2",
  simulator: "qemu",
  machine: "netduinoplus2",
  cycles: "modelled",
  supplyVolts: null,
  currents: [],
  note: "Sizes from memory, not verified. Simulated on QEMU's netduinoplus2 (STM32F405, the same memory map). The 64 KB of core-coupled RAM are not counted. Cycles are modelled from ARM's table without wait states: 30 to 40 % off either way unless fitted on the board itself.",
};
