/** Little-endian reading of an HDF5 file, every place checked, with a budget for all that is looked at. */
import { damaged, LIMITS, tooLarge } from "../limits.js";

export interface Source {
  readonly bytes: Uint8Array;
  readonly where: string;
  /** Pays for headers, tree nodes, names and chunks: a damaged file may lead in circles. */
  spend(steps?: number): void;
}

export function createSource(bytes: Uint8Array, where: string): Source {
  let left: number = LIMITS.hdf5Steps;
  return { bytes, where, spend: (steps = 1) => { if (!(steps >= 0) || (left -= steps) < 0) tooLarge(where, `its HDF5 structure has more than ${LIMITS.hdf5Steps} parts`); } };
}

/** "No address". */
export const UNDEFINED = -1;

export class Cursor {
  readonly view: DataView;

  /** Reads `length` bytes from `at` on. @throws where they are not all inside the file. */
  constructor(readonly source: Source, public at: number, length = source.bytes.length - at) {
    if (!Number.isInteger(at) || at < 0 || !(length >= 0) || at + length > source.bytes.length) damaged(source.where, "a part of the HDF5 file lies beyond its end");
    this.end = at + length;
    this.view = new DataView(source.bytes.buffer, source.bytes.byteOffset, source.bytes.length);
  }

  readonly end: number;

  private take(n: number): number {
    const at = this.at;
    if (!(n >= 0) || at + n > this.end) damaged(this.source.where, "a part of the HDF5 file ends too early");
    this.at = at + n;
    return at;
  }

  get left(): number {
    return this.end - this.at;
  }

  skip(n: number): this {
    this.take(n);
    return this;
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }

  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  /** A size or an address; all ones is {@link UNDEFINED}. Numbers beyond any file are left for the bounds checks. */
  u64(): number {
    const v = this.view.getBigUint64(this.take(8), true);
    return v === 0xffff_ffff_ffff_ffffn ? UNDEFINED : Number(v);
  }

  /** A number of 1, 2, 4 or 8 bytes. */
  sized(n: number): number {
    return n === 1 ? this.u8() : n === 2 ? this.u16() : n === 4 ? this.u32() : this.u64();
  }

  bytes(n: number): Uint8Array {
    const at = this.take(n);
    return this.source.bytes.subarray(at, at + n);
  }

  /** The next `n` bytes as a cursor of their own. */
  part(n: number): Cursor {
    return new Cursor(this.source, this.take(n), n);
  }

  expect(signature: string): this {
    const found = String.fromCharCode(...this.bytes(signature.length));
    if (found !== signature) damaged(this.source.where, `the HDF5 file lacks its mark "${signature}"`);
    return this;
  }

  /** Up to the next zero byte. */
  name(): string {
    const from = this.at;
    while (this.u8() !== 0);
    this.source.spend((this.at - from) >> 6);
    return text(this.source.bytes.subarray(from, this.at - 1));
  }
}

/** Text of the file, up to its first zero byte. */
export function text(bytes: Uint8Array): string {
  const zero = bytes.indexOf(0);
  return new TextDecoder("utf-8").decode(zero < 0 ? bytes : bytes.subarray(0, zero));
}
