/**
 * Finished jobs in one SQLite file: a transaction each, so that a kill, a crash or a full disk loses nothing that was finished.
 * Client: node-sqlite3-wasm, whose lock is a folder `<file>.lock` that a killed process leaves behind; {@link claim} clears it.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import sqlite from "node-sqlite3-wasm";
import { fail } from "../ir/diagnostics.js";
import type { Outcome } from "./jobs.js";

export interface Store {
  get<T>(key: string): Outcome<T> | null;
  put(key: string, what: string, outcome: Outcome<unknown>): void;
  close(): void;
}

const FORMAT = 1;

/** When a process was started, in ticks since boot: tells it from a later one of the same number. Linux only; else empty. */
function startOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\) /s, "").split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

function alive(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === "EPERM";
  }
  return start === "" || startOf(pid) === start;
}

const diskErrors = /full|ENOSPC|EDQUOT/i;

/** Less than this is no room for a page and its journal. */
const LEAST_FREE = 64 * 1024;

/** The client calls a full disk "disk I/O error". */
function noSpace(file: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize < LEAST_FREE;
  } catch {
    return false;
  }
}

function diskFault(file: string, e: unknown): never {
  const error = e as NodeJS.ErrnoException;
  const full = diskErrors.test(error.code ?? "") || diskErrors.test(error.message) || (/I\/O/.test(error.message) && noSpace(file));
  return fail(full ? "fit/disk-full" : "fit/unwritable-store", file, full ? "the disk is full" : error.message, full ? "Free some space, or give another folder with --out, and run again: what was finished is stored and is not computed again." : "Give a folder that can be written with --out.");
}

/** One process writes a store. @throws CoincellError fit/store-in-use */
function claim(file: string): () => void {
  const owner = `${file}.owner`;
  const mine = `${process.pid} ${startOf(process.pid)}\n`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    if (existsSync(owner)) {
      const [pid = "", start = ""] = readFileSync(owner, "utf8").trim().split(" ");
      if (Number(pid) > 0 && Number(pid) !== process.pid && alive(Number(pid), start)) fail("fit/store-in-use", file, `process ${pid} is writing it`, `Wait for it, or give another folder with --out. If no such search runs, remove ${owner}.`);
    }
    writeFileSync(owner, mine);
  } catch (e) {
    if ((e as Error).name === "CoincellError") throw e;
    diskFault(file, e);
  }
  rmSync(`${file}.lock`, { recursive: true, force: true });
  return () => rmSync(owner, { force: true });
}

const damaged = (file: string, what: string): never =>
  fail("fit/damaged-store", file, `this is no sound SQLite file: ${what}`, `It is left as it is. Move it away (mv ${file} ${file}.bad) and run again, or restore it from a copy.`);

function openDatabase(file: string): sqlite.Database {
  let db: sqlite.Database | null = null;
  try {
    db = new sqlite.Database(file);
    const [check] = db.all("PRAGMA quick_check(1)");
    if (check && check["quick_check"] !== "ok") damaged(file, String(check["quick_check"]));
    db.exec("PRAGMA synchronous = NORMAL");
    db.exec("CREATE TABLE IF NOT EXISTS finished (key TEXT PRIMARY KEY, what TEXT NOT NULL, outcome TEXT NOT NULL) WITHOUT ROWID");
    const version = Number(db.get("PRAGMA user_version")?.["user_version"] ?? 0);
    if (version > FORMAT) fail("fit/newer-store", file, `it was written by a newer coincell (format ${version})`, "Update coincell, or give another folder with --out.");
    if (version < FORMAT) db.exec(`PRAGMA user_version = ${FORMAT}`);
    return db;
  } catch (e) {
    db?.close();
    if ((e as Error).name === "CoincellError") throw e;
    const what = e instanceof Error ? e.message : String(e);
    return /not a database|malformed|corrupt|no such column|file is encrypted/i.test(what) ? damaged(file, what) : diskFault(file, e);
  }
}

function parsed<T>(file: string, text: unknown): Outcome<T> {
  try {
    return JSON.parse(String(text)) as Outcome<T>;
  } catch {
    return damaged(file, "an entry is cut off");
  }
}

/**
 * @param pages most pages of 4 KB that the file may take, as on a disk that is nearly full; no limit when absent
 * @throws CoincellError fit/store-in-use, fit/damaged-store, fit/disk-full, fit/unwritable-store
 */
export function openStore(file: string, pages?: number): Store {
  const release = claim(file);
  let db: sqlite.Database;
  try {
    db = openDatabase(file);
    if (pages !== undefined) db.exec(`PRAGMA max_page_count = ${pages}`);
  } catch (e) {
    release();
    throw e;
  }
  return {
    get: <T>(key: string) => {
      try {
        const row = db.get("SELECT outcome FROM finished WHERE key = ?", [key]);
        return row ? parsed<T>(file, row["outcome"]) : null;
      } catch (e) {
        if ((e as Error).name === "CoincellError") throw e;
        return damaged(file, (e as Error).message);
      }
    },
    put: (key, what, outcome) => {
      try {
        db.run("INSERT OR REPLACE INTO finished VALUES (?, ?, ?)", [key, what, JSON.stringify(outcome)]);
      } catch (e) {
        diskFault(file, e);
      }
    },
    close: () => {
      try { db.close(); } catch { /* nothing is open that matters: every entry was committed */ }
      release();
    },
  };
}

/** For searches that keep nothing. */
export const noStore: Store = { get: () => null, put: () => {}, close: () => {} };
