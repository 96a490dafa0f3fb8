/** Facts of the STM32F746 Discovery; source: `reference/boards.md`, section 9 (P: PlatformIO board documents). */

import type { Board } from "../board.js";

export const board: Board = {
  name: "stm32f746-disco",
  aliases: ["stm32f746", "f746"],
  title: "STM32F746 Discovery",
  chip: "stm32f746ng",
  core: "cortex-m7",
  clockHz: 216_000_000,
  flashBytes: 1 * 1024 * 1024,
  chipFlashBytes: 1 * 1024 * 1024,
  ramBytes: 320 * 1024,
  memory: { flashStart: 0, ramStart: 0x20000000, ramEnd: 0x2004ffff, dataOffset: 0 },
  fpu: true,
  hardwareMultiply: true,
  toolchain: "arm-gcc",
  optimise: "-O2",
  simulator: "qemu",
  machine: "mps2-an500",
  cycles: "instructions",
  supplyVolts: null,
  currents: [],
  note: "Sizes from the PlatformIO board documents. Simulated on QEMU's mps2-an500, linked for that machine's addresses; flash and RAM are checked against the chip's own sizes. No cycle table exists for this core: instructions are counted exactly, cycles are not given.",
};
