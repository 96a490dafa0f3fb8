/** What a pickle or joblib file is wrapped in, by its first bytes; source of truth: `joblib/compressor.py`. */
import { gunzipSync, inflateSync } from "node:zlib";
import { CoincellError, fail } from "../../ir/diagnostics.js";
import { CURE_DAMAGED, LIMITS, tooLarge } from "./limits.js";
import { decodeLz4Frame } from "./lz4.js";

export type Container = "raw" | "zlib" | "gzip" | "lz4" | "xz" | "lzma" | "bz2" | "zip";

const isMagic = (bytes: Uint8Array, ...magic: number[]): boolean => magic.every((b, i) => bytes[i] === b);

/** Protocols 2 to 5 start with 0x80 and their number; the older ones with the class of the object. */
function isRawPickle(bytes: Uint8Array): boolean {
  if (bytes[0] === 0x80) return (bytes[1] ?? 255) <= 5;
  return /^(?:c|\(i)[A-Za-z_][\w.]{0,200}\n[A-Za-z_]\w{0,100}\n/.test(String.fromCharCode(...bytes.subarray(0, 310)));
}

/** The container, or undefined when no file of ours starts so. */
export function detectContainer(bytes: Uint8Array): Container | undefined {
  if (isMagic(bytes, 0x50, 0x4b, 3, 4)) return "zip";
  if (isMagic(bytes, 0x1f, 0x8b)) return "gzip";
  if (isMagic(bytes, 4, 0x22, 0x4d, 0x18)) return "lz4";
  if (isMagic(bytes, 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0)) return "xz";
  if (isMagic(bytes, 0x42, 0x5a, 0x68)) return "bz2";
  if (isMagic(bytes, 0x5d, 0, 0)) return "lzma";
  // RFC 1950: the first two bytes, read as a number, are a multiple of 31.
  if (bytes[0] === 0x78 && (0x7800 + (bytes[1] ?? 0)) % 31 === 0) return "zlib";
  return isRawPickle(bytes) ? "raw" : undefined;
}

/** Runs a library's decoder so that its errors become ours. */
function guarded(where: string, name: string, limit: number, decode: () => Uint8Array): Uint8Array {
  try {
    return decode();
  } catch (e) {
    if (e instanceof CoincellError) throw e;
    if (e instanceof Error && "code" in e && e.code === "ERR_BUFFER_TOO_LARGE") return tooLarge(where, `the file decompresses to more than ${limit} bytes`);
    return fail("sklearn/damaged-file", where, `its ${name} data are damaged (${e instanceof Error ? e.message.slice(0, 80) : "unknown"})`, CURE_DAMAGED);
  }
}

const NODE_ZLIB = { maxOutputLength: LIMITS.decompressedBytes, chunkSize: 1 << 20 } as const;

/** The pickle inside a joblib or pickle file. */
export function decompress(bytes: Uint8Array, container: Exclude<Container, "zip">, file: string): Uint8Array {
  const limit = LIMITS.decompressedBytes;
  switch (container) {
    case "raw": return bytes;
    case "zlib": return guarded(file, container, limit, () => inflateSync(bytes, NODE_ZLIB));
    case "gzip": return guarded(file, container, limit, () => gunzipSync(bytes, NODE_ZLIB));
    case "lz4": return guarded(file, container, limit, () => decodeLz4Frame(bytes, file, limit));
    default: return fail(
      "sklearn/unsupported-compression", file, `the file is compressed with ${container}`,
      'Raw, zlib, gzip and LZ4 are supported: save it with joblib.dump(model, path, compress=("zlib", 3)).',
    );
  }
}
