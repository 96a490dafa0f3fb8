/** C to a program of this computer with the gcc or clang on PATH, with sanitizers on request. */

import { readFile } from "node:fs/promises";
import { fail } from "../../../ir/diagnostics.js";
import { compilerFlags } from "../../board.js";
import { type Elf, readElf } from "../../elf.js";
import { compileAll, compilerVersion, firstLines, runCompiler, withSources } from "../run-compiler.js";
import type { BuildRequest, Toolchain } from "../toolchain.js";

const HARNESS = new URL("../../harness/host.c", import.meta.url);
const SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer", "-g"];

interface Compiler {
  readonly command: string;
  readonly version: string;
}

async function search(): Promise<Compiler | null> {
  for (const command of ["gcc", "clang"]) {
    const version = await compilerVersion(command);
    if (version !== null) return { command, version };
  }
  return null;
}

let known: Promise<Compiler | null> | undefined;
const findCompiler = (): Promise<Compiler | null> => (known ??= search());

function compileFlags(request: BuildRequest): string[] {
  return [
    ...compilerFlags(request.board),
    "-std=c99",
    request.optimise ?? request.board.optimise,
    "-ffunction-sections",
    "-fdata-sections",
    // a fused multiply-add rounds once where the reference rounds twice
    "-ffp-contract=off",
    `-DCELL_IN_BYTES=${request.inBytes}`,
    `-DCELL_OUT_BYTES=${request.outBytes}`,
    ...(request.ownBuffers === true ? ["-DCELL_OWN_BUFFERS"] : []),
    "-I.",
    ...(request.flags ?? []),
    ...(request.sanitize === true ? SANITIZERS : []),
  ];
}

async function build(request: BuildRequest): Promise<Elf> {
  const compiler = await findCompiler();
  if (compiler === null) {
    return fail("board/no-compiler", "gcc, clang", "no C compiler for this computer is on PATH", "Install one of the Debian packages gcc or clang: apt-get install gcc libc6-dev");
  }
  const files = new Map([...request.files, ["cell-harness.c", await readFile(HARNESS, "utf8")]]);
  return withSources(files, async (folder) => {
    const flags = compileFlags(request);
    const sources = [...files.keys()].filter((path) => path.endsWith(".c"));
    const jobs = sources.map((source, i) => ({ source, object: `cell-${i}.o`, flags }));
    await compileAll(compiler.command, jobs, folder);
    const objects = jobs.map((job) => job.object);
    const link = await runCompiler(compiler.command, [...flags, "-Wl,--gc-sections", ...objects, "-lm", "-o", "program.elf"], folder);
    if (!link.ok) {
      const cure = /libclang_rt|libasan|libubsan/.test(link.text)
        ? "Install the sanitizers' libraries: the Debian package gcc, or libclang-rt-dev for clang"
        : "Define what is missing, and `void cell_entry(const void *in, void *out)`";
      fail("board/link-failed", request.board.name, `${compiler.command} cannot link:\n${firstLines(link.text)}`, cure);
    }
    return readElf(new Uint8Array(await readFile(`${folder}/program.elf`)));
  });
}

export const toolchain: Toolchain = {
  name: "host-gcc",
  packages: ["gcc", "libc6-dev"],
  version: async () => (await findCompiler())?.version ?? null,
  build,
};
