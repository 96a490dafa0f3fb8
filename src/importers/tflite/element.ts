/** Element types of tensors, by their number in the file, and the bytes of constants as numbers; source: enum TensorType of schema.fbs. */
import { fail } from "../../ir/diagnostics.js";
import type { NumericArray } from "../../ir/foreign.js";

export const TENSOR_TYPES = [
  "FLOAT32", "FLOAT16", "INT32", "UINT8", "INT64", "STRING", "BOOL", "INT16", "COMPLEX64", "INT8", "FLOAT64", "COMPLEX128", "UINT64",
  "RESOURCE", "VARIANT", "UINT32", "UINT16", "INT4", "BFLOAT16", "INT2", "UINT4", "FLOAT8_E4M3FN", "FLOAT8_E5M2",
] as const;
export type TensorType = (typeof TENSOR_TYPES)[number];

interface Element {
  readonly bits: number;
  readonly make: (n: number) => NumericArray;
  readonly read: (v: DataView, i: number) => number;
}

function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

const word = new DataView(new ArrayBuffer(4));

function bfloat(bits: number): number {
  word.setUint32(0, (bits << 16) >>> 0);
  return word.getFloat32(0);
}

/** The high half is signed for INT64; sums beyond 2^53 are rounded and found out later. */
const wide = (v: DataView, i: number, high: number): number => high * 2 ** 32 + v.getUint32(8 * i, true);

const f32 = (n: number): NumericArray => new Float32Array(n);
const f64 = (n: number): NumericArray => new Float64Array(n);
const i8 = (n: number): NumericArray => new Int8Array(n);
const u8 = (n: number): NumericArray => new Uint8Array(n);

/** The first element of a byte stands in its low bits. */
const nibble = (v: DataView, i: number): number => (v.getUint8(i >> 1) >>> (4 * (i & 1))) & 15;
const crumb = (v: DataView, i: number): number => (v.getUint8(i >> 2) >>> (2 * (i & 3))) & 3;

/** What can be read; text, complex numbers, handles and 8-bit floats cannot. */
const ELEMENTS: { readonly [T in TensorType]?: Element } = {
  FLOAT32: { bits: 32, make: f32, read: (v, i) => v.getFloat32(4 * i, true) },
  FLOAT16: { bits: 16, make: f32, read: (v, i) => half(v.getUint16(2 * i, true)) },
  BFLOAT16: { bits: 16, make: f32, read: (v, i) => bfloat(v.getUint16(2 * i, true)) },
  FLOAT64: { bits: 64, make: f64, read: (v, i) => v.getFloat64(8 * i, true) },
  INT64: { bits: 64, make: f64, read: (v, i) => wide(v, i, v.getInt32(8 * i + 4, true)) },
  UINT64: { bits: 64, make: f64, read: (v, i) => wide(v, i, v.getUint32(8 * i + 4, true)) },
  INT32: { bits: 32, make: (n) => new Int32Array(n), read: (v, i) => v.getInt32(4 * i, true) },
  UINT32: { bits: 32, make: (n) => new Uint32Array(n), read: (v, i) => v.getUint32(4 * i, true) },
  INT16: { bits: 16, make: (n) => new Int16Array(n), read: (v, i) => v.getInt16(2 * i, true) },
  UINT16: { bits: 16, make: (n) => new Uint16Array(n), read: (v, i) => v.getUint16(2 * i, true) },
  INT8: { bits: 8, make: i8, read: (v, i) => v.getInt8(i) },
  UINT8: { bits: 8, make: u8, read: (v, i) => v.getUint8(i) },
  BOOL: { bits: 8, make: u8, read: (v, i) => (v.getUint8(i) === 0 ? 0 : 1) },
  INT4: { bits: 4, make: i8, read: (v, i) => (nibble(v, i) << 28) >> 28 },
  UINT4: { bits: 4, make: u8, read: nibble },
  INT2: { bits: 2, make: i8, read: (v, i) => (crumb(v, i) << 30) >> 30 },
};

/** Bytes that `n` elements take, packed where they are smaller than a byte; null for a type whose elements have no fixed size here. */
export function byteLength(type: TensorType, n: number): number | null {
  const element = ELEMENTS[type];
  return element === undefined ? null : Math.ceil((n * element.bits) / 8);
}

/** A tensor as far as its constant data go. */
export interface Constant {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  readonly data: Uint8Array | null;
}

/**
 * The values of a constant tensor: float16 widened, integers below a byte unpacked, 64-bit integers as exact doubles.
 * @throws CoincellError when there are no data, too few or too many, a type that is not read, or a 64-bit integer beyond 2^53.
 */
export function valuesOf(t: Constant, file: string): NumericArray {
  const where = `${file}: tensor "${t.name}"`;
  const element = ELEMENTS[t.type];
  if (element === undefined) {
    return fail("tflite/element-type", where, `its elements are ${t.type}`, `Constants of these types are read: ${Object.keys(ELEMENTS).join(", ")}`);
  }
  const n = t.shape.reduce((a, b) => a * b, 1);
  const due = Math.ceil((n * element.bits) / 8);
  const have = t.data?.length ?? 0;
  if (have !== due) {
    fail("tflite/constant-size", where, `${n} elements of ${t.type} take ${due} bytes, the file holds ${have}`,
      "The file is damaged, or the tensor is computed on the device where a constant is needed; convert the model again");
  }
  const out = element.make(n);
  if (t.data === null) return out;
  const view = new DataView(t.data.buffer, t.data.byteOffset, t.data.byteLength);
  for (let i = 0; i < n; i++) out[i] = element.read(view, i);
  if (t.type === "INT64" || t.type === "UINT64") {
    const bad = out.findIndex((x) => !Number.isSafeInteger(x));
    if (bad >= 0) fail("tflite/constant-range", where, `element ${bad} is about ${out[bad]}, beyond 2^53`, "Convert the model with 32-bit integers");
  }
  return out;
}
