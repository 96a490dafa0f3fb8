/** `coincell doctor`: which compilers and simulators work here, proven by a small build, and the command that gets the rest. */
import { exit } from "../exit.js";
import { printJson, type Io } from "../io.js";
import { defineVerb } from "../verb.js";
import { CoincellError } from "../../ir/diagnostics.js";
import { boards, buildProgram, toolchains, type Board } from "../../boards/index.js";

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

const debian: Readonly<Record<string, string>> = { "avr-gcc": "sudo apt-get install gcc-avr avr-libc", "host-gcc": "sudo apt-get install gcc libc6-dev" };
const mac: Readonly<Record<string, string>> = { "avr-gcc": "brew tap osx-cross/avr && brew install avr-gcc", "host-gcc": "xcode-select --install" };

const installCommand = (toolchain: string): string => (process.platform === "darwin" ? mac : debian)[toolchain] ?? `install ${toolchain} and put it on PATH`;

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

async function examine(name: string, version: string | null): Promise<Found> {
  const users = boards.filter((b) => b.toolchain === name);
  const problem = users[0] ? await problemOf(users[0]) : null;
  return { toolchain: name, boards: users.map((b) => b.name), version, works: problem === null, problem, install: problem === null ? null : installCommand(name) };
}

function show(io: Io, found: readonly Found[], simulators: readonly string[]): void {
  io.out(`ok       Node.js ${process.versions.node}\n`);
  for (const f of found) {
    io.out(`${f.works ? "ok      " : "missing "} ${f.toolchain} for ${f.boards.join(", ")}${f.version === null ? "" : `: ${f.version}`}\n`);
    if (f.problem !== null) io.out(`         ${f.problem.split("\n").join("\n         ")}\n`);
    if (f.install !== null) io.out(`         install: ${f.install}\n`);
  }
  io.out(`ok       simulators ${simulators.join(", ")}: part of coincell\n`);
}

export const verb = defineVerb({
  name: "doctor",
  about: "Looks for every compiler a board needs, tries a small build with it, and names the command that installs what is\nmissing. Leaves with 1 when something is missing.",
  positional: null,
  options: {},
  examples: ["coincell doctor", "coincell doctor --json"],
  async run({ options: o }, io) {
    const found = await Promise.all(toolchains.map(async (t) => examine(t.name, await t.version())));
    const simulators = [...new Set(boards.map((b) => b.simulator))];
    if (o.json) printJson(io, { node: process.versions.node, toolchains: found, simulators: simulators.map((name) => ({ name, works: true })) });
    else show(io, found, simulators);
    return found.every((f) => f.works) ? exit.ok : exit.failure;
  },
});
