/** Raw bytes plus dtype and shape to arrays in C order; source of truth: numpy's memory layout (`numpy.lib.format`). */
import { fail } from "../../ir/diagnostics.js";
import type { NdArray, NumericArray, ObjectArray, RecordArray } from "../../ir/foreign.js";
import type { Dtype, ScalarType } from "./dtype.js";
import { type Budget, damaged, LIMITS } from "./limits.js";

export interface RawArray {
  readonly bytes: Uint8Array;
  readonly type: Dtype;
  readonly shape: readonly number[];
  readonly fortran: boolean;
}

const HOST_IS_LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
/** A string element costs about this many numbers. */
const STRING_COST = 8;

/** Elements of a shape; fails on absurd shapes before anything is allocated. */
export function countElements(shape: readonly number[], where: string): number {
  if (shape.length > LIMITS.rank) return damaged(where, `an array has ${shape.length} dimensions`);
  let count = 1;
  for (const n of shape) {
    if (!Number.isSafeInteger(n) || n < 0) return damaged(where, "an array has a negative or broken dimension");
    count *= n;
  }
  // Dimensions may be large only beside a zero; the product is compared after all factors so that 0 wins.
  return Number.isSafeInteger(count) ? count : damaged(where, "an array has an absurd number of elements");
}

function float16(h: number): number {
  const sign = h & 0x8000 ? -1 : 1;
  const exponent = (h >> 10) & 31;
  const fraction = h & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

type Read = (view: DataView, at: number, little: boolean) => number;

/** NaN stands for an integer beyond 2^53: no 64-bit integer is NaN. */
function read64(view: DataView, at: number, little: boolean, signed: boolean): number {
  const low = view.getUint32(little ? at : at + 4, little);
  const high = signed ? view.getInt32(little ? at + 4 : at, little) : view.getUint32(little ? at + 4 : at, little);
  const v = high * 2 ** 32 + low;
  return Math.abs(v) < 2 ** 53 || (Math.abs(v) === 2 ** 53 && low === 0) ? v : NaN;
}

const FORMS: Readonly<Record<string, readonly [new (n: number) => NumericArray, Read]>> = {
  i1: [Int8Array, (v, p) => v.getInt8(p)],
  u1: [Uint8Array, (v, p) => v.getUint8(p)],
  b1: [Uint8Array, (v, p) => (v.getUint8(p) === 0 ? 0 : 1)],
  i2: [Int16Array, (v, p, le) => v.getInt16(p, le)],
  u2: [Uint16Array, (v, p, le) => v.getUint16(p, le)],
  i4: [Int32Array, (v, p, le) => v.getInt32(p, le)],
  u4: [Uint32Array, (v, p, le) => v.getUint32(p, le)],
  i8: [Float64Array, (v, p, le) => read64(v, p, le, true)],
  u8: [Float64Array, (v, p, le) => read64(v, p, le, false)],
  f2: [Float32Array, (v, p, le) => float16(v.getUint16(p, le))],
  f4: [Float32Array, (v, p, le) => v.getFloat32(p, le)],
  f8: [Float64Array, (v, p, le) => v.getFloat64(p, le)],
};

interface Column {
  readonly bytes: Uint8Array;
  readonly type: ScalarType;
  readonly offset: number;
  readonly stride: number;
  readonly count: number;
}

function readNumbers(c: Column, where: string): NumericArray {
  const form = FORMS[`${c.type.code}${c.type.size}`];
  if (form === undefined) return damaged(where, "an array of numbers has an unknown element type");
  const [Typed, read] = form;
  const out = new Typed(c.count);
  const wide = c.type.size === 8 && c.type.code !== "f";
  const sameLayout = c.stride === c.type.size && HOST_IS_LITTLE && !c.type.bigEndian && out.BYTES_PER_ELEMENT === c.stride;
  if (sameLayout && !wide && c.type.code !== "b") {
    new Uint8Array(out.buffer).set(c.bytes.subarray(c.offset, c.offset + c.count * c.stride));
    return out;
  }
  const view = new DataView(c.bytes.buffer, c.bytes.byteOffset, c.bytes.byteLength);
  const little = !c.type.bigEndian;
  for (let i = 0, at = c.offset; i < c.count; i++, at += c.stride) {
    const v = read(view, at, little);
    if (wide && Number.isNaN(v)) {
      return fail("sklearn/inexact-integer", where, "a 64-bit integer array holds a value beyond 2^53", "Save the array with smaller integers or as float64.");
    }
    out[i] = v;
  }
  return out;
}

function readUnicode(view: DataView, at: number, size: number, little: boolean, where: string): string {
  const points: number[] = [];
  for (let p = at; p < at + size; p += 4) points.push(view.getUint32(p, little));
  while (points.at(-1) === 0) points.pop();
  if (points.some((x) => x > 0x10ffff)) return damaged(where, "a string of an array holds an invalid character");
  let text = "";
  for (let i = 0; i < points.length; i += 1024) text += String.fromCodePoint(...points.slice(i, i + 1024));
  return text;
}

/** Strings; bytes come as latin-1 strings, so that labels of either kind read alike. */
function readStrings(c: Column, where: string): string[] {
  const view = new DataView(c.bytes.buffer, c.bytes.byteOffset, c.bytes.byteLength);
  const out: string[] = [];
  for (let i = 0, at = c.offset; i < c.count; i++, at += c.stride) {
    if (c.type.code === "U") {
      out.push(readUnicode(view, at, c.type.size, !c.type.bigEndian, where));
      continue;
    }
    let end = at + c.type.size;
    while (end > at && c.bytes[end - 1] === 0) end--;
    out.push(Buffer.from(c.bytes.buffer, c.bytes.byteOffset + at, end - at).toString("latin1"));
  }
  return out;
}

/** Column-major to row-major; a copy only where the orders differ. */
function toRowMajor<T extends NumericArray | unknown[]>(data: T, shape: readonly number[]): T {
  if (shape.filter((n) => n !== 1).length < 2 || data.length === 0) return data;
  const strides: number[] = [];
  let stride = 1;
  for (const n of shape) {
    strides.push(stride);
    stride *= n;
  }
  const out = data.slice() as T;
  const at = shape.map(() => 0);
  for (let i = 0, from = 0; i < data.length; i++) {
    out[i] = data[from] as T[number];
    for (let d = shape.length - 1; d >= 0; d--) {
      const next = (at[d] ?? 0) + 1;
      from += strides[d] ?? 0;
      at[d] = next;
      if (next < (shape[d] ?? 0)) break;
      from -= next * (strides[d] ?? 0);
      at[d] = 0;
    }
  }
  return out;
}

/** Decodes any array but those of Python objects; spends before it allocates. */
export function decodeArray(raw: RawArray, budget: Budget, where: string): NdArray | ObjectArray | RecordArray {
  const { bytes, type, shape } = raw;
  const count = countElements(shape, where);
  if (count * type.size !== bytes.length) return damaged(where, `an array of ${count} elements of ${type.size} bytes has ${bytes.length} bytes`);
  if (type.kind === "scalar") {
    const column: Column = { bytes, type, offset: 0, stride: type.size, count };
    if (type.code === "U" || type.code === "S") {
      budget.spend(count * STRING_COST + bytes.length);
      return { kind: "objects", shape, data: raw.fortran ? toRowMajor(readStrings(column, where), shape) : readStrings(column, where) };
    }
    if (type.code === "O") return damaged(where, "an array of Python objects has raw bytes");
    if (type.code === "V") return damaged(where, "an array has elements of unknown type");
    budget.spend(count * (raw.fortran ? 2 : 1) + 1);
    const data = readNumbers(column, where);
    return { kind: "ndarray", shape, data: raw.fortran ? toRowMajor(data, shape) : data };
  }
  const columns = new Map<string, NdArray>();
  for (const f of type.fields) {
    if (f.type.code === "V") continue;
    if (f.type.code === "U" || f.type.code === "S") return damaged(where, `field "${f.name}" of a structured array holds strings`);
    budget.spend(count * (raw.fortran ? 2 : 1) + 1);
    const data = readNumbers({ bytes, type: f.type, offset: f.offset, stride: type.size, count }, where);
    columns.set(f.name, { kind: "ndarray", shape, data: raw.fortran ? toRowMajor(data, shape) : data });
  }
  return { kind: "records", shape, columns };
}

/** One numpy scalar as a JavaScript value; 64-bit integers beyond 2^53 become bigint (seeds are such). */
export function decodeScalar(type: ScalarType, bytes: Uint8Array, budget: Budget, where: string): number | bigint | boolean | string {
  if (bytes.length !== type.size) return damaged(where, `a numpy scalar of ${type.size} bytes has ${bytes.length}`);
  if (type.size === 8 && (type.code === "i" || type.code === "u")) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
    const v = type.code === "i" ? view.getBigInt64(0, !type.bigEndian) : view.getBigUint64(0, !type.bigEndian);
    return v >= -(2n ** 53n) && v <= 2n ** 53n ? Number(v) : v;
  }
  const a = decodeArray({ bytes, type, shape: [], fortran: false }, budget, where);
  const v = a.kind === "records" ? undefined : a.data[0];
  if (typeof v === "number") return type.code === "b" ? v !== 0 : v;
  return typeof v === "string" ? v : damaged(where, "a numpy scalar has no value");
}
