/** Which code made a result: a store that other code has filled is not used again, even where the version is the same. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, type Dirent } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Rooms that print and parse, and change no result of a search. */
const without: ReadonlySet<string> = new Set(["cli", "report", "importers"]);
const isCode = (name: string): boolean => /\.(js|ts|c|h|s|ld)$/i.test(name) && !/(\.test|\.d)\.[jt]s$|^testing\.[jt]s$/.test(name);

const byName = (a: Dirent, b: Dirent): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

function filesIn(folder: string, skip: ReadonlySet<string>): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).sort(byName).flatMap((e) => (e.isDirectory() ? (skip.has(e.name) ? [] : filesIn(join(folder, e.name), new Set())) : isCode(e.name) ? [join(folder, e.name)] : []));
}

/** Hash of names and contents of the code below a folder; about 10 ms for this package. */
export function hashOfCode(folder: string): string {
  const h = createHash("sha1");
  for (const file of filesIn(folder, without)) h.update(`${file.slice(folder.length)}\n`).update(readFileSync(file));
  return h.digest("hex");
}

let known: string | null = null;

/** The code that runs: `src` in development, `dist` in the package. */
export const codeHash = (): string => (known ??= hashOfCode(fileURLToPath(new URL("..", import.meta.url))));
