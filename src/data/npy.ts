/** NumPy arrays (`.npy` 1.0 to 3.0) as numbers or texts; source of truth: `numpy/lib/format.py`. Python objects are refused. */
import { fail } from "../ir/diagnostics.js";

export interface NpyArray {
  readonly shape: readonly number[];
  /** C order. */
  readonly values: Float64Array | readonly string[];
}

const bad = (where: string, what: string): never => fail("data/bad-npy", where, what, "Save the array again with numpy.save or numpy.savez: numbers, booleans or texts.");

type Getter = (v: DataView, at: number, little: boolean) => number;
const getters: Readonly<Record<string, readonly [number, Getter]>> = {
  b1: [1, (v, at) => v.getUint8(at)], u1: [1, (v, at) => v.getUint8(at)], i1: [1, (v, at) => v.getInt8(at)],
  u2: [2, (v, at, l) => v.getUint16(at, l)], i2: [2, (v, at, l) => v.getInt16(at, l)], f2: [2, (v, at, l) => half(v.getUint16(at, l))],
  u4: [4, (v, at, l) => v.getUint32(at, l)], i4: [4, (v, at, l) => v.getInt32(at, l)], f4: [4, (v, at, l) => v.getFloat32(at, l)],
  u8: [8, (v, at, l) => Number(v.getBigUint64(at, l))], i8: [8, (v, at, l) => Number(v.getBigInt64(at, l))], f8: [8, (v, at, l) => v.getFloat64(at, l)],
};

function half(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

interface Header {
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  readonly at: number;
}

function headerOf(bytes: Uint8Array, where: string): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || Buffer.from(bytes.subarray(0, 6)).toString("latin1") !== "\x93NUMPY") return bad(where, "this is no array file of numpy");
  const wide = (bytes[6] ?? 0) > 1;
  const [start, length] = wide ? [12, view.getUint32(8, true)] : [10, view.getUint16(8, true)];
  if (start + length > bytes.length) return bad(where, "the header is cut off");
  const text = Buffer.from(bytes.subarray(start, start + length)).toString("latin1");
  const descr = /'descr': *'([^']+)'/.exec(text)?.[1];
  const fortran = /'fortran_order': *(True|False)/.exec(text)?.[1];
  const shape = /'shape': *\(([\d, ]*)\)/.exec(text)?.[1];
  if (descr === undefined || fortran === undefined || shape === undefined) return bad(where, "the header is not that of a plain array");
  return { descr, fortran: fortran === "True", shape: shape.split(",").filter((s) => s.trim() !== "").map(Number), at: start + length };
}

/** Element of C order `i` in an array stored with its first axis fastest. */
function fortranIndex(i: number, shape: readonly number[]): number {
  let [rest, index, stride] = [i, 0, shape.reduce((a, b) => a * b, 1)];
  for (let k = shape.length - 1; k >= 0; k--) {
    const n = shape[k] ?? 1;
    stride /= n;
    index += (rest % n) * stride;
    rest = Math.floor(rest / n);
  }
  return index;
}

const texts = (view: DataView, at: number, count: number, width: number, little: boolean): readonly string[] =>
  Array.from({ length: count }, (_, i) => {
    let out = "";
    for (let c = 0; c < width; c++) {
      const code = view.getUint32(at + (i * width + c) * 4, little);
      if (code > 0 && code <= 0x10ffff) out += String.fromCodePoint(code);
    }
    return out;
  });

/** @throws CoincellError data/bad-npy */
export function readNpy(bytes: Uint8Array, where: string): NpyArray {
  const { descr, fortran, shape, at } = headerOf(bytes, where);
  const [, order = "", code = "", digits = ""] = /^([<>|=]?)([a-zA-Z])(\d*)$/.exec(descr) ?? [];
  const count = shape.reduce((a, b) => a * b, 1);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = order !== ">";
  const fits = (size: number): void => { if (!Number.isSafeInteger(count) || at + count * size > bytes.length) bad(where, `the file is cut off: ${count} elements of ${size} bytes are announced, ${bytes.length - at} bytes are there`); };
  if (code === "U") {
    const width = Number(digits);
    fits(width * 4);
    return { shape, values: texts(view, at, count, width, little) };
  }
  const [size, get] = getters[`${code}${digits}`] ?? bad(where, `elements of type "${descr.slice(0, 20)}"`);
  fits(size);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = get(view, at + size * (fortran && shape.length > 1 ? fortranIndex(i, shape) : i), little);
  return { shape, values };
}
