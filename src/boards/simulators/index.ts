/** The simulators a board can name. */

import { fail } from "../../ir/diagnostics.js";
import { simulator as avr8js } from "./avr8js/index.js";
import { simulator as native } from "./native/index.js";
import type { Simulator } from "./simulator.js";

export const simulators: readonly Simulator[] = [avr8js, native];

export function findSimulator(name: string): Simulator {
  const names = simulators.map((simulator) => simulator.name).join(", ");
  const found = simulators.find((simulator) => simulator.name === name);
  return found ?? fail("board/unknown-simulator", name, "no such simulator", `Supported: ${names}`);
}
