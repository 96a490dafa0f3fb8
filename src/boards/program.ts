/** From C files to a measured program: the toolchain's ELF beside the sizes of the same harness without a model. */

import { fail } from "../ir/diagnostics.js";
import type { Board } from "./board.js";
import { type Elf, type ElfSizes, measureElf } from "./elf.js";
import { findSimulator } from "./simulators/index.js";
import type { RunOptions, RunResult } from "./simulators/simulator.js";
import { findToolchain } from "./toolchains/index.js";
import type { BuildRequest } from "./toolchains/toolchain.js";

/** Bytes of one memory. */
export interface MemoryUse {
  readonly total: number;
  /** The same harness with an empty cell_entry. */
  readonly harness: number;
  /** total - harness: the model and all it pulls in from libc and libgcc. */
  readonly model: number;
  /** What the board has; null means no limit. */
  readonly available: number | null;
  readonly fits: boolean;
}

export interface ProgramSizes {
  readonly flash: MemoryUse;
  /** Static only; the stack is measured by a run. */
  readonly ram: MemoryUse;
  /** Both memories suffice, before any stack. */
  readonly fits: boolean;
}

export interface Program {
  readonly board: Board;
  readonly elf: Elf;
  readonly inBytes: number;
  readonly outBytes: number;
  readonly sizes: ProgramSizes;
}

const EMPTY_ENTRY = new Map([
  ["entry.c", "void cell_entry(const void *in, void *out);\nvoid cell_entry(const void *in, void *out) { (void)in; (void)out; }\n"],
]);

/** A model with its own buffers pays for them: the harness it is compared with has none. */
const NO_BUFFERS = new Map([...EMPTY_ENTRY, ["buffers.c", "unsigned char cell_in[0];\nunsigned char cell_out[0];\n"]]);

const baselines = new Map<string, Promise<ElfSizes>>();

/** Sizes of the harness alone; built once per board, row sizes and flags. */
function baselineSizes(request: BuildRequest): Promise<ElfSizes> {
  const { board, inBytes, outBytes, optimise, flags, sanitize, ownBuffers = false } = request;
  const key = JSON.stringify([board.name, inBytes, outBytes, optimise, flags, sanitize, ownBuffers]);
  const known = baselines.get(key);
  if (known !== undefined) return known;
  const sizes = findToolchain(board.toolchain).build({ ...request, files: ownBuffers ? NO_BUFFERS : EMPTY_ENTRY }).then(measureElf);
  baselines.set(key, sizes);
  sizes.catch(() => baselines.delete(key));
  return sizes;
}

function memoryUse(total: number, harness: number, available: number | null): MemoryUse {
  return { total, harness, model: total - harness, available, fits: available === null || total <= available };
}

function checkRequest(request: BuildRequest): void {
  for (const [name, bytes] of [["inBytes", request.inBytes], ["outBytes", request.outBytes]] as const) {
    if (!(Number.isInteger(bytes) && bytes >= 1 && bytes <= 2 ** 30)) {
      fail("board/bad-row-size", name, `is ${bytes}`, "Give the whole number of bytes of one row, at least 1");
    }
  }
  if (![...request.files.keys()].some((path) => path.endsWith(".c"))) {
    fail("board/no-sources", request.board.name, "there is no .c file to build", "Give a file that defines `void cell_entry(const void *in, void *out)`");
  }
}

/**
 * Compiles and links the files with the board's harness. A program too large for the board is no error: see `sizes.fits`.
 * @throws CoincellError board/no-compiler, board/compile-failed, board/link-failed, board/array-too-large, board/bad-row-size, board/no-sources
 */
export async function buildProgram(request: BuildRequest): Promise<Program> {
  checkRequest(request);
  const { board, inBytes, outBytes } = request;
  const elf = await findToolchain(board.toolchain).build(request);
  const [total, harness] = [measureElf(elf), await baselineSizes(request)];
  const flash = memoryUse(total.flash, harness.flash, board.flashBytes);
  const ram = memoryUse(total.ram, harness.ram, board.ramBytes);
  return { board, elf, inBytes, outBytes, sizes: { flash, ram, fits: flash.fits && ram.fits } };
}

/**
 * Runs the program over `rows`, n rows of `program.inBytes` each, one after the other.
 * @throws CoincellError board/does-not-fit, board/bad-rows, and the traps: board/illegal-opcode, board/ram-out-of-range,
 * board/flash-out-of-range, board/stack-overflow, board/pc-out-of-range, board/misaligned, board/hard-fault, board/stuck, board/crashed,
 * board/sanitizer; board/no-simulator where nothing runs the board, or its emulator is not installed
 */
export async function runProgram(program: Program, rows: Uint8Array, options: RunOptions = {}): Promise<RunResult> {
  const { board, sizes, inBytes } = program;
  if (rows.length % inBytes !== 0) {
    fail("board/bad-rows", board.name, `${rows.length} bytes are not whole rows of ${inBytes}`, "Give n times inBytes bytes");
  }
  for (const [memory, use] of [["flash", sizes.flash], ["RAM", sizes.ram]] as const) {
    if (!use.fits) {
      fail("board/does-not-fit", board.name, `the program needs ${use.total} bytes of ${memory}, the board has ${use.available}`, "Use a smaller model or a larger board");
    }
  }
  return findSimulator(board.simulator).run(program, rows, options);
}
