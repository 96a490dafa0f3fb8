/** Facts of the Adafruit EdgeBadge (SAMD51J19A); source: `reference/boards.md`, section 9 (P: PlatformIO board documents) for the PyBadge. */

import type { Board } from "../board.js";

export const board: Board = {
  name: "edgebadge",
  aliases: ["pybadge", "samd51j19", "adafruit-tflm-kit"],
  title: "Adafruit EdgeBadge (SAMD51J19A)",
  chip: "atsamd51j19a",
  core: "cortex-m4",
  clockHz: 120_000_000,
  flashBytes: 512 * 1024,
  chipFlashBytes: 512 * 1024,
  ramBytes: 192 * 1024,
  memory: { flashStart: 0, ramStart: 0x20000000, ramEnd: 0x2002ffff, dataOffset: 0 },
  fpu: true,
  hardwareMultiply: true,
  toolchain: "arm-gcc",
  optimise: "-O2",
  simulator: "qemu",
  machine: "mps2-an386",
  cycles: "modelled",
  supplyVolts: null,
  currents: [],
  note: "Sizes from the PlatformIO document of the PyBadge; that the EdgeBadge has the same chip is from memory. The Adafruit TFLM kit is probably this board or a sister. Simulated on QEMU's mps2-an386, linked for that machine's addresses; flash and RAM are checked against the chip's own sizes. Cycles are modelled from ARM's table without wait states: 30 to 40 % off either way unless fitted on the board itself.",
};
