/** Runs an RP2040 program row by row in rp2040js, with the cycles of its Cortex-M0+ model: no wait states of the serial flash. */

import { fail } from "../../../ir/diagnostics.js";
import { runStepped } from "../stepped.js";
import type { Simulator } from "../simulator.js";
import { Chip } from "./chip.js";

export const simulator: Simulator = {
  name: "rp2040js",
  programs: [],
  run: async (program, rows, options) => {
    const { board, elf } = program;
    const memory = board.memory ?? fail("board/no-memory-map", board.name, "the board has no memory map", "Add `memory` to its facts");
    return runStepped(new Chip(board, memory, elf), program, rows, options);
  },
};
