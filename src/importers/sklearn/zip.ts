/** A zip's entries through fflate's streaming reader, with every size bounded while it inflates (a header may lie). */
import { Unzip, UnzipInflate } from "fflate";
import { CoincellError, fail } from "../../ir/diagnostics.js";
import { clip, CURE_DAMAGED, damaged, LIMITS, tooLarge } from "./limits.js";

/** One step may inflate to about a thousand times this. */
const STEP = 16 * 1024;

interface Entry {
  readonly parts: Uint8Array[];
  complete: boolean;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

function reader(entries: Map<string, Entry>, where: string): Unzip {
  let total = 0;
  const stream = new Unzip((file) => {
    if (entries.size >= LIMITS.zipEntries) tooLarge(where, `the zip file has more than ${LIMITS.zipEntries} entries`);
    if (entries.has(file.name)) damaged(where, `the zip file has two entries "${clip(file.name)}"`);
    if (file.compression !== 0 && file.compression !== 8) damaged(where, `entry "${clip(file.name)}" of the zip file is not compressed with deflate`);
    const entry: Entry = { parts: [], complete: false };
    entries.set(file.name, entry);
    file.ondata = (error, data, final) => {
      if (error !== null) throw error;
      total += data.length;
      if (total > LIMITS.zipBytes) tooLarge(where, `the file decompresses to more than ${LIMITS.zipBytes} bytes`);
      if (data.length > 0) entry.parts.push(data);
      entry.complete ||= final;
    };
    file.start();
  });
  stream.register(UnzipInflate);
  return stream;
}

/** All entries of a zip by name. */
export function unzip(bytes: Uint8Array, where: string): ReadonlyMap<string, Uint8Array> {
  const entries = new Map<string, Entry>();
  try {
    const stream = reader(entries, where);
    for (let at = 0; at < bytes.length; at += STEP) stream.push(bytes.subarray(at, at + STEP), at + STEP >= bytes.length);
  } catch (e) {
    if (e instanceof CoincellError) throw e;
    return fail("sklearn/damaged-file", where, `its zip data are damaged (${e instanceof Error ? e.message.slice(0, 80) : "unknown"})`, CURE_DAMAGED);
  }
  const out = new Map<string, Uint8Array>();
  for (const [name, entry] of entries) {
    if (!entry.complete) damaged(where, `entry "${clip(name)}" of the zip file ends too early`);
    out.set(name, join(entry.parts));
  }
  return out;
}
