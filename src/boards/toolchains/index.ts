/** The toolchains a board can name. */

import { fail } from "../../ir/diagnostics.js";
import { toolchain as armGcc } from "./arm-gcc/index.js";
import { toolchain as avrGcc } from "./avr-gcc/index.js";
import { toolchain as hostGcc } from "./host-gcc/index.js";
import { toolchain as none } from "./none/index.js";
import { toolchain as riscvGcc } from "./riscv-gcc/index.js";
import type { Toolchain } from "./toolchain.js";

/** Those that can be installed; a board of the toolchain `none` cannot be built at all. */
export const toolchains: readonly Toolchain[] = [avrGcc, hostGcc, armGcc, riscvGcc];

export function findToolchain(name: string): Toolchain {
  const names = toolchains.map((toolchain) => toolchain.name).join(", ");
  const found = [...toolchains, none].find((toolchain) => toolchain.name === name);
  return found ?? fail("board/unknown-toolchain", name, "no such toolchain", `Supported: ${names}`);
}
