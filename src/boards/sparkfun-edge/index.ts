/** Facts of the SparkFun Edge (Ambiq Apollo3 Blue); source: `reference/boards.md`, section 9 (M: from memory, not verified). */

import type { Board } from "../board.js";

export const board: Board = {
  name: "sparkfun-edge",
  aliases: ["apollo3"],
  title: "SparkFun Edge (Ambiq Apollo3 Blue)",
  chip: "apollo3",
  core: "cortex-m4",
  clockHz: 48_000_000,
  flashBytes: 1 * 1024 * 1024,
  chipFlashBytes: 1 * 1024 * 1024,
  ramBytes: 384 * 1024,
  memory: { flashStart: 0, ramStart: 0x20000000, ramEnd: 0x2005ffff, dataOffset: 0 },
  fpu: true,
  hardwareMultiply: true,
  toolchain: "arm-gcc",
  optimise: "-O2",
  simulator: "qemu",
  machine: "mps2-an386",
  cycles: "modelled",
  supplyVolts: null,
  currents: [],
  note: "Sizes from memory, not verified. Simulated on QEMU's mps2-an386, linked for that machine's addresses; flash and RAM are checked against the chip's own sizes. 96 MHz in burst mode. Cycles are modelled from ARM's table without wait states: 30 to 40 % off either way unless fitted on the board itself.",
};
