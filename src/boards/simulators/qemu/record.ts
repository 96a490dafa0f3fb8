/** What the counting plugin and the harness's fault handler wrote down about a run, and what it means when the run ended badly. */

import { type Diagnostic } from "../../../ir/diagnostics.js";
import type { Board } from "../../board.js";
import type { FunctionMap } from "../profile.js";

/** How often one instruction address ran, and how often it branched away, over all rows. */
export interface Count {
  readonly address: number;
  readonly count: number;
  readonly taken: number;
}

export interface Trap {
  readonly kind: string;
  readonly pc: number;
  readonly address: number;
  readonly bytes: number;
}

export interface Record {
  readonly instructions: readonly number[];
  /** By the table that the plugin was given; 0 without one. */
  readonly cycles: readonly number[];
  /** Lowest address used above static data. */
  readonly lowest: readonly number[];
  readonly counts: readonly Count[];
  readonly trap: Trap | null;
  /** The last block of instructions before a fault ended here: for a wild jump, the jump itself. */
  readonly from: number | null;
  /** The program came to its end. */
  readonly whole: boolean;
}

export function readRecord(text: string): Record {
  const instructions: number[] = [];
  const cycles: number[] = [];
  const lowest: number[] = [];
  const counts: Count[] = [];
  let trap: Trap | null = null;
  let from: number | null = null;
  let whole = false;
  for (const line of text.split("\n")) {
    const [kind, a = "", b = "", c = "", d = ""] = line.split(" ");
    if (kind === "row") {
      instructions.push(Number(a));
      cycles.push(Number(b));
      lowest.push(Number(c));
    } else if (kind === "pc") counts.push({ address: Number(a), count: Number(b), taken: Number(c) });
    else if (kind === "trap") trap = { kind: a, pc: Number(b), address: Number(c), bytes: Number(d) };
    else if (kind === "from") from = Number(a);
    else if (kind === "end") whole = true;
  }
  return { instructions, cycles, lowest, counts, trap, from, whole };
}

const hex = (n: number): string => `0x${n.toString(16)}`;
const OURS = "This is a fault in the generated C or its kernels: please report it";
const SLOW = "Raise the cycle limit if the model is meant to be this slow";

interface Verdict {
  readonly code: string;
  readonly what: string;
  readonly cure: string;
}

function judgeTrap(board: Board, trap: Trap, limit: number): Verdict {
  const { memory } = board;
  const map = memory === null ? "" : `RAM is ${hex(memory.ramStart)} to ${hex(memory.ramEnd)}, and flash can only be read`;
  switch (trap.kind) {
    case "limit":
      return { code: "board/stuck", what: `did not come back within ${limit} instructions`, cure: SLOW };
    case "jump":
      return { code: "board/pc-out-of-range", what: `jumps to ${hex(trap.address)}, outside the program`, cure: OURS };
    case "misaligned":
      return { code: "board/misaligned", what: `accesses ${trap.bytes} bytes at ${hex(trap.address)}, which is no multiple of ${trap.bytes}`, cure: OURS };
    default:
      return { code: "board/ram-out-of-range", what: `${trap.kind}s ${trap.bytes} bytes at ${hex(trap.address)}: ${map}`, cure: OURS };
  }
}

/** Cortex-M: bits of the Configurable Fault Status Register (ARMv7-M B3.2.15); ARMv6-M has none. */
function judgeArm(exception: number, status: number, address: number, pc: number): Verdict {
  const has = (mask: number): boolean => (status & mask) !== 0;
  if (has(0x0001_0000)) return { code: "board/illegal-opcode", what: "an instruction that the core does not have", cure: "Build for the core with its own compiler flags" };
  if (has(0x0002_0101)) return { code: "board/pc-out-of-range", what: `jumps to ${hex(pc)}, where no program is`, cure: OURS };
  if (has(0x0000_8280)) return { code: "board/ram-out-of-range", what: `accesses ${hex(address)}, where nothing is`, cure: OURS };
  if (has(0x0000_0402)) return { code: "board/ram-out-of-range", what: "accesses an address where nothing is", cure: OURS };
  if (has(0x0100_0000)) return { code: "board/misaligned", what: "accesses an address that is not aligned", cure: OURS };
  return { code: "board/hard-fault", what: `exception ${exception} (3 is HardFault) with fault status ${hex(status)}`, cure: OURS };
}

/** RISC-V: mcause (Privileged Architecture, table 3.6). */
function judgeRiscv(cause: number, address: number): Verdict {
  if (cause === 0 || cause === 1) return { code: "board/pc-out-of-range", what: `jumps to ${hex(address)}, where no program is`, cure: OURS };
  if (cause === 2) return { code: "board/illegal-opcode", what: `${hex(address)} is not an instruction of the core`, cure: "Build for the core with its own compiler flags" };
  if (cause === 4 || cause === 6) return { code: "board/misaligned", what: `accesses ${hex(address)}, which is not aligned`, cure: OURS };
  if (cause === 5 || cause === 7) return { code: "board/ram-out-of-range", what: `accesses ${hex(address)}, where nothing is`, cure: OURS };
  return { code: "board/hard-fault", what: `trap with mcause ${cause}`, cure: OURS };
}

export interface BadEnd {
  readonly board: Board;
  readonly functions: FunctionMap;
  readonly row: number;
  readonly limit: number;
}

function diagnose(end: BadEnd, pc: number, verdict: Verdict): Diagnostic {
  return { ...verdict, where: `${end.board.name}, row ${end.row}, address ${hex(pc)} in ${end.functions.of(pc)}` };
}

export const trapError = (end: BadEnd, trap: Trap): Diagnostic => diagnose(end, trap.pc, judgeTrap(end.board, trap, end.limit));

/** From the four words of `cell_fault_report`: pc, cause, status, address. */
export function faultError(end: BadEnd, bytes: Uint8Array, from: number | null): Diagnostic {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [pc = 0, cause = 0, status = 0, address = 0] = [0, 4, 8, 12].map((at) => view.getUint32(at, true));
  const verdict = end.board.toolchain === "riscv-gcc" ? judgeRiscv(cause, address) : judgeArm(cause, status, address, pc);
  return diagnose(end, verdict.code === "board/pc-out-of-range" ? (from ?? pc) : pc, verdict);
}
