/** For boards whose core no packaged compiler serves: every build is refused with what it would take. */

import { fail } from "../../../ir/diagnostics.js";
import type { Core } from "../../board.js";
import type { Toolchain } from "../toolchain.js";

const NEEDED: Partial<Record<Core, string>> = {
  "xtensa-lx6": "Espressif's xtensa-esp-elf-gcc (not in Debian) and its QEMU fork would be needed",
  "arc-em": "the ARC GNU toolchain (arc-elf32-gcc) and the nSIM simulator, neither of them in Debian, would be needed",
};

export const toolchain: Toolchain = {
  name: "none",
  packages: [],
  version: () => Promise.resolve(null),
  build: async ({ board }) => {
    const needed = NEEDED[board.core] ?? "a compiler for it would be needed";
    return fail("board/no-compiler", board.name, `no compiler for ${board.core} can be installed here: ${needed}`, "Take the C files to the maker's own tools, or choose a board that coincell boards lists with a simulator");
  },
};
