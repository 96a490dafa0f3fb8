/** Entries of a zip by their names, through its directory at the end; every size is bounded while it inflates (a header may lie). */
import { inflateRawSync } from "node:zlib";
import { fail } from "../../ir/diagnostics.js";
import { clip, damaged, LIMITS, tooLarge } from "./limits.js";

const [END, ENTRY, LOCAL] = [0x06054b50, 0x02014b50, 0x04034b50];
const END_BYTES = 22;

interface Entry { readonly method: number; readonly packed: number; readonly size: number; readonly at: number }

const viewOf = (b: Uint8Array): DataView => new DataView(b.buffer, b.byteOffset, b.length);

/** Place of the end record: the last 64 KiB may be a comment. */
function endOf(bytes: Uint8Array): number {
  const v = viewOf(bytes);
  for (let at = bytes.length - END_BYTES; at >= Math.max(0, bytes.length - END_BYTES - 65535); at--) if (v.getUint32(at, true) === END) return at;
  return -1;
}

function directory(bytes: Uint8Array, where: string): ReadonlyMap<string, Entry> {
  const [v, end] = [viewOf(bytes), endOf(bytes)];
  if (end < 0) return damaged(where, "the zip file ends too early");
  const count = v.getUint16(end + 10, true);
  if (count > LIMITS.zipEntries) return tooLarge(where, `the zip file has ${count} entries`);
  const out = new Map<string, Entry>();
  for (let k = 0, at = v.getUint32(end + 16, true); k < count; k++) {
    if (at + 46 > bytes.length || v.getUint32(at, true) !== ENTRY) return damaged(where, "the directory of the zip file is damaged");
    const [name, extra, comment] = [v.getUint16(at + 28, true), v.getUint16(at + 30, true), v.getUint16(at + 32, true)];
    const key = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + name));
    if (out.has(key)) return damaged(where, `the zip file has two entries "${clip(key)}"`);
    out.set(key, { method: v.getUint16(at + 10, true), packed: v.getUint32(at + 20, true), size: v.getUint32(at + 24, true), at: v.getUint32(at + 42, true) });
    at += 46 + name + extra + comment;
  }
  return out;
}

/** Whether a zip's directory names an entry. */
export function zipHolds(bytes: Uint8Array, name: string): boolean {
  return bytes.length > END_BYTES && viewOf(bytes).getUint32(0, true) === LOCAL && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).lastIndexOf(name) > 0;
}

/** Reads entries by name; null where there is none. */
export function openZip(bytes: Uint8Array, where: string): (name: string, most: number) => Uint8Array | null {
  if (bytes.length < END_BYTES) damaged(where, "the zip file ends too early");
  const entries = directory(bytes, where);
  return (name, most) => {
    const e = entries.get(name);
    if (!e) return null;
    if (e.size > most) return tooLarge(where, `its entry "${name}" has ${e.size} bytes`);
    const v = viewOf(bytes);
    if (e.at + 30 > bytes.length || v.getUint32(e.at, true) !== LOCAL) return damaged(where, `its entry "${name}" is not where the directory says`);
    const from = e.at + 30 + v.getUint16(e.at + 26, true) + v.getUint16(e.at + 28, true);
    if (from + e.packed > bytes.length) return damaged(where, `its entry "${name}" ends too early`);
    const packed = bytes.subarray(from, from + e.packed);
    if (e.method === 0) return packed;
    if (e.method !== 8) return fail("keras/zip", where, `its entry "${name}" is compressed by method ${e.method}`, "Supported: stored and deflated entries, as model.save writes them.");
    try {
      return inflateRawSync(packed, { maxOutputLength: Math.max(1, e.size) });
    } catch {
      return damaged(where, `its entry "${name}" is damaged`);
    }
  };
}
