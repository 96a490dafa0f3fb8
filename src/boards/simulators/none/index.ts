/** For boards that nothing here can simulate: their programs are built and measured, never run. */

import { fail } from "../../../ir/diagnostics.js";
import type { Simulator } from "../simulator.js";

export const simulator: Simulator = {
  name: "none",
  programs: [],
  run: async ({ board }) => fail("board/no-simulator", board.name, `nothing here simulates ${board.chip}, so that its program was built but not run`, "Verify on a board of the same core that coincell boards lists with a simulator, and run the C on the chip itself"),
};
