/** Facts of the Seeed Wio Terminal (SAMD51P19A); source: `reference/boards.md`, section 9 (P: PlatformIO board documents). */

import type { Board } from "../board.js";

export const board: Board = {
  name: "wio-terminal",
  aliases: ["samd51p19"],
  title: "Seeed Wio Terminal (SAMD51P19A)",
  chip: "atsamd51p19a",
  core: "cortex-m4",
  clockHz: 120_000_000,
  flashBytes: 496 * 1024,
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
  note: "Sizes from the PlatformIO board documents. Simulated on QEMU's mps2-an386, linked for that machine's addresses; flash and RAM are checked against the chip's own sizes. Cycles are modelled from ARM's table without wait states: 30 to 40 % off either way unless fitted on the board itself.",
};
