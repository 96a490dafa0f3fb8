/** The public face of the boards: which there are, and how a program is built for one and run on it. */

import { fail } from "../ir/diagnostics.js";
import { boards } from "./all.generated.js";
import type { Board } from "./board.js";

export { boards } from "./all.generated.js";
export { features } from "./cores.js";
export { limitedBoard, noLimits, type Limits } from "./limits.js";
export type { Board, Core, CurrentFigure, CycleTrust, MemoryMap } from "./board.js";
export { type Elf, type ElfSection, type ElfSegment, type ElfSymbol, measureElf, readElf } from "./elf.js";
export { buildProgram, type MemoryUse, type Program, type ProgramSizes, runProgram } from "./program.js";
export { simulators } from "./simulators/index.js";
export type { ForeignProgram, FunctionCost, RunOptions, RunResult, Simulator } from "./simulators/simulator.js";
export { toolchains } from "./toolchains/index.js";
export { compilerVersion as programVersion } from "./toolchains/run-compiler.js";
export type { BuildRequest, Toolchain } from "./toolchains/toolchain.js";

/** Finds a board by its name or an alias, in any case. @throws CoincellError board/unknown-board naming all boards. */
export function findBoard(name: string): Board {
  const wanted = name.toLowerCase();
  const found = boards.find((board) => board.name === wanted || board.aliases.includes(wanted));
  const names = boards.map((board) => [board.name, ...board.aliases].join(" = ")).join("; ");
  return found ?? fail("board/unknown-board", name, "there is no such board", `Supported: ${names}`);
}
