/** The toolchains a board can name. */

import { fail } from "../../ir/diagnostics.js";
import { toolchain as avrGcc } from "./avr-gcc/index.js";
import { toolchain as hostGcc } from "./host-gcc/index.js";
import type { Toolchain } from "./toolchain.js";

export const toolchains: readonly Toolchain[] = [avrGcc, hostGcc];

export function findToolchain(name: string): Toolchain {
  const names = toolchains.map((toolchain) => toolchain.name).join(", ");
  const found = toolchains.find((toolchain) => toolchain.name === name);
  return found ?? fail("board/unknown-toolchain", name, "no such toolchain", `Supported: ${names}`);
}
