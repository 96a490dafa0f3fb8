/** C to a program of a 32-bit microcontroller with a GNU cross compiler: what the ARM and RISC-V toolchains share. */

import { readFile } from "node:fs/promises";
import { fail } from "../../ir/diagnostics.js";
import { compilerFlags } from "../board.js";
import { readElf, type Elf } from "../elf.js";
import { compileAll, compilerVersion, firstLines, runCompiler, withSources } from "./run-compiler.js";
import type { BuildRequest, Toolchain } from "./toolchain.js";

export interface BareGcc {
  readonly name: string;
  readonly command: string;
  /** Debian packages that bring it. */
  readonly packages: readonly string[];
  /** The Debian package with its libm, for float programs only. */
  readonly libm: string;
  /** Start-up file in `startup/`, without its suffixes `.S` and `.ld`. */
  readonly startup: string;
}

const startupFile = (name: string): URL => new URL(`../startup/${name}`, import.meta.url);
const harnessFile = (name: string): URL => new URL(`../harness/${name}`, import.meta.url);

/** The emulator has no way to write into the running program's memory: there the harness fetches its rows itself. */
const harnessOf = (request: BuildRequest): URL => harnessFile(request.board.simulator === "qemu" ? "semihosting.c" : "device.c");

/** The C library that is installed: none is needed but for libm, and only by programs that call it. */
interface Libc {
  readonly flags: readonly string[];
  readonly libraries: readonly string[];
  /** Our own headers in its place. */
  readonly headers: readonly (readonly [path: string, file: URL])[];
}

const LIBRARIES = ["-lm", "-lc"];

/** newlib lies on the compiler's own path, picolibc has to be asked for. */
async function findLibc(command: string): Promise<Libc> {
  const lies = async (name: string): Promise<boolean> => (await runCompiler(command, [`-print-file-name=${name}`])).text.trim().includes("/");
  if (await lies("libc.a")) return { flags: [], libraries: LIBRARIES, headers: [] };
  if (await lies("picolibc.specs")) return { flags: ["--specs=picolibc.specs"], libraries: LIBRARIES, headers: [] };
  const headers = ["string.h", "math.h"].map((name) => [`cell-libc/${name}`, startupFile(`libc/${name}`)] as const);
  return { flags: ["-isystem", "cell-libc"], libraries: [], headers };
}

function compileFlags(request: BuildRequest, libc: Libc): string[] {
  return [
    ...compilerFlags(request.board),
    ...libc.flags,
    "-std=c99",
    request.optimise ?? request.board.optimise,
    // no hosted library, but memcpy of four bytes is still one load
    "-ffreestanding",
    "-fbuiltin",
    "-ffunction-sections",
    "-fdata-sections",
    // gcc would turn our own copy loops into calls of memcpy and memset
    "-fno-tree-loop-distribute-patterns",
    // a fused multiply-add rounds once where the reference rounds twice
    "-ffp-contract=off",
    // sqrtf is one instruction where the core has it
    "-fno-math-errno",
    `-DCELL_IN_BYTES=${request.inBytes}`,
    `-DCELL_OUT_BYTES=${request.outBytes}`,
    ...(request.ownBuffers === true ? ["-DCELL_OWN_BUFFERS"] : []),
    "-I.",
    ...(request.flags ?? []),
  ];
}

function linkFlags(request: BuildRequest, libc: Libc, objects: readonly string[]): string[] {
  const { memory, name } = request.board;
  if (memory === null) return fail("board/no-memory-map", name, "the board has no memory map", "Add `memory` to its facts");
  const symbols = { CELL_FLASH: memory.flashStart ?? 0, CELL_RAM: memory.ramStart, CELL_RAM_END: memory.ramEnd + 1 };
  return [
    ...compilerFlags(request.board),
    ...libc.flags,
    ...(request.flags ?? []),
    "-nostdlib",
    "-Wl,--gc-sections",
    // a program too large for its flash may run into RAM's addresses: it is measured, and never run
    "-Wl,--no-check-sections",
    "-Wl,--no-warn-rwx-segments",
    ...Object.entries(symbols).map(([symbol, value]) => `-Wl,--defsym=${symbol}=0x${value.toString(16)}`),
    // not through -Wl: picolibc's specs look for the option before they add a layout of their own
    "-T",
    "cell-layout.ld",
    ...objects,
    "-Wl,--start-group",
    ...libc.libraries,
    "-lgcc",
    "-Wl,--end-group",
    "-o",
    "program.elf",
  ];
}

async function compileAndLink(gcc: BareGcc, request: BuildRequest, libc: Libc): Promise<Elf> {
  const ours = [
    ["cell-start.S", startupFile(`${gcc.startup}.S`)],
    ["cell-layout.ld", startupFile(`${gcc.startup}.ld`)],
    ["cell-memory.c", startupFile("memory.c")],
    ["cell-harness.c", harnessOf(request)],
    ...libc.headers,
  ] as const;
  const texts = await Promise.all(ours.map(async ([path, url]) => [path, await readFile(url, "utf8")] as const));
  return withSources(new Map([...request.files, ...texts]), async (folder) => {
    const flags = compileFlags(request, libc);
    const sources = [...request.files.keys()].filter((path) => path.endsWith(".c"));
    // The harness is the same program at every level of the model; at -O0 it would use the stack that it measures.
    const fixed = [...flags, "-O2"];
    const jobs = [
      ...sources.map((source, i) => ({ source, object: `cell-${i}.o`, flags })),
      ...["cell-memory.c", "cell-harness.c", "cell-start.S"].map((source) => ({ source, object: `${source}.o`, flags: fixed })),
    ];
    await compileAll(gcc.command, jobs, folder);
    const link = await runCompiler(gcc.command, linkFlags(request, libc, jobs.map((job) => job.object)), folder);
    if (!link.ok) {
      const cure = libc.libraries.length === 0 ? `If a function of libm is missing: apt-get install ${gcc.libm}` : "Define what is missing, and `void cell_entry(const void *in, void *out)`";
      fail("board/link-failed", request.board.name, `${gcc.command} cannot link:\n${firstLines(link.text)}`, cure);
    }
    return readElf(new Uint8Array(await readFile(`${folder}/program.elf`)));
  });
}

export function bareGcc(gcc: BareGcc): Toolchain {
  let known: Promise<string | null> | undefined;
  let libc: Promise<Libc> | undefined;
  const version = (): Promise<string | null> => (known ??= compilerVersion(gcc.command));
  return {
    name: gcc.name,
    packages: gcc.packages,
    version,
    async build(request) {
      if ((await version()) === null) {
        fail("board/no-compiler", gcc.command, `the compiler for ${request.board.core} is not installed (Debian: ${gcc.packages.join(" ")})`, `Install the Debian package ${gcc.packages.join(" ")}: apt-get install ${gcc.packages.join(" ")}`);
      }
      if (request.sanitize === true) fail("board/no-sanitizer", request.board.name, `sanitizers do not exist for ${request.board.core}`, "Use the board host for them");
      return compileAndLink(gcc, request, await (libc ??= findLibc(gcc.command)));
    },
  };
}
