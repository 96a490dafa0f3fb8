/** Facts of the Synopsys DesignWare ARC EM SDP; source: `reference/boards.md`, section 9: sizes unknown. */

import type { Board } from "../board.js";

export const board: Board = {
  name: "arc-em-sdp",
  aliases: [],
  title: "Synopsys DesignWare ARC EM SDP",
  chip: "arc-em-sdp",
  core: "arc-em",
  clockHz: null,
  flashBytes: null,
  chipFlashBytes: null,
  ramBytes: null,
  memory: null,
  fpu: false,
  hardwareMultiply: true,
  toolchain: "none",
  optimise: "-Os",
  simulator: "none",
  cycles: "none",
  supplyVolts: null,
  currents: [],
  note: "A configurable core: clock and memories depend on the image loaded and are not known here. No ARC compiler or simulator is packaged: nothing is built or run here. Needed: the ARC GNU toolchain and nSIM.",
};
