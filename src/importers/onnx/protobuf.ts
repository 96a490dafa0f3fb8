/** The protobuf wire format, one field at a time and bounds-checked; source: protobuf.dev/programming-guides/encoding. */
import { fail } from "../../ir/diagnostics.js";

export const VARINT = 0;
export const FIXED64 = 1;
export const CHUNK = 2;
export const FIXED32 = 5;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A cursor over one message: after `next()` the fields `number` and `type` tell which value to take (or `skip()`). */
export class Wire {
  number = 0;
  type = 0;
  private pos = 0;
  private lo = 0;
  private hi = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array, readonly where: string) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.pos >= this.bytes.length;
  }

  broken(what: string): never {
    return fail("onnx/damaged", `${this.where} (byte ${this.pos} of this message)`, what,
      "The file is truncated or is not an ONNX model; export it again, and check it with onnx.checker.check_model");
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    if (this.atEnd) return false;
    this.readVarint();
    this.number = this.lo >>> 3;
    this.type = this.lo & 7;
    if (this.hi !== 0 || this.number === 0) this.broken("a field number is out of range");
    if (this.type !== VARINT && this.type !== FIXED64 && this.type !== CHUNK && this.type !== FIXED32) {
      this.broken(`wire type ${this.type} is not used by ONNX`);
    }
    return true;
  }

  skip(): void {
    if (this.type === VARINT) this.readVarint();
    else if (this.type === CHUNK) this.chunk();
    else this.take(this.type === FIXED64 ? 8 : 4);
  }

  expect(type: number): void {
    if (this.type !== type) this.broken(`field ${this.number} has wire type ${this.type}, not ${type}`);
  }

  chunk(): Uint8Array {
    this.expect(CHUNK);
    this.readVarint();
    if (this.hi !== 0) this.broken("a length is larger than the file");
    const start = this.take(this.lo);
    return this.bytes.subarray(start, start + this.lo);
  }

  text(): string {
    const bytes = this.chunk();
    try {
      return utf8.decode(bytes);
    } catch {
      return this.broken(`field ${this.number} is not UTF-8 text`);
    }
  }

  /** A signed 64-bit varint: a number where that is exact, else a bigint. */
  int64(): number | bigint {
    this.expect(VARINT);
    return this.rawInt64(true);
  }

  /** A varint that must be a safe integer (enum values, versions, lengths). */
  integer(): number {
    const v = this.int64();
    return typeof v === "number" ? v : this.broken(`field ${this.number} holds ${v}, beyond 2^53`);
  }

  float32(): number {
    this.expect(FIXED32);
    return this.view.getFloat32(this.take(4), true);
  }

  /** Repeated varints, packed or one by one. */
  int64List(out: (number | bigint)[], signed = true): void {
    if (this.type !== CHUNK) {
      this.expect(VARINT);
      out.push(this.rawInt64(signed));
      return;
    }
    const inner = new Wire(this.chunk(), this.where);
    while (!inner.atEnd) out.push(inner.rawInt64(signed));
  }

  /** Repeated float (4 bytes) or double (8 bytes), packed or one by one. */
  floatList(out: number[], size: 4 | 8): void {
    if (this.type !== CHUNK) {
      this.expect(size === 4 ? FIXED32 : FIXED64);
      const at = this.take(size);
      out.push(size === 4 ? this.view.getFloat32(at, true) : this.view.getFloat64(at, true));
      return;
    }
    const chunk = this.chunk();
    if (chunk.length % size !== 0) this.broken(`a packed list of ${size}-byte numbers has ${chunk.length} bytes`);
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let i = 0; i < chunk.length; i += size) out.push(size === 4 ? view.getFloat32(i, true) : view.getFloat64(i, true));
  }

  private take(n: number): number {
    const start = this.pos;
    if (n > this.bytes.length - start) this.broken(`${n} bytes are announced, ${this.bytes.length - start} are left`);
    this.pos = start + n;
    return start;
  }

  private rawInt64(signed: boolean): number | bigint {
    this.readVarint();
    const high = signed ? this.hi | 0 : this.hi;
    const n = high * 2 ** 32 + this.lo;
    return Number.isSafeInteger(n) ? n : (BigInt(high) << 32n) | BigInt(this.lo);
  }

  /** Sets `lo` and `hi`, two unsigned 32-bit halves. */
  private readVarint(): void {
    let lo = 0;
    let hi = 0;
    for (let i = 0; i < 10; i++) {
      const b = this.bytes[this.pos];
      if (b === undefined) this.broken("the file ends inside a number");
      this.pos++;
      const bits = b & 0x7f;
      if (i < 4) lo |= bits << (7 * i);
      else if (i === 4) {
        lo |= bits << 28;
        hi = bits >>> 4;
      } else if (i < 9) hi |= bits << (7 * i - 32);
      else if (b > 1) this.broken("a number is longer than 64 bits");
      else hi |= bits << 31;
      if (b < 0x80) {
        this.lo = lo >>> 0;
        this.hi = hi >>> 0;
        return;
      }
    }
    this.broken("a number is longer than 64 bits");
  }
}
