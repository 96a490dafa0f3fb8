/** Facts of the Himax WE-I Plus (HX6537-A); source: `reference/boards.md`, section 9 (M: from memory, not verified). */

import type { Board } from "../board.js";

export const board: Board = {
  name: "himax-we-i-plus",
  aliases: ["we-i-plus", "hx6537"],
  title: "Himax WE-I Plus (HX6537-A)",
  chip: "hx6537-a",
  core: "arc-em",
  clockHz: 400_000_000,
  flashBytes: 2 * 1024 * 1024,
  chipFlashBytes: 2 * 1024 * 1024,
  ramBytes: 2 * 1024 * 1024,
  memory: null,
  fpu: false,
  hardwareMultiply: true,
  toolchain: "none",
  optimise: "-Os",
  simulator: "none",
  cycles: "none",
  supplyVolts: null,
  currents: [],
  note: "Sizes from memory, not verified. No ARC compiler or simulator is packaged: nothing is built or run here. Needed: the ARC GNU toolchain and nSIM.",
};
