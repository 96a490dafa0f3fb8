/** numpy element types as data; source of truth: numpy's array-protocol type strings and `dtype.__reduce__`. */
import { fail } from "../../ir/diagnostics.js";
import { clip, damaged, LIMITS } from "./limits.js";

/** `code` as in numpy's type strings: signed, unsigned, float, bool, unicode, bytes, raw (padding), object. */
export interface ScalarType {
  readonly kind: "scalar";
  readonly code: "i" | "u" | "f" | "b" | "U" | "S" | "V" | "O";
  /** Bytes of one element. */
  readonly size: number;
  readonly bigEndian: boolean;
}

export interface RecordField {
  readonly name: string;
  readonly type: ScalarType;
  /** Bytes from the start of the record. */
  readonly offset: number;
}

export interface RecordType {
  readonly kind: "record";
  /** Bytes of one record, padding included. */
  readonly size: number;
  readonly fields: readonly RecordField[];
}

export type Dtype = ScalarType | RecordType;

const SIZES: Readonly<Record<string, readonly number[]>> = { i: [1, 2, 4, 8], u: [1, 2, 4, 8], f: [2, 4, 8], b: [1], O: [4, 8] };
const SUPPORTED = "Supported are bool, integers of 8 to 64 bits, floats of 16 to 64 bits, strings, and records of these.";

/** Text `<f8`, `|S3`, `U5`, `?` ... to a type; fails on complex, dates and long doubles. */
export function parseTypeString(text: string, where: string): ScalarType {
  const m = /^([<>|=]?)([a-zA-Z?])(\d{0,9})$/.exec(text.slice(0, 32));
  if (m === null || text.length > 32) return damaged(where, `"${clip(text)}" is not a numpy type`);
  const code = m[2] === "?" ? "b" : m[2] === "a" ? "S" : m[2] ?? "";
  const size = m[3] === "" ? (code === "O" ? 8 : code === "b" ? 1 : 0) : Number(m[3]);
  const bigEndian = m[1] === ">";
  switch (code) {
    case "U": return { kind: "scalar", code, size: size * 4, bigEndian };
    case "S": case "V": return { kind: "scalar", code, size, bigEndian };
    case "i": case "u": case "f": case "b": case "O":
      if (SIZES[code]?.includes(size)) return { kind: "scalar", code, size, bigEndian };
      break;
    default:
  }
  return fail("sklearn/unsupported-dtype", where, `an array has elements of the numpy type "${clip(text)}"`, `${SUPPORTED} Convert it before saving.`);
}

/** Checks that every field lies inside the record. */
export function recordType(fields: readonly RecordField[], size: number, where: string): RecordType {
  if (fields.length === 0 || fields.length > LIMITS.recordFields) return damaged(where, `a structured dtype has ${fields.length} fields`);
  if (!Number.isSafeInteger(size) || size < 0) return damaged(where, "a structured dtype has no valid size");
  for (const f of fields) {
    if (!Number.isSafeInteger(f.offset) || f.offset < 0 || f.offset + f.type.size > size) {
      return damaged(where, `field "${clip(f.name)}" of a structured dtype lies outside its record`);
    }
    if (f.type.code === "O") return damaged(where, `field "${clip(f.name)}" of a structured dtype holds Python objects`);
  }
  return { kind: "record", size, fields };
}

/** The type string again, for a dtype that is itself a value (`dtype=` parameters). */
export function typeString(t: Dtype): string {
  if (t.kind === "record") return `V${t.size}`;
  const order = t.size === 1 || t.code === "S" || t.code === "V" || t.code === "O" ? "|" : t.bigEndian ? ">" : "<";
  return t.code === "O" ? "O" : `${order}${t.code}${t.code === "U" ? t.size / 4 : t.size}`;
}
