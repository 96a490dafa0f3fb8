/** Data types and shapes of HDF5: messages 1 (dataspace) and 3 (datatype); source: HDF5 File Format Specification 3.0, IV.A.2. */
import { fail } from "../../../ir/diagnostics.js";
import { damaged } from "../limits.js";
import { Cursor, text } from "./cursor.js";

export type DataType =
  | { readonly kind: "int" | "float"; readonly size: number; readonly signed: boolean }
  | { readonly kind: "text"; readonly size: number }
  /** Text of any length, in the global heap. */
  | { readonly kind: "long text"; readonly size: number }
  | { readonly kind: "other"; readonly size: number; readonly name: string };

const CLASSES = ["integer", "float", "time", "string", "bit field", "opaque", "compound", "reference", "enumeration", "variable length", "array"];

export function readDataType(c: Cursor): DataType {
  const head = c.u8();
  const [bits] = [c.u8(), c.skip(2)];
  const size = c.u32();
  const kind = CLASSES[head & 15] ?? "unknown";
  const big = (bits & 1) !== 0;
  if (kind === "integer" && !big && [1, 2, 4, 8].includes(size)) return { kind: "int", size, signed: (bits & 8) !== 0 };
  if (kind === "float" && !big && isIeee(c, size)) return { kind: "float", size, signed: true };
  if (kind === "string") return { kind: "text", size };
  if (kind === "variable length" && (bits & 15) === 1) return { kind: "long text", size };
  return { kind: "other", size, name: big ? `big-endian ${kind}` : kind };
}

/** Exponent and mantissa at the places of IEEE 754 (bfloat16 has 16 bits as well). */
function isIeee(c: Cursor, size: number): boolean {
  c.skip(4);
  const [exponentAt, exponentBits] = [c.u8(), c.u8()];
  const wanted = { 2: [10, 5], 4: [23, 8], 8: [52, 11] }[size];
  return wanted !== undefined && exponentAt === wanted[0] && exponentBits === wanted[1];
}

/** Sizes along the axes; none for one value. */
export function readShape(c: Cursor): readonly number[] {
  const version = c.u8();
  const [rank] = [c.u8(), c.u8()];
  if (version !== 1 && version !== 2) return damaged(c.source.where, `a dataspace of version ${version}`);
  if (rank > 32) return damaged(c.source.where, `a dataset of ${rank} dimensions`);
  // Version 2 says here whether there is one value, or none.
  if (version === 1) c.skip(5);
  else if (c.u8() === 2) return [0];
  return Array.from({ length: rank }, () => { const d = c.u64(); return d >= 0 ? d : damaged(c.source.where, "an axis without a length"); });
}

function half(bits: number): number {
  const [exponent, mantissa] = [(bits >> 10) & 31, bits & 1023];
  const size = exponent === 31 ? (mantissa ? NaN : Infinity) : exponent === 0 ? mantissa * 2 ** -24 : (1 + mantissa / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}

/** Numbers of 16 bits as IEEE 754 halves. */
export const halves = (bytes: Uint8Array): Float32Array => {
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float32Array.from({ length: bytes.length >> 1 }, (_, i) => half(v.getUint16(2 * i, true)));
};

/** Numbers of a dataset. */
export function numbersOf(type: DataType, bytes: Uint8Array, where: string): Float32Array {
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const n = Math.floor(bytes.length / Math.max(1, type.size));
  const all = (read: (at: number) => number): Float32Array => Float32Array.from({ length: n }, (_, i) => read(i * type.size));
  if (type.kind === "float") return type.size === 2 ? halves(bytes) : all(type.size === 4 ? (i) => v.getFloat32(i, true) : (i) => v.getFloat64(i, true));
  if (type.kind === "int") {
    if (type.size === 8) return all((i) => Number(type.signed ? v.getBigInt64(i, true) : v.getBigUint64(i, true)));
    if (type.size === 4) return all((i) => (type.signed ? v.getInt32(i, true) : v.getUint32(i, true)));
    if (type.size === 2) return all((i) => (type.signed ? v.getInt16(i, true) : v.getUint16(i, true)));
    return all((i) => (type.signed ? v.getInt8(i) : v.getUint8(i)));
  }
  return fail("keras/weights", where, `weights of the HDF5 type ${type.kind === "other" ? type.name : type.kind}`, "Supported: float32, float16, float64 and integers. Save the model in float32.");
}

/** Texts of an attribute. @param heap finds an object of the global heap */
export function textsOf(type: DataType, c: Cursor, n: number, heap: (at: number, index: number) => Uint8Array): readonly string[] {
  // An empty list has no type of its own.
  if (n === 0) return [];
  if (type.kind !== "text" && type.kind !== "long text") return damaged(c.source.where, `an attribute of type ${type.kind} where text belongs`);
  c.source.spend(n);
  return Array.from({ length: n }, () => {
    if (type.kind === "text") return text(c.bytes(type.size));
    const [length, at, index] = [c.u32(), c.u64(), c.u32()];
    c.source.spend(length >> 6);
    return length === 0 ? "" : text(heap(at, index).subarray(0, length));
  });
}
