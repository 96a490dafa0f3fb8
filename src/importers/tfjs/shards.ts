/** Weights of TensorFlow.js: one run of bytes, cut by a list of names, shapes and types; some are quantised to 8 or 16 bits. */
import { fail } from "../../ir/diagnostics.js";
import { halves } from "../keras/hdf5/types.js";
import { isObject, list, object, own, text, type Json, type JsonObject } from "../keras/json.js";
import { clip, damaged, LIMITS, tooLarge } from "../keras/limits.js";
import type { Weight } from "../keras/weights.js";

const SIZES: Readonly<Record<string, number>> = { float32: 4, int32: 4, uint8: 1, bool: 1, uint16: 2, float16: 2 };

function decode(type: string, bytes: Uint8Array): Float32Array {
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const all = (n: number, read: (at: number) => number): Float32Array => Float32Array.from({ length: bytes.length / n }, (_, i) => read(i * n));
  switch (type) {
    case "float32": return all(4, (i) => v.getFloat32(i, true));
    case "int32": return all(4, (i) => v.getInt32(i, true));
    case "uint16": return all(2, (i) => v.getUint16(i, true));
    case "float16": return halves(bytes);
    default: return Float32Array.from(bytes);
  }
}

const finite = (v: Json | undefined, where: string): number => (typeof v === "number" && Number.isFinite(v) ? v : damaged(where, "a quantised weight has no scale or no smallest value"));

function shapeOf(v: JsonObject, where: string): readonly number[] {
  const shape = list(own(v, "shape"), where, "the shape of a weight");
  const fits = shape.length <= 8 && shape.every((d): d is number => typeof d === "number" && Number.isInteger(d) && d >= 0);
  const n = fits ? (shape as readonly number[]).reduce((p, d) => p * d, 1) : Infinity;
  return n <= LIMITS.weights ? (shape as readonly number[]) : damaged(where, "the shape of a weight is no list of lengths");
}

/** @param bytes all files of the group, one after the other */
export function readWeights(specs: readonly Json[], bytes: Uint8Array, file: string): readonly Weight[] {
  let at = 0;
  if (specs.length > LIMITS.layers * 4) return tooLarge(file, `it lists ${specs.length} weights`);
  return specs.map((s): Weight => {
    const spec = object(s, file, "a weight");
    const name = text(own(spec, "name"), file, "the name of a weight");
    const where = `${file}: weight ${clip(name)}`;
    const packed = own(spec, "quantization");
    const stored = text(isObject(packed) ? own(packed, "dtype") : own(spec, "dtype"), where, "its type");
    const size = Object.hasOwn(SIZES, stored) ? (SIZES[stored] ?? 0) : fail("tfjs/weights", where, `weights of type ${clip(stored)}`, `Supported: ${Object.keys(SIZES).join(", ")}.`);
    const shape = shapeOf(spec, where);
    const length = shape.reduce((p, d) => p * d, size);
    if (at + length > bytes.length) return damaged(where, "the weight files are too short");
    const raw = decode(stored, bytes.subarray(at, at += length));
    if (!isObject(packed) || stored === "float16") return { name, shape, data: raw };
    const [scale, min] = [finite(own(packed, "scale"), where), finite(own(packed, "min"), where)];
    return { name, shape, data: raw.map((q) => q * scale + min) };
  });
}
