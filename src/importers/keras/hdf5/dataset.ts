/** Bytes of a dataset: in its header, in one run, or in chunks that a B-tree names, deflated and shuffled. */
import { inflateSync } from "node:zlib";
import { fail } from "../../../ir/diagnostics.js";
import { damaged, LIMITS, tooLarge } from "../limits.js";
import { Cursor, UNDEFINED, type Source } from "./cursor.js";

const [DEFLATE, SHUFFLE, FLETCHER] = [1, 2, 3];

export interface Stored {
  readonly shape: readonly number[];
  /** Bytes of an element. */
  readonly size: number;
  readonly layout: Cursor;
  readonly filters: readonly number[];
}

/** Identifiers of the filters of message 11, in the order in which they were applied. */
export function readFilters(c: Cursor): readonly number[] {
  const [version, n] = [c.u8(), c.u8()];
  if (version === 1) c.skip(6);
  return Array.from({ length: n }, () => {
    const id = c.u16();
    const length = version === 1 || id >= 256 ? c.u16() : 0;
    const values = c.skip(2).u16();
    c.skip(version === 1 ? Math.ceil(length / 8) * 8 : length).skip(4 * values + (version === 1 && values % 2 === 1 ? 4 : 0));
    return [DEFLATE, SHUFFLE, FLETCHER].includes(id) ? id : fail("keras/hdf5", c.source.where, `a dataset compressed by filter ${id}`, "Supported: gzip (deflate), shuffle. Save the model with model.save, without other compression.");
  });
}

/** Byte k of every element stands in run k. */
function unshuffled(bytes: Uint8Array, size: number): Uint8Array {
  const n = Math.floor(bytes.length / size);
  const out = Uint8Array.from(bytes);
  for (let i = 0; i < n; i++) for (let k = 0; k < size; k++) out[i * size + k] = bytes[k * n + i] ?? 0;
  return out;
}

function unpacked(s: Stored, raw: Uint8Array, skipped: number, length: number, where: string): Uint8Array {
  let bytes = raw;
  s.filters.toReversed().forEach((id, i) => {
    if (skipped & (1 << (s.filters.length - 1 - i))) return;
    if (id === FLETCHER) bytes = bytes.subarray(0, Math.max(0, bytes.length - 4));
    else if (id === SHUFFLE) bytes = unshuffled(bytes, s.size);
    else {
      try {
        bytes = inflateSync(bytes, { maxOutputLength: length + 4 });
      } catch {
        damaged(where, "a compressed part of a dataset is damaged");
      }
    }
  });
  return bytes.length >= length ? bytes : damaged(where, "a part of a dataset is too short");
}

/** Copies a chunk to its place, row by row; what hangs over the edge is left out. */
function place(out: Uint8Array, s: Stored, chunk: readonly number[], offset: readonly number[], bytes: Uint8Array): void {
  const last = s.shape.length - 1;
  const run = Math.min(chunk[last] ?? 1, (s.shape[last] ?? 1) - (offset[last] ?? 0)) * s.size;
  const rows = chunk.slice(0, last).reduce((p, n) => p * n, 1);
  for (let r = 0; r < rows; r++) {
    let [rest, to, inside] = [r, 0, true];
    for (let d = last - 1, step = s.shape[last] ?? 1; d >= 0; step *= s.shape[d] ?? 1, d--) {
      const i = (offset[d] ?? 0) + (rest % (chunk[d] ?? 1));
      rest = Math.floor(rest / (chunk[d] ?? 1));
      inside &&= i < (s.shape[d] ?? 1);
      to += i * step;
    }
    if (inside && run > 0) out.set(bytes.subarray(r * (chunk[last] ?? 1) * s.size, r * (chunk[last] ?? 1) * s.size + run), (to + (offset[last] ?? 0)) * s.size);
  }
}

function chunked(source: Source, s: Stored, total: number, c: Cursor): Uint8Array {
  const rank = c.u8() - 1;
  const root = c.u64();
  const chunk = Array.from({ length: rank }, () => c.u32());
  const length = chunk.reduce((p, n) => p * n, s.size);
  if (rank !== s.shape.length || rank < 1 || !(length >= 1) || length > LIMITS.chunkBytes || chunk.some((n) => n < 1)) return damaged(source.where, "the chunks of a dataset have another shape than the dataset");
  const out = new Uint8Array(total);
  const tree: number[] = root === UNDEFINED ? [] : [root];
  for (let at = tree.pop(); at !== undefined; at = tree.pop()) {
    source.spend();
    const node = new Cursor(source, at).expect("TREE");
    const [type, level, n] = [node.u8(), node.u8(), node.u16()];
    if (type !== 1) damaged(source.where, "the chunks of a dataset are named by another tree");
    node.skip(16);
    for (let k = 0; k < n; k++) {
      const [bytes, skipped] = [node.u32(), node.u32()];
      const offset = Array.from({ length: rank }, () => node.u64());
      const child = node.skip(8).u64();
      if (level > 0) { tree.push(child); continue; }
      // Unpacking costs what comes out of it.
      source.spend(1 + Math.ceil(length / 256));
      if (offset.some((o, d) => o < 0 || o >= (s.shape[d] ?? 0))) damaged(source.where, "a chunk lies outside its dataset");
      place(out, s, chunk, offset, unpacked(s, new Cursor(source, child, bytes).bytes(bytes), skipped, length, source.where));
    }
  }
  return out;
}

export function readStored(source: Source, s: Stored): Uint8Array {
  const total = s.shape.reduce((p, n) => p * n, s.size);
  if (!(total / s.size <= LIMITS.weights)) return tooLarge(source.where, `a dataset of ${s.shape.join(" x ")} elements`);
  const c = new Cursor(source, s.layout.at, s.layout.left);
  const [version, kind] = [c.u8(), c.u8()];
  const whole = (bytes: Uint8Array): Uint8Array => (bytes.length >= total ? bytes.subarray(0, total) : damaged(source.where, "a dataset is longer than its bytes"));
  if (version !== 3 && (version !== 4 || kind === 2)) return fail("keras/hdf5", source.where, `a dataset layout of version ${version}`, "Supported: files as h5py writes them by default (libver \"earliest\"). Save the model with model.save.");
  if (kind === 0) return whole(c.bytes(c.u16()));
  if (kind === 2) return chunked(source, s, total, c);
  if (kind !== 1) return damaged(source.where, `a dataset layout of kind ${kind}`);
  const [at, length] = [c.u64(), c.u64()];
  // Datasets that were never written hold zeros.
  if (at === UNDEFINED) return new Uint8Array(total);
  return whole(new Cursor(source, at, length).bytes(length));
}
