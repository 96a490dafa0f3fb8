/** The files verbs write; a failure names the path and what to do. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fail } from "../ir/diagnostics.js";

const reasons: Readonly<Record<string, string>> = { EACCES: "no permission", EPERM: "no permission", EISDIR: "this is a folder", ENOTDIR: "a part of the path is a file", EEXIST: "a file stands where a folder is needed", ENOSPC: "the disk is full", EROFS: "the file system is read-only" };

const unwritable = (path: string) => (e: NodeJS.ErrnoException) =>
  fail("file/unwritable", path, reasons[e.code ?? ""] ?? e.message, "Give a path that can be written.");

/** Writes a text file, making its folders. */
export async function writeText(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true }).catch(unwritable(dirname(path)));
  await writeFile(path, text).catch(unwritable(path));
}

/** The same for bytes. */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true }).catch(unwritable(dirname(path)));
  await writeFile(path, bytes).catch(unwritable(path));
}

/** Writes files below a folder; gives their paths. */
export async function writeFiles(folder: string, files: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const paths = [...files].map(([path, text]) => [join(folder, path), text] as const);
  for (const [path, text] of paths) await writeText(path, text);
  return paths.map(([path]) => path);
}
