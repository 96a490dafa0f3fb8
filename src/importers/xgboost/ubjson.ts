/** UBJSON draft 12 (big-endian, typed and counted containers) with XGBoost's 64-bit `L`; bounded in size, depth and count. */
import type { NumericArray } from "../../ir/foreign.js";
import { damaged, MAX_BYTES, MAX_DEPTH, MAX_ITEMS, type Doc } from "./document.js";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

interface NumberType {
  readonly size: number;
  readonly get: (v: DataView, at: number) => number;
  readonly make: (n: number) => NumericArray;
}

/** A 64-bit integer, NaN where a double cannot hold it. */
function int64(v: DataView, at: number): number {
  const n = v.getInt32(at) * 2 ** 32 + v.getUint32(at + 4);
  return Number.isSafeInteger(n) ? n : Number.NaN;
}

const TYPES: ReadonlyMap<string, NumberType> = new Map<string, NumberType>([
  ["i", { size: 1, get: (v, at) => v.getInt8(at), make: (n) => new Int8Array(n) }],
  ["U", { size: 1, get: (v, at) => v.getUint8(at), make: (n) => new Uint8Array(n) }],
  ["I", { size: 2, get: (v, at) => v.getInt16(at), make: (n) => new Int16Array(n) }],
  ["l", { size: 4, get: (v, at) => v.getInt32(at), make: (n) => new Int32Array(n) }],
  ["L", { size: 8, get: int64, make: (n) => new Float64Array(n) }],
  ["d", { size: 4, get: (v, at) => v.getFloat32(at), make: (n) => new Float32Array(n) }],
  ["D", { size: 8, get: (v, at) => v.getFloat64(at), make: (n) => new Float64Array(n) }],
]);

class UbjReader {
  private pos = 0;
  private items = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array, private readonly file: string) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  document(): Doc {
    const value = this.value(this.marker(), 0);
    while (this.bytes[this.pos] === 78) this.pos++;
    if (this.pos < this.bytes.length) this.broken("there is more behind the end of the document");
    return value;
  }

  private broken(what: string): never {
    return damaged(`${this.file} (byte ${this.pos})`, what);
  }

  private item(): void {
    if (++this.items > MAX_ITEMS) this.broken(`more than ${MAX_ITEMS} objects`);
  }

  private take(n: number): number {
    const start = this.pos;
    if (n > this.bytes.length - start) this.broken(`${n} bytes are announced, ${this.bytes.length - start} are left`);
    this.pos = start + n;
    return start;
  }

  private peek(): string {
    const c = this.bytes[this.pos];
    return c === undefined ? this.broken("the file ends too early") : String.fromCharCode(c);
  }

  /** The next type marker; `N` (no operation) is passed over. */
  private marker(): string {
    let m = this.peek();
    while (m === "N") {
      this.pos++;
      m = this.peek();
    }
    this.pos++;
    return m;
  }

  private number(type: NumberType): number {
    const v = type.get(this.view, this.take(type.size));
    return type.size === 8 && type.get === int64 && Number.isNaN(v) ? this.broken("an integer beyond 2^53") : v;
  }

  private length(): number {
    const marker = this.marker();
    const type = TYPES.get(marker);
    const n = type && marker !== "d" && marker !== "D" ? this.number(type) : -1;
    return n >= 0 ? n : this.broken("a length is negative or not an integer");
  }

  private text(): string {
    const n = this.length();
    const start = this.take(n);
    try {
      return utf8.decode(this.bytes.subarray(start, start + n));
    } catch {
      return this.broken("a text is not UTF-8");
    }
  }

  private value(marker: string, depth: number): Doc {
    const type = TYPES.get(marker);
    if (type) return this.number(type);
    switch (marker) {
      case "Z": return null;
      case "T": return true;
      case "F": return false;
      case "S": return this.text();
      case "C": return String.fromCharCode(this.bytes[this.take(1)] ?? 0);
      case "{": return this.object(depth);
      case "[": return this.list(depth);
      default: return this.broken("an unknown type marker");
    }
  }

  /** What stands behind an opening bracket: an element type, a count (-1: up to the closing bracket). */
  private header(depth: number): { type: string; count: number } {
    if (depth >= MAX_DEPTH) this.broken(`nested more than ${MAX_DEPTH} deep`);
    this.item();
    let type = "";
    if (this.peek() === "$") {
      this.pos++;
      type = this.peek();
      this.pos++;
      if (!TYPES.has(type) && !"S[{C".includes(type)) this.broken("an element type that a typed list cannot have");
      if (this.peek() !== "#") this.broken("a typed list without a count");
    }
    if (this.peek() !== "#") return { type, count: -1 };
    this.pos++;
    const count = this.length();
    // Every element takes a byte at least, so a larger count is a lie.
    if (count > this.bytes.length - this.pos) this.broken(`${count} elements are announced, ${this.bytes.length - this.pos} bytes are left`);
    return { type, count };
  }

  /** True while elements follow; eats the closing bracket of a list without a count. */
  private more(done: number, count: number, close: string): boolean {
    if (count >= 0) return done < count;
    while (this.peek() === "N") this.pos++;
    if (this.peek() !== close) return true;
    this.pos++;
    return false;
  }

  private list(depth: number): Doc {
    const { type, count } = this.header(depth);
    const fixed = TYPES.get(type);
    if (fixed) {
      if (count * fixed.size > this.bytes.length - this.pos) this.broken(`${count} elements are announced, ${this.bytes.length - this.pos} bytes are left`);
      const data = fixed.make(count);
      for (let i = 0; i < count; i++) data[i] = this.number(fixed);
      return data;
    }
    const out: Doc[] = [];
    while (this.more(out.length, count, "]")) {
      this.item();
      out.push(this.value(type || this.marker(), depth + 1));
    }
    return out;
  }

  private object(depth: number): ReadonlyMap<string, Doc> {
    const { type, count } = this.header(depth);
    const out = new Map<string, Doc>();
    while (this.more(out.size, count, "}")) {
      this.item();
      while (this.peek() === "N") this.pos++;
      const key = this.text();
      if (out.has(key)) this.broken(`key "${key.slice(0, 40)}" stands twice`);
      out.set(key, this.value(type || this.marker(), depth + 1));
    }
    return out;
  }
}

export function readUbjson(bytes: Uint8Array, file: string): Doc {
  if (bytes.length > MAX_BYTES) damaged(file, `${bytes.length} bytes; files of up to ${MAX_BYTES} are read`);
  return new UbjReader(bytes, file).document();
}
