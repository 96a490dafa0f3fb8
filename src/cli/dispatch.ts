/** From the command line to one verb: finds it, parses its options, runs it, and turns every error into an exit status. */
import { readFileSync } from "node:fs";
import { fail } from "../ir/diagnostics.js";
import { didYouMean } from "./close.js";
import { showError } from "./errors.js";
import { exit, type ExitCode } from "./exit.js";
import { mainHelp, verbHelp } from "./help.js";
import { quietIo, type Io } from "./io.js";
import { parse } from "./options.js";
import { verbs } from "./verbs.js";

function version(): string {
  const { version: text } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version?: unknown };
  return typeof text === "string" ? text : "0";
}

async function dispatch(argv: readonly string[], io: Io): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "--help" || name === "-h" || (name === "help" && rest.length === 0)) {
    io.out(mainHelp(version()));
    return name === undefined ? exit.usage : exit.ok;
  }
  if (name === "--version" || name === "-V") {
    io.out(`${version()}\n`);
    return exit.ok;
  }
  if (name === "help") return dispatch([...rest.slice(0, 1), "--help"], io);
  const entry = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (!entry) return fail("cli/unknown-verb", "coincell", `there is no ${name.startsWith("-") ? "option" : "verb"} "${name}"`, `${didYouMean(name, Object.keys(verbs))}Verbs: ${Object.keys(verbs).join(", ")}.`);
  const { verb } = await entry.load();
  const args = parse(verb.name, rest, verb.options, verb.positional);
  if (args.options.help) {
    io.out(verbHelp(verb));
    return exit.ok;
  }
  return verb.run(args, args.options.quiet ? quietIo(io) : io);
}

/** The whole CLI as a function; never throws. */
export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  try {
    return await dispatch(argv, io);
  } catch (e) {
    return showError(e, io, argv.includes("--json"));
  }
}
