/** `.npy` bytes to arrays; source of truth: `numpy/lib/format.py` (versions 1.0, 2.0, 3.0). */
import type { NdArray, ObjectArray, RecordArray } from "../../ir/foreign.js";
import { Cursor } from "./cursor.js";
import { type Dtype, parseTypeString, type RecordField, recordType } from "./dtype.js";
import { type Budget, clip, createBudget, damaged, LIMITS } from "./limits.js";
import { countElements, decodeArray, type RawArray } from "./ndarray.js";

const MAGIC = "\x93NUMPY";
const HEADER_BYTES = 1 << 20;

/** The Python literals that such a header may hold. */
type Literal = string | number | boolean | readonly Literal[] | ReadonlyMap<string, Literal>;

/** Strict reader of the header's dict: strings, integers, True, False, tuples, lists. Nothing is evaluated. */
class LiteralReader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string, readonly where: string) {
    const tokens = text.match(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\d{1,16}L?|True|False|[{}()[\],:]|\S/g) ?? [];
    this.#tokens = tokens;
  }

  #next(): string {
    return this.#tokens[this.#at++] ?? damaged(this.where, "the header of the array ends too early");
  }

  #accept(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  #expect(token: string): void {
    if (!this.#accept(token)) damaged(this.where, `the header of the array has "${clip(this.#tokens[this.#at] ?? "its end")}" in place of "${token}"`);
  }

  #list(close: string, depth: number): readonly Literal[] {
    const out: Literal[] = [];
    while (!this.#accept(close)) {
      out.push(this.value(depth + 1));
      if (!this.#accept(",")) {
        this.#expect(close);
        break;
      }
    }
    return out;
  }

  #dict(depth: number): ReadonlyMap<string, Literal> {
    const out = new Map<string, Literal>();
    while (!this.#accept("}")) {
      const key = this.value(depth + 1);
      if (typeof key !== "string") damaged(this.where, "the header of the array has a key that is not text");
      this.#expect(":");
      out.set(String(key), this.value(depth + 1));
      if (!this.#accept(",")) {
        this.#expect("}");
        break;
      }
    }
    return out;
  }

  value(depth = 0): Literal {
    if (depth > 8) damaged(this.where, "the header of the array is nested too deeply");
    const token = this.#next();
    if (token === "(") return this.#list(")", depth);
    if (token === "[") return this.#list("]", depth);
    if (token === "{") return this.#dict(depth);
    if (token === "True" || token === "False") return token === "True";
    if (/^\d/.test(token)) return Number(token.replace("L", ""));
    if (token.length >= 2 && (token.startsWith("'") || token.startsWith('"'))) return token.slice(1, -1).replaceAll(/\\(.)/g, "$1");
    return damaged(this.where, `the header of the array holds "${clip(token)}"`);
  }

  whole(): Literal {
    const v = this.value();
    if (this.#at < this.#tokens.length) damaged(this.where, "the header of the array does not end with its dict");
    return v;
  }
}

/** `descr`: a type string, or a list of (name, type) where unnamed raw fields are padding. */
function dtypeOf(descr: Literal | undefined, where: string): Dtype {
  if (typeof descr === "string") return parseTypeString(descr, where);
  if (!Array.isArray(descr)) return damaged(where, "the header of the array has no type");
  const fields: RecordField[] = [];
  let offset = 0;
  for (const entry of descr) {
    const [named, text, sub] = Array.isArray(entry) ? entry as readonly Literal[] : [];
    // A field with a title has the pair (title, name) in place of its name.
    const name = Array.isArray(named) ? (named as readonly Literal[])[1] : named;
    if (typeof name !== "string" || typeof text !== "string" || sub !== undefined) return damaged(where, "the header of the array has a field of unknown form");
    const type = parseTypeString(text, where);
    if (name !== "") fields.push({ name, type, offset });
    offset += type.size;
  }
  return recordType(fields, offset, where);
}

function readHeader(cursor: Cursor): { readonly type: Dtype; readonly shape: readonly number[]; readonly fortran: boolean } {
  const { where } = cursor;
  if (String.fromCharCode(...cursor.take(MAGIC.length)) !== MAGIC) damaged(where, "not an array file of numpy");
  const major = cursor.u8();
  cursor.u8();
  if (major < 1 || major > 3) damaged(where, `the array file has version ${major}; 1 to 3 are known`);
  const length = major === 1 ? cursor.u16() : cursor.u32();
  if (length > HEADER_BYTES) damaged(where, "the header of the array is too long");
  const header = new LiteralReader(cursor.utf8(length), where).whole();
  if (!(header instanceof Map)) return damaged(where, "the header of the array is no dict");
  const shape: unknown = header.get("shape");
  const fortran: unknown = header.get("fortran_order");
  if (!Array.isArray(shape) || shape.length > LIMITS.rank || shape.some((n) => typeof n !== "number")) return damaged(where, "the header of the array has no valid shape");
  if (typeof fortran !== "boolean") return damaged(where, "the header of the array does not tell its order");
  return { type: dtypeOf(header.get("descr") as Literal | undefined, where), shape: shape as number[], fortran };
}

/** Splits `.npy` bytes into header and data. Arrays of Python objects are refused: they are pickles. */
export function splitNpy(bytes: Uint8Array, where: string): RawArray {
  const cursor = new Cursor(bytes, where);
  const { type, shape, fortran } = readHeader(cursor);
  if (type.kind === "scalar" && type.code === "O") return damaged(where, "the array file holds Python objects");
  return { bytes: cursor.take(countElements(shape, where) * type.size), type, shape, fortran };
}

/**
 * Reads `.npy` bytes into C order.
 * @throws CoincellError when damaged, too large, or of a type other than bool, numbers, strings and records of numbers
 */
export const readNpy = (bytes: Uint8Array, where: string, budget: Budget = createBudget(where)): NdArray | ObjectArray | RecordArray =>
  decodeArray(splitNpy(bytes, where), budget, where);
