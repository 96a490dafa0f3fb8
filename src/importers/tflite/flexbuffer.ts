/**
 * Options of custom operators: a FlexBuffer map of scalars; source: flatbuffers.dev/flexbuffers. All else in it is left out, and bytes
 * that are no such map give nothing: every custom operator may lay out its options as it likes.
 */
const MAP = 9;

/** A scalar at `at`, `width` bytes long: signed (1), unsigned (2), floating (3), truth value (26). */
function scalar(v: DataView, at: number, width: number, type: number): number | boolean | null {
  if (type === 3) return width === 4 ? v.getFloat32(at, true) : width === 8 ? v.getFloat64(at, true) : null;
  if (type !== 1 && type !== 2 && type !== 26) return null;
  const value = type === 1 ? signed(v, at, width) : unsigned(v, at, width);
  return type === 26 ? value !== 0 : value;
}

function unsigned(v: DataView, at: number, width: number): number {
  if (width === 1) return v.getUint8(at);
  if (width === 2) return v.getUint16(at, true);
  return width === 4 ? v.getUint32(at, true) : Number(v.getBigUint64(at, true));
}

function signed(v: DataView, at: number, width: number): number {
  if (width === 1) return v.getInt8(at);
  if (width === 2) return v.getInt16(at, true);
  return width === 4 ? v.getInt32(at, true) : Number(v.getBigInt64(at, true));
}

/** References lead backwards, counted from where they stand. */
const target = (v: DataView, at: number, width: number): number => at - unsigned(v, at, width);

function keyAt(bytes: Uint8Array, at: number): string {
  const end = bytes.indexOf(0, at);
  return end < at ? "" : new TextDecoder().decode(bytes.subarray(at, Math.min(end, at + 64)));
}

function mapOf(bytes: Uint8Array): Record<string, number | boolean> {
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length;
  const rootWidth = v.getUint8(end - 1);
  const packed = v.getUint8(end - 2);
  if (packed >> 2 !== MAP || ![1, 2, 4, 8].includes(rootWidth)) return {};
  const width = 1 << (packed & 3);
  const first = target(v, end - 2 - rootWidth, rootWidth);
  const n = unsigned(v, first - width, width);
  const keyWidth = unsigned(v, first - 2 * width, width);
  const keys = target(v, first - 3 * width, width);
  if (n > end || ![1, 2, 4, 8].includes(keyWidth)) return {};
  const out: Record<string, number | boolean> = {};
  for (let i = 0; i < n; i++) {
    const value = scalar(v, first + i * width, width, v.getUint8(first + n * width + i) >> 2);
    const key = keyAt(bytes, target(v, keys + i * keyWidth, keyWidth));
    if (value !== null && /^\w+$/.test(key) && key !== "__proto__") out[key] = value;
  }
  return out;
}

/** Numbers and truth values by their keys; empty where the bytes are no map. */
export function flexScalars(bytes: Uint8Array): Readonly<Record<string, number | boolean>> {
  try {
    return mapOf(bytes);
  } catch (e) {
    // A DataView throws where a reference leads outside.
    if (e instanceof RangeError) return {};
    throw e;
  }
}
