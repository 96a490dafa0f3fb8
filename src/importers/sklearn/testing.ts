/** Helpers of this folder's tests: pickles by hand, and errors that must be ours. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CoincellError } from "../../ir/diagnostics.js";
import { type Foreign, type ForeignValue, isForeign, type NdArray, isNdArray } from "../../ir/foreign.js";

/** Bytes from text (latin-1), byte values and byte runs. */
export const bytes = (...parts: readonly (string | number | Uint8Array)[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.concat(parts.map((p) => (typeof p === "number" ? Buffer.from([p]) : typeof p === "string" ? Buffer.from(p, "latin1") : p))));

export const u32 = (n: number): Uint8Array => Buffer.from(new Uint32Array([n]).buffer);
export const repeat = (part: Uint8Array, count: number): Uint8Array => Buffer.concat(Array<Uint8Array>(count).fill(part));

/** A pickle of an object `a.b.C` whose attribute `x` the given opcodes make. */
export const withX = (...made: readonly (string | number | Uint8Array)[]): Uint8Array => bytes("\x80\x04ca.b\nC\n)\x81}U\x01x", ...made, "sb.");

export const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
export const fromBase64 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "base64"));

export function field(f: Foreign, name = "x"): ForeignValue {
  const v = f.fields.get(name);
  if (v === undefined) return assert.fail(`no field ${name}`);
  return v;
}

export function foreign(v: ForeignValue | undefined): Foreign {
  return isForeign(v) ? v : assert.fail("not an object");
}

export function nd(v: ForeignValue | undefined): NdArray {
  return isNdArray(v) ? v : assert.fail("not an array");
}

/** Asserts a diagnostic, and that it came within two seconds (one on an idle machine). */
export function refuses(code: string | undefined, run: () => unknown): void {
  const start = performance.now();
  assert.throws(run, (e) => {
    assert.ok(e instanceof CoincellError, `not ours: ${e instanceof Error ? e.stack : String(e)}`);
    if (code !== undefined) assert.equal(e.diagnostic.code, code);
    assert.ok(e.diagnostic.where !== "" && e.diagnostic.what !== "" && e.diagnostic.cure !== "");
    return true;
  });
  assert.ok(performance.now() - start < 2000, `took ${performance.now() - start} ms`);
}

/** Test material outside the repository; undefined on a machine without it. */
export function shared(path: string): string | undefined {
  const at = fileURLToPath(new URL(`../../../../shared/fixtures/classical/${path}`, import.meta.url));
  return existsSync(at) ? at : undefined;
}
