/** Runs an AVR program row by row in avr8js, cycle-exact, and measures cycles and stack between the harness's labels. */

import { fail } from "../../../ir/diagnostics.js";
import { runStepped } from "../stepped.js";
import type { Simulator } from "../simulator.js";
import { Chip, loadImage } from "./chip.js";

export const simulator: Simulator = {
  name: "avr8js",
  programs: [],
  run: async (program, rows, options) => {
    const { board, elf } = program;
    const memory = board.memory ?? fail("board/no-memory-map", board.name, "the board has no memory map", "Add `memory` to its facts");
    return runStepped(new Chip(board, memory, elf, loadImage(board, memory, elf)), program, rows, options);
  },
};
