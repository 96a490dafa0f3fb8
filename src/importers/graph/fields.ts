/** Strict reading of a graph file's JSON: every value is checked where it is taken, and named where it is wrong. */
import { fail } from "../../ir/diagnostics.js";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [k: string]: Json };

const CURE = "Write the file again with coincell import; it is not meant to be edited by hand.";

export const bad = (where: string, what: string): never => fail("graph/bad-field", where, what, CURE);

const shown = (v: Json | undefined): string => (v === undefined ? "missing" : (JSON.stringify(v) ?? "").slice(0, 40));

export function object(v: Json | undefined, where: string): { readonly [k: string]: Json } {
  return typeof v === "object" && v !== null && !Array.isArray(v) ? (v as { readonly [k: string]: Json }) : bad(where, `an object is wanted, found ${shown(v)}`);
}

/** A list of at most `max` elements. */
export function list(v: Json | undefined, where: string, max: number): readonly Json[] {
  if (!Array.isArray(v)) return bad(where, `a list is wanted, found ${shown(v)}`);
  return v.length <= max ? (v as readonly Json[]) : bad(where, `${v.length} elements, at most ${max} are allowed`);
}

export const text = (v: Json | undefined, where: string): string => (typeof v === "string" ? v : bad(where, `a text is wanted, found ${shown(v)}`));

export const number = (v: Json | undefined, where: string): number => (typeof v === "number" && Number.isFinite(v) ? v : bad(where, `a finite number is wanted, found ${shown(v)}`));

/** A whole number within lo..hi. */
export function whole(v: Json | undefined, where: string, lo: number, hi: number): number {
  return typeof v === "number" && Number.isInteger(v) && v >= lo && v <= hi ? v : bad(where, `a whole number from ${lo} to ${hi} is wanted, found ${shown(v)}`);
}

export function oneOf<T extends string>(v: Json | undefined, where: string, among: readonly T[]): T {
  return among.find((a) => a === v) ?? bad(where, `${shown(v)} is none of ${among.join(", ")}`);
}
