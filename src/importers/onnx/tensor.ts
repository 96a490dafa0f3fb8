/** TensorProto → NdArray (or ObjectArray for strings and for 64-bit integers beyond 2^53); source: onnx.proto, IR version 11. */
import { fail } from "../../ir/diagnostics.js";
import type { NdArray, NumericArray, ObjectArray } from "../../ir/foreign.js";
import { Wire } from "./protobuf.js";

export type OnnxTensor = NdArray | ObjectArray;

interface Format {
  readonly name: string;
  /** Bytes of one element in raw_data; 0 where raw_data is not allowed; 0.5 for two elements a byte. */
  readonly size: number;
  readonly make: (n: number) => NumericArray;
  readonly read: (v: DataView, i: number) => number;
  /** The typed field that may hold the values instead of raw_data. */
  readonly field: "float" | "double" | "int32" | "int64" | "uint64" | "string";
}

const half = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
};

const word = new DataView(new ArrayBuffer(4));
const bfloat = (bits: number): number => {
  word.setUint32(0, (bits << 16) >>> 0);
  return word.getFloat32(0);
};

const nibble = (v: DataView, i: number): number => (v.getUint8(i >> 1) >>> (4 * (i & 1))) & 15;
const f32 = (n: number) => new Float32Array(n);
const f64 = (n: number) => new Float64Array(n);

const FORMATS: ReadonlyMap<number, Format> = new Map<number, Format>([
  [1, { name: "float32", size: 4, make: f32, read: (v, i) => v.getFloat32(4 * i, true), field: "float" }],
  [2, { name: "uint8", size: 1, make: (n) => new Uint8Array(n), read: (v, i) => v.getUint8(i), field: "int32" }],
  [3, { name: "int8", size: 1, make: (n) => new Int8Array(n), read: (v, i) => v.getInt8(i), field: "int32" }],
  [4, { name: "uint16", size: 2, make: (n) => new Uint16Array(n), read: (v, i) => v.getUint16(2 * i, true), field: "int32" }],
  [5, { name: "int16", size: 2, make: (n) => new Int16Array(n), read: (v, i) => v.getInt16(2 * i, true), field: "int32" }],
  [6, { name: "int32", size: 4, make: (n) => new Int32Array(n), read: (v, i) => v.getInt32(4 * i, true), field: "int32" }],
  [7, { name: "int64", size: 8, make: f64, read: () => 0, field: "int64" }],
  [8, { name: "string", size: 0, make: f64, read: () => 0, field: "string" }],
  [9, { name: "bool", size: 1, make: (n) => new Uint8Array(n), read: (v, i) => v.getUint8(i), field: "int32" }],
  [10, { name: "float16", size: 2, make: f32, read: (v, i) => half(v.getUint16(2 * i, true)), field: "int32" }],
  [11, { name: "float64", size: 8, make: f64, read: (v, i) => v.getFloat64(8 * i, true), field: "double" }],
  [12, { name: "uint32", size: 4, make: (n) => new Uint32Array(n), read: (v, i) => v.getUint32(4 * i, true), field: "uint64" }],
  [13, { name: "uint64", size: 8, make: f64, read: () => 0, field: "uint64" }],
  [16, { name: "bfloat16", size: 2, make: f32, read: (v, i) => bfloat(v.getUint16(2 * i, true)), field: "int32" }],
  [21, { name: "uint4", size: 0.5, make: (n) => new Uint8Array(n), read: nibble, field: "int32" }],
  [22, { name: "int4", size: 0.5, make: (n) => new Int8Array(n), read: (v, i) => (nibble(v, i) << 28) >> 28, field: "int32" }],
]);

/** The name of a TensorProto.DataType, e.g. `float32`. */
export const elemTypeName = (code: number): string => FORMATS.get(code)?.name ?? `type-${code}`;

interface Parts {
  name: string;
  type: number;
  raw: Uint8Array | null;
  external: string | null;
  segmented: boolean;
  readonly dims: (number | bigint)[];
  readonly floats: number[];
  readonly doubles: number[];
  readonly ints: (number | bigint)[];
  readonly longs: (number | bigint)[];
  readonly unsigned: (number | bigint)[];
  readonly strings: string[];
}

const MAX_STRINGS = 1_000_000;

function externalEntry(bytes: Uint8Array, where: string): string {
  const w = new Wire(bytes, where);
  let key = "";
  let value = "";
  while (w.next()) {
    if (w.number === 1) key = w.text();
    else if (w.number === 2) value = w.text();
    else w.skip();
  }
  return key === "location" ? value.slice(0, 80) : "";
}

function readParts(bytes: Uint8Array, where: string): Parts {
  const w = new Wire(bytes, where);
  const p: Parts = {
    name: "", type: 0, raw: null, external: null, segmented: false,
    dims: [], floats: [], doubles: [], ints: [], longs: [], unsigned: [], strings: [],
  };
  let entries = 0;
  while (w.next()) {
    switch (w.number) {
      case 1: w.int64List(p.dims); break;
      case 2: p.type = w.integer(); break;
      case 3: p.segmented = true; w.skip(); break;
      case 4: w.floatList(p.floats, 4); break;
      case 5: w.int64List(p.ints); break;
      case 6:
        if (p.strings.length >= MAX_STRINGS) w.broken(`more than ${MAX_STRINGS} texts in one tensor`);
        p.strings.push(w.text());
        break;
      case 7: w.int64List(p.longs); break;
      case 8: p.name = w.text(); break;
      case 9: p.raw = w.chunk(); break;
      case 10: w.floatList(p.doubles, 8); break;
      case 11: w.int64List(p.unsigned, false); break;
      case 13:
        if (++entries > 16) w.broken("too many entries of external data");
        p.external = externalEntry(w.chunk(), where) || (p.external ?? "");
        break;
      case 14: if (w.integer() === 1) p.external ??= ""; break;
      default: w.skip();
    }
  }
  return p;
}

