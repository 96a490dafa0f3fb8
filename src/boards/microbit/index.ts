/** Facts of the BBC micro:bit v1 (nRF51822); source: QEMU 7.2's hw/arm/nrf51_soc.c; `reference/boards.md`, section 4. */

import type { Board } from "../board.js";

export const board: Board = {
  name: "microbit",
  aliases: ["nrf51"],
  title: "BBC micro:bit v1 (nRF51822)",
  chip: "nrf51822",
  core: "cortex-m0",
  clockHz: 16_000_000,
  flashBytes: 256 * 1024,
  chipFlashBytes: 256 * 1024,
  ramBytes: 16 * 1024,
  memory: { flashStart: 0, ramStart: 0x20000000, ramEnd: 0x20003fff, dataOffset: 0 },
  fpu: false,
  hardwareMultiply: true,
  toolchain: "arm-gcc",
  optimise: "-O2",
  simulator: "qemu",
  machine: "microbit",
  cycles: "instructions",
  supplyVolts: null,
  currents: [],
  note: "Sizes from memory, not verified. QEMU's machine is this board; a Bluetooth stack would take flash and RAM off. No cycle table exists for this core: instructions are counted exactly, cycles are not given.",
};
