/**
 * Writes FlatBuffers front to back: a table first, then what it refers to, so that every reference leads forwards as the
 * format wants; source: flatbuffers.dev/internals. Layouts (vtables) that repeat are written once.
 */
import { SIZES, type ScalarType } from "./codec.js";

/** One present field of a table: `put` writes it at its place, or a reference that is filled in when its target is written. */
export interface Entry {
  readonly slot: number;
  readonly size: number;
  readonly put: (at: number) => void;
}

export class FlatBuilder {
  private bytes = new Uint8Array(1024);
  private view = new DataView(this.bytes.buffer);
  private end = 0;
  private readonly layouts = new Map<string, number>();

  /** Room for `size` zero bytes, the byte `lead` bytes into it at a multiple of `align`. */
  reserve(size: number, align: number, lead = 0): number {
    const at = Math.ceil((this.end + lead) / align) * align - lead;
    this.end = at + size;
    if (this.end > this.bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.end));
      grown.set(this.bytes);
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    return at;
  }

  scalar(at: number, as: ScalarType, value: number): void {
    const v = this.view;
    switch (as) {
      case "bool": case "u8": return v.setUint8(at, value);
      case "i8": return v.setInt8(at, value);
      case "i16": return v.setInt16(at, value, true);
      case "u16": return v.setUint16(at, value, true);
      case "i32": return v.setInt32(at, value, true);
      case "u32": return v.setUint32(at, value, true);
      case "f32": return v.setFloat32(at, value, true);
      case "i64": return v.setBigInt64(at, BigInt(value), true);
      default: return v.setBigUint64(at, BigInt(value), true);
    }
  }

  refer(from: number, to: number): void {
    this.scalar(from, "u32", to - from);
  }

  numbers(values: readonly number[], as: ScalarType): number {
    const at = this.reserve(4 + values.length * SIZES[as], Math.max(4, SIZES[as]), 4);
    this.scalar(at, "u32", values.length);
    values.forEach((x, i) => this.scalar(at + 4 + i * SIZES[as], as, x));
    return at;
  }

  byteVector(data: Uint8Array, align: number): number {
    const at = this.reserve(4 + data.length, Math.max(4, align), 4);
    this.scalar(at, "u32", data.length);
    this.bytes.set(data, at + 4);
    return at;
  }

  text(s: string): number {
    const data = new TextEncoder().encode(s);
    const at = this.byteVector(data, 4);
    // A zero behind the text, not counted in its length.
    this.reserve(1, 1);
    return at;
  }

  /** `count` references, to be filled in. */
  references(count: number): number {
    const at = this.reserve(4 + 4 * count, 4);
    this.scalar(at, "u32", count);
    return at;
  }

  table(entries: readonly Entry[]): number {
    // Large fields first, so that none needs padding but the first.
    const sorted = [...entries].sort((a, b) => b.size - a.size || a.slot - b.slot);
    const offsets = Array.from({ length: Math.max(-1, ...entries.map((e) => e.slot)) + 1 }, () => 0);
    let size = 4;
    for (const e of sorted) {
      size = Math.ceil(size / e.size) * e.size;
      offsets[e.slot] = size;
      size += e.size;
    }
    const layout = this.layout([4 + 2 * offsets.length, size, ...offsets]);
    const at = this.reserve(size, sorted[0]?.size === 8 ? 8 : 4);
    this.scalar(at, "i32", at - layout);
    for (const e of sorted) e.put(at + (offsets[e.slot] ?? 0));
    return at;
  }

  private layout(words: readonly number[]): number {
    const key = words.join();
    const known = this.layouts.get(key);
    if (known !== undefined) return known;
    const at = this.reserve(2 * words.length, 2);
    words.forEach((w, i) => this.scalar(at + 2 * i, "u16", w));
    this.layouts.set(key, at);
    return at;
  }

  /** All that was written, with zeros up to a multiple of 16. */
  finish(): Uint8Array {
    this.reserve(0, 16);
    return this.bytes.slice(0, this.end);
  }
}
