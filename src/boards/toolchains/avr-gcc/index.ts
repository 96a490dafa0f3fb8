/** C to an AVR program with Debian's avr-gcc; flags and their reasons: `reference/boards.md`, sections 1 and 2. */

import { readFile } from "node:fs/promises";
import { CoincellError, fail } from "../../../ir/diagnostics.js";
import { compilerFlags, type MemoryMap } from "../../board.js";
import { type Elf, readElf, symbolAddress } from "../../elf.js";
import {
  compileAll,
  compilerVersion,
  type CompilerResult,
  firstLines,
  runCompiler,
  withSources,
} from "../run-compiler.js";
import type { BuildRequest, Toolchain } from "../toolchain.js";

const COMPILER = "avr-gcc";
/** What LPM can address. */
const NEAR_FLASH = 0x10000;
const OURS = new Map([
  ["cell-start.S", new URL("../../startup/avr.S", import.meta.url)],
  ["cell-layout.ld", new URL("../../startup/avr.ld", import.meta.url)],
  ["cell-harness.c", new URL("../../harness/device.c", import.meta.url)],
]);

function memoryOf(request: BuildRequest): MemoryMap {
  return request.board.memory ?? fail("board/no-memory-map", request.board.name, "the board has no memory map", "Add `memory` to its facts");
}

function compileFlags(request: BuildRequest, extra: readonly string[]): string[] {
  return [
    ...compilerFlags(request.board),
    "-std=c99",
    request.optimise ?? request.board.optimise,
    "-ffunction-sections",
    "-fdata-sections",
    // gcc would turn our own copy loops into calls of memcpy and memset
    "-fno-tree-loop-distribute-patterns",
    `-DCELL_IN_BYTES=${request.inBytes}`,
    `-DCELL_OUT_BYTES=${request.outBytes}`,
    ...(request.ownBuffers === true ? ["-DCELL_OWN_BUFFERS"] : []),
    `-DCELL_RAM_END=${memoryOf(request).ramEnd}`,
    "-I.",
    ...(request.flags ?? []),
    ...extra,
  ];
}

function linkFlags(request: BuildRequest, objects: readonly string[]): string[] {
  const { ramStart, dataOffset } = memoryOf(request);
  return [
    ...compilerFlags(request.board),
    ...(request.flags ?? []),
    "-nostartfiles",
    "-Wl,--gc-sections",
    `-Wl,--defsym=CELL_RAM=${dataOffset + ramStart}`,
    "-Wl,-T,cell-layout.ld",
    ...objects,
    "-lm",
    "-o",
    "program.elf",
  ];
}

/** What a model's own arrays may come to is said as a limit of the chip, not as C at fault. */
function tooLarge(request: BuildRequest, e: unknown): never {
  const array = e instanceof CoincellError ? /size of array '(\w+)' is too large/.exec(e.diagnostic.what)?.[1] : undefined;
  if (array === undefined) throw e;
  return fail("board/array-too-large", request.board.name, `${array} is larger than 32,767 bytes, the most that 16-bit addresses allow`, "Use a smaller model, or a 32-bit board");
}

async function compileAndLink(request: BuildRequest, folder: string, extra: readonly string[]): Promise<CompilerResult> {
  const sources = [...request.files.keys()].filter((path) => path.endsWith(".c"));
  const flags = compileFlags(request, extra);
  const jobs = [...sources, "cell-harness.c", "cell-start.S"].map((source, i) => ({ source, object: `cell-${i}.o`, flags }));
  await compileAll(COMPILER, jobs, folder).catch((e: unknown) => tooLarge(request, e));
  const link = linkFlags(request, jobs.map((job) => job.object));
  return runCompiler(COMPILER, link, folder);
}

async function load(folder: string): Promise<Elf> {
  return readElf(new Uint8Array(await readFile(`${folder}/program.elf`)));
}

/** Tables behind the first 64 KB would be read from elsewhere, in silence. A chip without that much flash refuses by its size. */
function checkTables(request: BuildRequest, elf: Elf): Elf {
  const end = symbolAddress(elf, "cell_tables_end");
  if ((request.board.flashBytes ?? 0) > NEAR_FLASH && end > NEAR_FLASH) {
    fail("board/tables-too-far", request.board.name, `its constants end ${end - NEAR_FLASH} bytes behind the first 64 KB of flash, which is all that LPM reaches`, "Use a smaller model, or a 32-bit board");
  }
  return elf;
}

async function build(request: BuildRequest): Promise<Elf> {
  if ((await toolchain.version()) === null) {
    fail("board/no-compiler", COMPILER, "the AVR compiler is not installed", "Install the Debian packages gcc-avr and avr-libc: apt-get install gcc-avr avr-libc");
  }
  if (request.sanitize === true) {
    fail("board/no-sanitizer", request.board.name, "sanitizers do not exist for AVR", "Use the board host for them");
  }
  const ours = await Promise.all([...OURS].map(async ([path, url]) => [path, await readFile(url, "utf8")] as const));
  return withSources(new Map([...request.files, ...ours]), async (folder) => {
    let result = await compileAndLink(request, folder, []);
    // gcc 5.4 misjudges branch lengths in one large function; without block reordering it does not.
    if (!result.ok && result.text.includes("R_AVR_7_PCREL")) {
      result = await compileAndLink(request, folder, ["-fno-reorder-blocks"]);
    }
    if (!result.ok) {
      fail("board/link-failed", request.board.name, `${COMPILER} cannot link:\n${firstLines(result.text)}`, "Define what is missing, and `void cell_entry(const void *in, void *out)`");
    }
    return checkTables(request, await load(folder));
  });
}

let known: Promise<string | null> | undefined;

export const toolchain: Toolchain = {
  name: COMPILER,
  packages: ["gcc-avr", "avr-libc"],
  version: () => (known ??= compilerVersion(COMPILER)),
  build,
};
