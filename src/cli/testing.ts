/** For the tests of this room only: the CLI in this process with its output caught, and as a program of its own. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { main } from "./dispatch.js";
import type { Io } from "./io.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
export const fixture = (path: string): string => join(root, path);
export const colour = { forest: fixture("examples/colour/colour_forest.pkl"), train: fixture("examples/colour/train.csv"), test: fixture("examples/colour/test.csv") };

export interface Caught { readonly code: number; readonly out: string; readonly err: string }

/** The CLI without a new process. */
export async function call(argv: readonly string[], over: Partial<Io> = {}): Promise<Caught> {
  let [out, err] = ["", ""];
  const io: Io = { out: (t) => { out += t; }, err: (t) => { err += t; }, outIsTerminal: false, errIsTerminal: false, columns: 100, env: {}, ...over };
  const code = await main(argv, io);
  return { code, out, err };
}

/** The CLI as a user starts it. */
export function spawned(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Caught {
  const r = spawnSync(process.execPath, ["--import", "tsx", join(root, "src/cli/main.ts"), ...argv], { encoding: "utf8", cwd: root, env: { ...process.env, ...env }, timeout: 120_000 });
  return { code: r.status ?? -1, out: r.stdout, err: r.stderr };
}

export function without(command: string): string | false {
  return spawnSync(command, ["--version"]).error === undefined ? false : `${command} is not installed`;
}

/** A folder that is removed when the process ends. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "coincell-cli-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
