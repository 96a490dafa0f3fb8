/** The counting plugin as a file that QEMU can load: compiled once per version of it and of QEMU, and kept. */

import { createHash, randomBytes } from "node:crypto";
import { access, chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fail } from "../../../ir/diagnostics.js";
import { compilerVersion, firstLines, runCompiler } from "../../toolchains/run-compiler.js";

const SOURCE = new URL("plugin.c", import.meta.url);
const FLAGS = ["-std=c11", "-D_DEFAULT_SOURCE", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC", "-fvisibility=hidden"];

/** A folder only this user can write to: a shared one would let others choose the code that QEMU loads. */
async function cacheFolder(): Promise<string> {
  const base = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const folder = join(base, "coincell");
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, 2);
    return folder;
  } catch {
    return mkdtemp(join(tmpdir(), "coincell-plugin-"));
  }
}

async function compile(target: string): Promise<void> {
  // built beside its place and moved there whole: several processes may do so at once
  const part = `${target}.${randomBytes(4).toString("hex")}`;
  const path = `${part}.c`;
  await writeFile(path, await readFile(SOURCE));
  try {
    const result = await runCompiler("gcc", [...FLAGS, "-o", part, path]);
    if (!result.ok) fail("board/no-simulator", "QEMU's counting plugin", `gcc refused it:\n${firstLines(result.text)}`, "Install the Debian packages gcc and libc6-dev: apt-get install gcc libc6-dev");
    await chmod(part, 0o700);
    await rename(part, target);
  } finally {
    await rm(path, { force: true });
  }
}

async function make(emulator: string): Promise<string> {
  const version = await compilerVersion(emulator);
  if (version === null) {
    const name = emulator === "qemu-system-arm" ? "qemu-system-arm" : "qemu-system-misc";
    return fail("board/no-simulator", emulator, "the emulator is not installed", `Install the Debian package ${name}: apt-get install ${name}`);
  }
  if ((await compilerVersion("gcc")) === null) {
    return fail("board/no-simulator", "gcc", "QEMU's counting plugin needs this computer's C compiler", "Install the Debian packages gcc and libc6-dev: apt-get install gcc libc6-dev");
  }
  const key = createHash("sha256").update(await readFile(SOURCE)).update(version).update(FLAGS.join(" ")).digest("hex").slice(0, 24);
  const target = join(await cacheFolder(), `qemu-plugin-${key}.so`);
  const known = await access(target).then(() => true, () => false);
  if (!known) await compile(target);
  return target;
}

const files = new Map<string, Promise<string>>();

/** Path of the plugin for this emulator. @throws CoincellError board/no-simulator naming the Debian packages. */
export function pluginFor(emulator: string): Promise<string> {
  const known = files.get(emulator);
  if (known !== undefined) return known;
  const file = make(emulator);
  files.set(emulator, file);
  file.catch(() => files.delete(emulator));
  return file;
}
