/** The computer we run on, as a board: the fast place to compare C with the reference, and the one with sanitizers. */

import type { Board } from "../board.js";

export const board: Board = {
  name: "host",
  aliases: ["native"],
  title: "This computer",
  chip: "host",
  core: "host",
  clockHz: null,
  flashBytes: null,
  chipFlashBytes: null,
  ramBytes: null,
  memory: null,
  fpu: true,
  hardwareMultiply: true,
  toolchain: "host-gcc",
  optimise: "-O2",
  simulator: "native",
  cycles: "none",
  supplyVolts: null,
  currents: [],
  note: "Reports nanoseconds of this computer, which say nothing about a microcontroller.",
};