function bad(where: string, what: string): never {
  return fail("onnx/bad-tensor", where, what, "The file is damaged; export it again, and check it with onnx.checker.check_model");
}

/** The shape and the number of elements; nothing is allocated before the file was seen to hold that many. */
function shapeOf(p: Parts, where: string): { shape: number[]; count: number } {
  if (p.dims.length > 16) bad(where, `${p.dims.length} dimensions`);
  const shape: number[] = [];
  let count = 1;
  for (const d of p.dims) {
    if (typeof d !== "number" || d < 0 || d > 0x7fffffff) return bad(where, `a dimension of ${d}`);
    shape.push(d);
    count *= d;
  }
  return Number.isSafeInteger(count) ? { shape, count } : bad(where, `shape [${shape}] has too many elements`);
}

function fromLongs(values: readonly (number | bigint)[], shape: readonly number[]): OnnxTensor {
  if (values.some((v) => typeof v === "bigint")) return { kind: "objects", shape, data: values.map(BigInt) };
  return { kind: "ndarray", shape, data: Float64Array.from(values, Number) };
}

function fromRaw(f: Format, raw: Uint8Array, count: number, shape: readonly number[], where: string): OnnxTensor {
  if (f.size === 0) bad(where, `raw_data for element type ${f.name}`);
  if (raw.length !== Math.ceil(count * f.size)) bad(where, `${raw.length} bytes of raw_data for ${count} ${f.name} elements`);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  if (f.name === "int64" || f.name === "uint64") {
    const longs: (number | bigint)[] = [];
    for (let i = 0; i < count; i++) {
      const high = f.name === "int64" ? view.getInt32(8 * i + 4, true) : view.getUint32(8 * i + 4, true);
      const low = view.getUint32(8 * i, true);
      const n = high * 2 ** 32 + low;
      longs.push(Number.isSafeInteger(n) ? n : (BigInt(high) << 32n) | BigInt(low));
    }
    return fromLongs(longs, shape);
  }
  const data = f.make(count);
  for (let i = 0; i < count; i++) data[i] = f.name === "bool" ? Number(f.read(view, i) !== 0) : f.read(view, i);
  return { kind: "ndarray", shape, data };
}

/** Float16, bfloat16 and 4-bit values stand as bit patterns in int32_data; the other integers as themselves. */
function fromTyped(f: Format, p: Parts, count: number, shape: readonly number[], where: string): OnnxTensor {
  const source = { float: p.floats, double: p.doubles, int32: p.ints, int64: p.longs, uint64: p.unsigned, string: p.strings }[f.field];
  const wanted = f.size === 0.5 ? Math.ceil(count / 2) : count;
  if (source.length !== wanted) bad(where, `${source.length} values for shape [${shape}] of ${f.name}`);
  if (f.field === "string") return { kind: "objects", shape, data: p.strings };
  if (f.name === "int64" || f.name === "uint64") return fromLongs(f.name === "int64" ? p.longs : p.unsigned, shape);
  const data = f.make(count);
  if (f.name === "float16" || f.name === "bfloat16" || f.size === 0.5) {
    const step = Math.max(1, f.size);
    const view = new DataView(new ArrayBuffer(wanted * step));
    p.ints.forEach((v, i) => {
      const bits = Number(v) & 0xffff;
      if (step === 2) view.setUint16(2 * i, bits, true);
      else view.setUint8(i, bits);
    });
    for (let i = 0; i < count; i++) data[i] = f.read(view, i);
    return { kind: "ndarray", shape, data };
  }
  for (let i = 0; i < count; i++) {
    const v = Number(source[i]);
    data[i] = f.name === "bool" ? Number(v !== 0) : v;
    if (f.field !== "float" && f.name !== "bool" && !Object.is(data[i], v) && !Number.isNaN(v)) bad(where, `value ${v} does not fit ${f.name}`);
  }
  return { kind: "ndarray", shape, data };
}

/** Decodes one TensorProto; external data, unknown element types and wrong sizes are refused. */
export function readTensor(bytes: Uint8Array, where: string): { readonly name: string; readonly tensor: OnnxTensor } {
  const p = readParts(bytes, where);
  const at = `${where} tensor "${p.name.slice(0, 80)}"`;
  if (p.external !== null) {
    fail("onnx/external-data", at, `its values lie in another file${p.external ? ` ("${p.external}")` : ""}`,
      "Save the model in one file: onnx.save_model(onnx.load(path), path, save_as_external_data=False)");
  }
  if (p.segmented) bad(at, "the tensor is stored in segments");
  const f = FORMATS.get(p.type);
  if (!f) {
    return fail("onnx/element-type", at, `element type ${p.type} is not supported`,
      `Supported are ${[...FORMATS.values()].map((x) => x.name).join(", ")}`);
  }
  const { shape, count } = shapeOf(p, at);
  const tensor = p.raw ? fromRaw(f, p.raw, count, shape, at) : fromTyped(f, p, count, shape, at);
  return { name: p.name, tensor };
}
