/** Decoder of the LZ4 frame format; source of truth: lz4_Frame_format.md and lz4_Block_format.md of github.com/lz4/lz4. */
import { Cursor } from "./cursor.js";
import { damaged, tooLarge } from "./limits.js";

const MAGIC = 0x184d2204;
const END_MARK = 0;
const STORED = 0x8000_0000;
const MIN_MATCH = 4;

/** Output that doubles as it grows, never beyond its limit. */
class Output {
  #bytes: Uint8Array;
  length = 0;

  constructor(readonly limit: number, readonly where: string) {
    this.#bytes = new Uint8Array(Math.min(limit, 1 << 16));
  }

  #reserve(count: number): void {
    const need = this.length + count;
    if (need > this.limit) tooLarge(this.where, `the file decompresses to more than ${this.limit} bytes`);
    if (need <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.min(this.limit, Math.max(need, this.#bytes.length * 2)));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Repeats `count` bytes from `distance` back; source and target may overlap, that is how runs are written. */
  repeat(distance: number, count: number): void {
    this.#reserve(count);
    const from = this.length - distance;
    // What is written so far from `from` on repeats with the period, so a long run takes few copies.
    for (let left = count; left > 0;) {
      const step = Math.min(left, this.length - from);
      this.#bytes.copyWithin(this.length, from, from + step);
      this.length += step;
      left -= step;
    }
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}

/** 15 in the token means: add bytes until one is not 255. */
function longLength(cursor: Cursor, nibble: number): number {
  let length = nibble;
  if (nibble === 15) for (let b = 255; b === 255; length += b) b = cursor.u8();
  return length;
}

function decodeBlock(block: Uint8Array, out: Output, historyStart: number): void {
  const cursor = new Cursor(block, out.where);
  while (cursor.at < block.length) {
    const token = cursor.u8();
    out.append(cursor.take(longLength(cursor, token >> 4)));
    // The last sequence of a block ends after its literals.
    if (cursor.at === block.length) return;
    const distance = cursor.u16();
    const count = longLength(cursor, token & 15) + MIN_MATCH;
    if (distance === 0 || distance > out.length - historyStart) damaged(out.where, "LZ4 data refer to bytes before their beginning");
    out.repeat(distance, count);
  }
}

interface FrameHeader {
  readonly independent: boolean;
  readonly blockChecksum: boolean;
  readonly contentChecksum: boolean;
  readonly contentSize: number | undefined;
  readonly maxBlock: number;
}

function readHeader(cursor: Cursor): FrameHeader {
  const { where } = cursor;
  if (cursor.u32() !== MAGIC) damaged(where, "not an LZ4 frame");
  const flags = cursor.u8();
  const sizes = cursor.u8();
  if (flags >> 6 !== 1 || (flags & 2) !== 0) damaged(where, "the LZ4 frame has an unknown version");
  const code = (sizes >> 4) & 7;
  if (code < 4 || (sizes & 0x8f) !== 0) damaged(where, "the LZ4 frame has an unknown block size");
  const contentSize = flags & 8 ? cursor.u64() : undefined;
  if (flags & 1) damaged(where, "the LZ4 frame needs a dictionary");
  cursor.u8();
  return {
    independent: (flags & 32) !== 0, blockChecksum: (flags & 16) !== 0, contentChecksum: (flags & 4) !== 0,
    contentSize, maxBlock: 2 ** (8 + 2 * code),
  };
}

/** Decompresses one LZ4 frame. Checksums are skipped, sizes and distances are checked. */
export function decodeLz4Frame(bytes: Uint8Array, where: string, limit: number): Uint8Array {
  const cursor = new Cursor(bytes, where);
  const header = readHeader(cursor);
  const out = new Output(limit, where);
  if ((header.contentSize ?? 0) > limit) tooLarge(where, `the file decompresses to more than ${limit} bytes`);
  for (let size = cursor.u32(); size !== END_MARK; size = cursor.u32()) {
    const length = size % STORED;
    if (length > header.maxBlock) damaged(where, "an LZ4 block is larger than its frame allows");
    const before = out.length;
    const block = cursor.take(length);
    if (size >= STORED) out.append(block);
    else decodeBlock(block, out, header.independent ? before : 0);
    if (out.length - before > header.maxBlock) damaged(where, "an LZ4 block decompresses to more than its frame allows");
    if (header.blockChecksum) cursor.u32();
  }
  if (header.contentChecksum) cursor.u32();
  if (header.contentSize !== undefined && header.contentSize !== out.length) damaged(where, "the LZ4 frame has another size than it says");
  return out.finish();
}
