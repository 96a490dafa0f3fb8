/** `coincell.lock.json` beside a project: what a run learnt from, what it chose, and a hash of the C; the next run must give the same. */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fail } from "../ir/diagnostics.js";

export const LOCK_FILE = "coincell.lock.json";

type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain | undefined };
export type PlainFields = Readonly<Record<string, Plain | undefined>>;

/** One run. Equal inputs and equal coincell give an equal entry, byte for byte. */
export interface LockEntry {
  /** SHA-256 of the rows to learn from, with labels and groups, and of those kept apart. */
  readonly data: string;
  readonly seed: number;
  /** All that was asked for and may change the result. */
  readonly options: PlainFields;
  readonly chosen: PlainFields;
  /** SHA-256 of the emitted C files; null where nothing was chosen. */
  readonly c: string | null;
  /** False where a budget or Ctrl-C ended the run: such a choice depends on the machine's speed. */
  readonly complete: boolean;
}

export type LockVerb = "train" | "fit";

interface Lock { readonly format: 1; readonly train?: LockEntry; readonly fit?: LockEntry }

/** SHA-256 over texts and arrays, each with its length, so that nothing can move from one to the next. */
export function hashOf(parts: readonly (string | ArrayBufferView | null)[]): string {
  const h = createHash("sha256");
  for (const p of parts) {
    const bytes = p === null ? Buffer.alloc(0) : typeof p === "string" ? Buffer.from(p, "utf8") : Buffer.from(p.buffer, p.byteOffset, p.byteLength);
    h.update(`${p === null ? "-" : bytes.length}\n`).update(bytes);
  }
  return h.digest("hex");
}

export const hashOfFiles = (files: ReadonlyMap<string, string>): string => hashOf([...files].toSorted(([a], [b]) => (a < b ? -1 : 1)).flat());

/** Keys in one order and nothing undefined, so that equal things are equal texts. */
function sorted(v: Plain | undefined): Plain {
  if (Array.isArray(v)) return v.map(sorted);
  if (typeof v !== "object" || v === null) return v ?? null;
  return Object.fromEntries(Object.entries(v as PlainFields).filter(([, x]) => x !== undefined).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([k, x]) => [k, sorted(x)]));
}
const text = (v: Plain | undefined): string => JSON.stringify(sorted(v));

async function readLock(file: string): Promise<Lock> {
  const source = await readFile(file, "utf8").catch((e: NodeJS.ErrnoException) => (e.code === "ENOENT" ? null : fail("file/unreadable", file, e.message, "Give a coincell.lock.json that can be read, or remove it.")));
  if (source === null) return { format: 1 };
  try {
    const v = JSON.parse(source) as Partial<Lock> | null;
    if (v?.format === 1) return v as Lock;
  } catch { /* said below */ }
  return fail("lock/unreadable", file, "this is no lock file of this coincell", "Restore it from version control, or remove it: the next run writes it anew.");
}

/** Which inputs are not those of the lock, in words. */
function changes(was: LockEntry, now: LockEntry): readonly string[] {
  const keys = [...new Set([...Object.keys(was.options), ...Object.keys(now.options)])].toSorted().filter((k) => text(was.options[k]) !== text(now.options[k]));
  return [
    ...(was.data === now.data ? [] : [`the rows (${was.data.slice(0, 12)}… to ${now.data.slice(0, 12)}…)`]),
    ...(was.seed === now.seed ? [] : [`the seed (${was.seed} to ${now.seed})`]),
    ...keys.map((k) => `${k} (${text(was.options[k])} to ${text(now.options[k])})`),
  ];
}

function checkSame(file: string, verb: LockVerb, was: LockEntry, now: LockEntry): void {
  const what = [
    ...(text(was.chosen) === text(now.chosen) ? [] : [`the choice was ${text(was.chosen)}, now it is ${text(now.chosen)}`]),
    ...(was.c === now.c ? [] : [`the C was ${was.c?.slice(0, 12) ?? "none"}…, now it is ${now.c?.slice(0, 12) ?? "none"}…`]),
  ];
  if (what.length > 0) fail("lock/other-result", file, `the same rows, seed and options gave another result of coincell ${verb}: ${what.join("; ")}`, `Use the coincell (and the compiler) that the lock was written with; or, to accept the new result, remove ${file} and run again.`);
}

/**
 * Compares a run with the lock and writes it.
 * @returns what is worth saying: which inputs have changed since
 * @throws CoincellError lock/other-result where equal inputs gave another model; the lock is left as it is
 */
export async function keepLock(file: string, verb: LockVerb, now: LockEntry): Promise<readonly string[]> {
  const lock = await readLock(file);
  const was = lock[verb];
  const changed = was ? changes(was, now) : [];
  if (was && changed.length === 0 && was.complete && !now.complete) return [`${LOCK_FILE} is left as it is: this run was ended early, the one it holds was not`];
  if (was && changed.length === 0 && was.complete) checkSame(file, verb, was, now);
  const next = sorted({ ...lock, [verb]: now } as unknown as Plain);
  // A kill in between leaves the old file or the new one.
  const part = `${file}.${process.pid}.part`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(part, `${JSON.stringify(next, null, 2)}\n`);
    await rename(part, file);
  } catch (e) {
    // A project that is only read, from a package or a mount, can be learnt from all the same.
    if (["EACCES", "EROFS", "EPERM"].includes((e as NodeJS.ErrnoException).code ?? "")) return [`${LOCK_FILE} could not be written: no permission`];
    fail("file/unwritable", file, e instanceof Error ? e.message : String(e), "Give the project's folder some room, and make it writable.");
  }
  return changed.length > 0 ? [`${LOCK_FILE} was written anew, for these have changed: ${changed.join(", ")}`] : [];
}
