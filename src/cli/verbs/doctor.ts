/** `coincell doctor`: which compilers and simulators work here, proven by a small build, and the command that gets the rest. */
import { exit } from "../exit.js";
import { printJson, type Io } from "../io.js";
import { defineVerb } from "../verb.js";
import { CoincellError } from "../../ir/diagnostics.js";
import { boards, buildProgram, programVersion, simulators, toolchains, type Board } from "../../boards/index.js";

interface Found {
  readonly toolchain: string;
  readonly boards: readonly string[];
  /** Version line of the compiler; null when it is absent. */
  readonly version: string | null;
  /** A small program could be built. */
  readonly works: boolean;
  readonly problem: string | null;
  readonly install: string | null;
}

/** A program that a simulator runs. */
interface Emulator {
  readonly simulator: string;
  readonly command: string;
  readonly version: string | null;
  readonly install: string | null;
}

const mac: Readonly<Record<string, string>> = {
  "avr-gcc": "brew tap osx-cross/avr && brew install avr-gcc", "host-gcc": "xcode-select --install",
  "arm-gcc": "brew install arm-none-eabi-gcc", "riscv-gcc": "brew install riscv64-elf-gcc", qemu: "brew install qemu",
};

const installCommand = (name: string, packages: readonly string[]): string => (process.platform === "darwin" ? mac[name] : undefined) ?? `sudo apt-get install ${packages.join(" ")}`;

const trial = new Map([["entry.c", "#include <stdint.h>\n#ifdef __AVR__\n#include <avr/pgmspace.h>\n#endif\nvoid cell_entry(const void *in, void *out);\nvoid cell_entry(const void *in, void *out) { *(uint8_t *)out = *(const uint8_t *)in; }\n"]]);

/** What stops a build for the board, or null. */
async function problemOf(board: Board): Promise<string | null> {
  try {
    await buildProgram({ board, files: trial, inBytes: 1, outBytes: 1 });
    return null;
  } catch (e) {
    if (e instanceof CoincellError) return e.diagnostic.what;
    throw e;
  }
}

async function examine(name: string, packages: readonly string[], version: string | null): Promise<Found> {
  const users = boards.filter((b) => b.toolchain === name);
  const problem = users[0] ? await problemOf(users[0]) : null;
  return { toolchain: name, boards: users.map((b) => b.name), version, works: problem === null, problem, install: problem === null ? null : installCommand(name, packages) };
}

/** Programs outside coincell that simulators need; the others are part of coincell. */
async function examineEmulators(): Promise<readonly Emulator[]> {
  const all = simulators.flatMap((s) => s.programs.map((p) => ({ simulator: s.name, ...p })));
  return Promise.all(all.map(async ({ simulator, command, packages }) => {
    const version = await programVersion(command);
    return { simulator, command, version, install: version === null ? installCommand(simulator, packages) : null };
  }));
}

function show(io: Io, found: readonly Found[], emulators: readonly Emulator[]): void {
  io.out(`ok       Node.js ${process.versions.node}\n`);
  for (const f of found) {
    io.out(`${f.works ? "ok      " : "missing "} ${f.toolchain} for ${f.boards.join(", ")}${f.version === null ? "" : `: ${f.version}`}\n`);
    if (f.problem !== null) io.out(`         ${f.problem.split("\n").join("\n         ")}\n`);
    if (f.install !== null) io.out(`         install: ${f.install}\n`);
  }
  for (const e of emulators) {
    io.out(`${e.version === null ? "missing " : "ok      "} ${e.command} for the simulator ${e.simulator}${e.version === null ? "" : `: ${e.version}`}\n`);
    if (e.install !== null) io.out(`         install: ${e.install}\n`);
  }
  io.out(`ok       simulators ${simulators.filter((s) => s.programs.length === 0).map((s) => s.name).join(", ")}: part of coincell\n`);
  const none = boards.filter((b) => b.simulator === "none").map((b) => b.name);
  if (none.length > 0) io.out(`none     ${none.join(", ")}: neither compiler nor simulator can be installed here (coincell boards says what they need)\n`);
}

export const verb = defineVerb({
  name: "doctor",
  about: "Looks for every compiler and emulator a board needs, tries a small build with it, and names the command that installs what is\nmissing. Leaves with 1 when something is missing.",
  positional: null,
  options: {},
  examples: ["coincell doctor", "coincell doctor --json"],
  async run({ options: o }, io) {
    const found = await Promise.all(toolchains.map(async (t) => examine(t.name, t.packages, await t.version())));
    const emulators = await examineEmulators();
    const works = (name: string): boolean => emulators.every((e) => e.simulator !== name || e.version !== null);
    if (o.json) printJson(io, { node: process.versions.node, toolchains: found, simulators: simulators.map(({ name }) => ({ name, works: works(name) })), emulators });
    else show(io, found, emulators);
    return found.every((f) => f.works) && emulators.every((e) => e.version !== null) ? exit.ok : exit.failure;
  },
});
