/** One compiler call, and one temporary folder of sources: the parts that every gcc-like toolchain shares. */

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, isAbsolute, join, normalize } from "node:path";
import { fail } from "../../ir/diagnostics.js";

export interface CompilerResult {
  readonly ok: boolean;
  /** Standard output when ok, else what it printed on standard error. */
  readonly text: string;
  /** The program does not exist on PATH. */
  readonly missing: boolean;
}

/** Never rejects: a failed compile is a result that the caller judges. */
export function runCompiler(command: string, args: readonly string[], folder?: string): Promise<CompilerResult> {
  // LC_ALL=C: callers look for English words in the linker's messages.
  const options = { cwd: folder, env: { ...process.env, LC_ALL: "C" }, maxBuffer: 16 * 1024 * 1024 };
  return new Promise((resolve) => {
    execFile(command, [...args], options, (error, stdout, stderr) => {
      const missing = error !== null && error.code === "ENOENT";
      resolve({ ok: error === null, text: error === null ? stdout : stderr || error.message, missing });
    });
  });
}

/** Version line of a compiler, or null when it is absent. */
export async function compilerVersion(command: string): Promise<string | null> {
  const result = await runCompiler(command, ["--version"]);
  return result.ok ? (result.text.split("\n", 1)[0] ?? "").trim() : null;
}

/** The first lines a compiler printed, errors before warnings, fit for a message. */
export function firstLines(text: string, count = 6): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const wrong = lines.findIndex((line) => /error|undefined reference|truncated|overflow/i.test(line));
  const from = Math.max(0, wrong);
  return lines.slice(from, from + count).join("\n");
}

function checkPath(path: string): string {
  const plain = normalize(path);
  if (isAbsolute(plain) || plain.startsWith("..")) {
    fail("board/bad-path", path, "a source file lies outside its program", "Use relative paths without ..");
  }
  return plain;
}

/** Writes the files to a temporary folder, calls `work` with it, and removes it whatever happens. */
export async function withSources<T>(files: ReadonlyMap<string, string>, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "coincell-"));
  try {
    for (const [path, text] of files) {
      const full = join(folder, checkPath(path));
      await mkdir(dirname(full), { recursive: true });
      await writeFile(full, text);
    }
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface CompileJob {
  readonly source: string;
  readonly object: string;
  readonly flags: readonly string[];
}

/** Compiles in parallel; waits for all of them, so that the folder is not removed under a running compiler. */
export async function compileAll(command: string, jobs: readonly CompileJob[], folder: string): Promise<void> {
  const waiting = [...jobs];
  const failures: { source: string; text: string }[] = [];
  const worker = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const result = await runCompiler(command, [...job.flags, "-c", job.source, "-o", job.object], folder);
      if (!result.ok) failures.push({ source: job.source, text: result.text });
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs.length, availableParallelism()) }, worker));
  const first = failures[0];
  if (first !== undefined) {
    fail("board/compile-failed", first.source, `${command} refused it:\n${firstLines(first.text)}`, "Correct the C that is named");
  }
}
