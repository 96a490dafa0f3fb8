/**
 * The FlatBuffer layout, bounds-checked for files nobody trusts; source: flatbuffers.dev/internals.
 * References only lead forwards and the schema does not recurse, so no file is cyclic; but many references may share one
 * target, so all that is read counts against a budget that follows from the length of the file.
 */
import { fail } from "../../ir/diagnostics.js";
import { SIZES, type ScalarType } from "./codec.js";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Real files hold their bulk in byte vectors, which are never copied and count as one. */
const MAX_BUDGET = 4_000_000;

/** A table that has been checked to lie inside the file. */
export interface TableAt {
  readonly at: number;
  readonly size: number;
  readonly vtable: number;
  readonly vtableSize: number;
}

export interface VectorAt {
  readonly start: number;
  readonly count: number;
}

export class FlatReader {
  private readonly view: DataView;
  private budget: number;

  constructor(private readonly bytes: Uint8Array, readonly file: string) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.budget = Math.min(4 * bytes.length + 4096, MAX_BUDGET);
  }

  broken(what: string, at: number): never {
    return fail("tflite/damaged", `${this.file} (byte ${at})`, what,
      "The file is truncated or is not a TensorFlow Lite model; convert it again, and check that it was copied in binary mode");
  }

  /** Counts `n` things read. */
  charge(n: number, at: number): void {
    this.budget -= n;
    if (this.budget < 0) this.broken("the file refers to the same data over and over", at);
  }

  private within(at: number, size: number): void {
    if (at + size > this.bytes.length) this.broken(`${size} bytes are announced, ${Math.max(0, this.bytes.length - at)} are left`, at);
  }

  /** Where a reference at `at` leads to. */
  target(at: number): number {
    this.within(at, 4);
    const step = this.view.getUint32(at, true);
    if (step < 4) this.broken(`a reference of ${step} bytes`, at);
    this.within(at + step, 4);
    return at + step;
  }

  table(at: number): TableAt {
    this.within(at, 4);
    const vtable = at - this.view.getInt32(at, true);
    if (vtable < 0 || vtable + 4 > this.bytes.length) this.broken("the layout of a table lies outside the file", at);
    const vtableSize = this.view.getUint16(vtable, true);
    if (vtableSize < 4 || vtableSize % 2 !== 0) this.broken(`the layout of a table has ${vtableSize} bytes`, vtable);
    this.within(vtable, vtableSize);
    const size = this.view.getUint16(vtable + 2, true);
    if (size < 4) this.broken(`a table of ${size} bytes`, vtable);
    this.within(at, size);
    return { at, size, vtable, vtableSize };
  }

  /** Where a field of `size` bytes lies; 0 where it is absent. */
  field(t: TableAt, slot: number, size: number): number {
    const entry = 4 + 2 * slot;
    if (entry + 2 > t.vtableSize) return 0;
    const offset = this.view.getUint16(t.vtable + entry, true);
    if (offset === 0) return 0;
    if (offset < 4 || offset + size > t.size) this.broken(`field ${slot} lies outside its table`, t.at);
    return t.at + offset;
  }

  scalar(at: number, as: ScalarType): number {
    const v = this.view;
    switch (as) {
      case "bool": case "u8": return v.getUint8(at);
      case "i8": return v.getInt8(at);
      case "i16": return v.getInt16(at, true);
      case "u16": return v.getUint16(at, true);
      case "i32": return v.getInt32(at, true);
      case "u32": return v.getUint32(at, true);
      case "f32": return v.getFloat32(at, true);
      default: {
        const n = (as === "i64" ? v.getInt32(at + 4, true) : v.getUint32(at + 4, true)) * 2 ** 32 + v.getUint32(at, true);
        return Number.isSafeInteger(n) ? n : this.broken(`a number of about ${n}, beyond 2^53`, at);
      }
    }
  }

  /** A vector whose elements have `size` bytes; `at` is where its length stands. */
  vector(at: number, size: number): VectorAt {
    const count = this.view.getUint32(at, true);
    if (count * size > this.bytes.length - at - 4) this.broken(`a list of ${count} elements, which the file is too short for`, at);
    return { start: at + 4, count };
  }

  numbers(at: number, as: ScalarType): number[] {
    const { start, count } = this.vector(at, SIZES[as]);
    this.charge(count, at);
    return Array.from({ length: count }, (_, i) => this.scalar(start + i * SIZES[as], as));
  }

  /** A view, not a copy. */
  byteVector(at: number): Uint8Array {
    const { start, count } = this.vector(at, 1);
    return this.bytes.subarray(start, start + count);
  }

  text(at: number): string {
    const chunk = this.byteVector(at);
    this.charge(chunk.length, at);
    try {
      return utf8.decode(chunk);
    } catch {
      return this.broken("a name is not UTF-8 text", at);
    }
  }
}
