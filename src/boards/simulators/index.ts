/** The simulators a board can name. */

import { fail } from "../../ir/diagnostics.js";
import { simulator as avr8js } from "./avr8js/index.js";
import { simulator as native } from "./native/index.js";
import { simulator as none } from "./none/index.js";
import { simulator as qemu } from "./qemu/index.js";
import { simulator as rp2040js } from "./rp2040js/index.js";
import type { Simulator } from "./simulator.js";

/** All but `none`, which only says that a board cannot be run. */
export const simulators: readonly Simulator[] = [avr8js, native, qemu, rp2040js];

export function findSimulator(name: string): Simulator {
  const names = simulators.map((simulator) => simulator.name).join(", ");
  const found = [...simulators, none].find((simulator) => simulator.name === name);
  return found ?? fail("board/unknown-simulator", name, "no such simulator", `Supported: ${names}`);
}
