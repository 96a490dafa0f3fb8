/** Facts of the Sony Spresense (CXD5602, one of six cores); source: `reference/boards.md`, section 9 (M: from memory, not verified). */

import type { Board } from "../board.js";

export const board: Board = {
  name: "spresense",
  aliases: ["cxd5602"],
  title: "Sony Spresense (CXD5602, one of six cores)",
  chip: "cxd5602",
  core: "cortex-m4",
  clockHz: 156_000_000,
  flashBytes: 1536 * 1024,
  chipFlashBytes: 8 * 1024 * 1024,
  ramBytes: 1536 * 1024,
  memory: { flashStart: 0, ramStart: 0x20000000, ramEnd: 0x2017ffff, dataOffset: 0 },
  fpu: true,
  hardwareMultiply: true,
  toolchain: "arm-gcc",
  optimise: "-O2",
  simulator: "qemu",
  machine: "mps2-an386",
  cycles: "modelled",
  supplyVolts: null,
  currents: [],
  note: "Sizes from memory, not verified. Simulated on QEMU's mps2-an386, linked for that machine's addresses; flash and RAM are checked against the chip's own sizes. The chip loads its program from 8 MB of flash into the same 1.5 MB that hold the data: either alone is checked against 1.5 MB, their sum is not. Cycles are modelled from ARM's table without wait states: 30 to 40 % off either way unless fitted on the board itself.",
};
