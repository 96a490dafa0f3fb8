/**
 * The parameter table of an operator and its uses: the TypeScript type of `prepare`'s result, the C struct, its
 * initialiser, and the binary layout in a model file. (The C texts are written by `emit/`, from this table.)
 */
import { fail } from "./diagnostics.js";
import { arrayFrom, bytesOf, dtypeOf, type DType, type IntDType, type TypedArray } from "./types.js";

/**
 * A scalar of a fixed C type; `len`, a count whose C type is the narrowest unsigned one (u32 in a model file);
 * or `rom`, an array in flash whose element type is that of the value given.
 */
export type ParamKind = "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "f32" | "len" | "rom";
export type ParamTable = Readonly<Record<string, ParamKind>>;
export type ParamValue<K extends ParamKind> = K extends "rom" ? TypedArray : number;
export type ParamValues<P extends ParamTable> = { readonly [K in keyof P]: ParamValue<P[K]> };
export type AnyParams = Readonly<Record<string, number | TypedArray>>;

type ScalarKind = Exclude<ParamKind, "rom" | "len">;
/** How a scalar is stored in a model file. */
const stored = (k: Exclude<ParamKind, "rom">): ScalarKind => (k === "len" ? "u32" : k);

export const cTypes: Readonly<Record<Exclude<DType, "f64">, string>> = {
  f32: "float", i32: "int32_t", u32: "uint32_t", i16: "int16_t", u16: "uint16_t", i8: "int8_t", u8: "uint8_t",
};

/** Order of the type tags in a model file; append only. */
const romTags: readonly DType[] = ["u8", "i8", "u16", "i16", "u32", "i32", "f32"];

function setScalar(view: DataView, at: number, kind: ScalarKind, v: number): void {
  if (kind === "f32") view.setFloat32(at, v, true);
  else if (bytesOf(kind) === 4) view.setUint32(at, v, true);
  else if (bytesOf(kind) === 2) view.setUint16(at, v, true);
  else view.setUint8(at, v);
}

function getScalar(view: DataView, at: number, kind: ScalarKind): number {
  switch (kind) {
    case "f32": return view.getFloat32(at, true);
    case "u32": return view.getUint32(at, true);
    case "i32": return view.getInt32(at, true);
    case "u16": return view.getUint16(at, true);
    case "i16": return view.getInt16(at, true);
    case "u8": return view.getUint8(at);
    case "i8": return view.getInt8(at);
  }
}

/** Little-endian, in table order: scalars at their width; arrays as u8 type tag, u32 length, elements. */
export function encodeParams<P extends ParamTable>(table: P, values: ParamValues<P>): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, kind] of Object.entries(table)) {
    const v = values[name] as number | TypedArray;
    if (kind !== "rom") {
      const b = new Uint8Array(bytesOf(stored(kind)));
      setScalar(new DataView(b.buffer), 0, stored(kind), v as number);
      parts.push(b);
      continue;
    }
    const a = v as TypedArray;
    const head = new Uint8Array(5);
    head[0] = romTags.indexOf(dtypeOf(a));
    new DataView(head.buffer).setUint32(1, a.length, true);
    parts.push(head, new Uint8Array(a.buffer, a.byteOffset, a.byteLength));
  }
  return Uint8Array.from(parts.flatMap((p) => [...p]));
}

/** Reads back what {@link encodeParams} wrote; every length is checked against the bytes at hand. */
export function decodeParams<P extends ParamTable>(table: P, bytes: Uint8Array): ParamValues<P> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out: Record<string, number | TypedArray> = {};
  let at = 0;
  const need = (n: number): void => {
    if (at + n > bytes.length) fail("model-file/truncated", `byte ${at}`, `${n} bytes expected, ${bytes.length - at} left`, "Write the model file again.");
  };
  for (const [name, kind] of Object.entries(table)) {
    if (kind !== "rom") {
      const scalar = stored(kind);
      need(bytesOf(scalar));
      out[name] = getScalar(view, at, scalar);
      at += bytesOf(scalar);
      continue;
    }
    need(5);
    const dtype = romTags[view.getUint8(at)];
    const n = view.getUint32(at + 1, true);
    at += 5;
    if (dtype === undefined) fail("model-file/bad-type", `byte ${at - 5}`, "unknown element type", "Write the model file again.");
    need(n * bytesOf(dtype));
    const raw = bytes.slice(at, at + n * bytesOf(dtype));
    out[name] = arrayFrom(dtype, elements(dtype, raw, n));
    at += raw.length;
  }
  return out as ParamValues<P>;
}

function elements(dtype: DType, raw: Uint8Array, n: number): number[] {
  const view = new DataView(raw.buffer);
  return Array.from({ length: n }, (_, i) => getScalar(view, i * bytesOf(dtype), dtype as ScalarKind));
}

/** The smallest integer type that holds every value; signed unless `unsigned` is asked for. */
export function narrowest(values: ArrayLike<number>, among: readonly IntDType[] = ["i8", "i16", "i32"]): TypedArray {
  let lo = 0;
  let hi = 0;
  for (let i = 0; i < values.length; i++) {
    lo = Math.min(lo, values[i] ?? 0);
    hi = Math.max(hi, values[i] ?? 0);
  }
  for (const d of among) {
    const bits = bytesOf(d) * 8;
    const [min, max] = d.startsWith("u") ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
    if (lo >= min && hi <= max) return arrayFrom(d, values);
  }
  throw new Error(`values ${lo}..${hi} fit none of ${among.join(", ")}`);
}
