/** Typed arrays in a graph file: `{"$":"f64","base64":"…"}`, elements little-endian, so that every bit comes back. */
import { arrayFrom, bytesOf, dtypeOf, type DType, type TypedArray } from "../../ir/types.js";
import { bad, object, oneOf, text, type Json } from "./fields.js";

const dtypes: readonly DType[] = ["f64", "f32", "i32", "u32", "i16", "u16", "i8", "u8"];
/** As many bytes as the largest array of a model that could fit any board; the file itself bounds it too. */
const MAX_BYTES = 2 ** 28;

const getters: Readonly<Record<DType, (v: DataView, at: number) => number>> = {
  f64: (v, at) => v.getFloat64(at, true), f32: (v, at) => v.getFloat32(at, true),
  i32: (v, at) => v.getInt32(at, true), u32: (v, at) => v.getUint32(at, true),
  i16: (v, at) => v.getInt16(at, true), u16: (v, at) => v.getUint16(at, true),
  i8: (v, at) => v.getInt8(at), u8: (v, at) => v.getUint8(at),
};
const setters: Readonly<Record<DType, (v: DataView, at: number, x: number) => void>> = {
  f64: (v, at, x) => v.setFloat64(at, x, true), f32: (v, at, x) => v.setFloat32(at, x, true),
  i32: (v, at, x) => v.setInt32(at, x, true), u32: (v, at, x) => v.setUint32(at, x, true),
  i16: (v, at, x) => v.setInt16(at, x, true), u16: (v, at, x) => v.setUint16(at, x, true),
  i8: (v, at, x) => v.setInt8(at, x), u8: (v, at, x) => v.setUint8(at, x),
};

export function writeArray(a: TypedArray): Json {
  const dtype = dtypeOf(a);
  const size = bytesOf(dtype);
  const view = new DataView(new ArrayBuffer(a.length * size));
  a.forEach((x, i) => setters[dtype](view, i * size, x));
  return { $: dtype, base64: Buffer.from(view.buffer).toString("base64") };
}

export function readArray(v: Json, where: string): TypedArray {
  const o = object(v, where);
  const dtype = oneOf(o["$"], `${where}.$`, dtypes);
  const code = text(o["base64"], `${where}.base64`);
  if (code.length > MAX_BYTES || !/^[A-Za-z0-9+/]*={0,2}$/.test(code) || code.length % 4 !== 0) return bad(`${where}.base64`, "this is no base64 text");
  const bytes = Buffer.from(code, "base64");
  const size = bytesOf(dtype);
  if (bytes.length % size !== 0) return bad(`${where}.base64`, `${bytes.length} bytes are not whole elements of ${size}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return arrayFrom(dtype, Array.from({ length: bytes.length / size }, (_, i) => getters[dtype](view, i * size)));
}
