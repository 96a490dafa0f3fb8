/** A bounds-checked cursor over bytes: every read past the end is a damaged file, never a RangeError. */
import { damaged, LIMITS } from "./limits.js";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class Cursor {
  readonly #view: DataView;
  #at = 0;

  constructor(readonly bytes: Uint8Array, readonly where: string) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get at(): number {
    return this.#at;
  }

  #advance(count: number): number {
    const from = this.#at;
    // The comparison also refuses NaN and negative lengths.
    if (!(count >= 0 && count <= this.bytes.length - from)) damaged(this.where, `the file ends too early (byte ${from})`);
    this.#at = from + count;
    return from;
  }

  /** A view of the next bytes, not a copy. */
  take(count: number): Uint8Array {
    const from = this.#advance(count);
    return this.bytes.subarray(from, from + count);
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  f64BigEndian(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** A 64-bit length; lengths beyond 2^53 are rounded, which no file can satisfy either. */
  u64(): number {
    const low = this.u32();
    return this.u32() * 2 ** 32 + low;
  }

  /** Text up to the next line feed, one character a byte. */
  line(limit: number): string {
    const end = this.bytes.indexOf(10, this.#at);
    if (end < 0 || end - this.#at > limit) damaged(this.where, `a line of text does not end (byte ${this.#at})`);
    const text = latin1(this.take(end - this.#at));
    this.#at++;
    return text;
  }

  utf8(count: number): string {
    return decodeUtf8(this.string(count), this.where);
  }

  /** The bytes of a string, bounded. */
  string(count: number): Uint8Array {
    if (count > LIMITS.stringBytes) damaged(this.where, `a string has ${count} bytes`);
    return this.take(count);
  }
}

export const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");

export function decodeUtf8(bytes: Uint8Array, where: string): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return damaged(where, "a string is not valid UTF-8");
  }
}

/** The bytes of a latin-1 string (how protocols 0..2 carry binary data). */
export function latin1Bytes(text: string, where: string): Uint8Array {
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c > 255) return damaged(where, "binary data holds a character beyond latin-1");
    out[i] = c;
  }
  return out;
}
