/** The plain tree that both the JSON and the UBJSON reader produce, and safe access to it. */
import { fail } from "../../ir/diagnostics.js";
import type { NumericArray } from "../../ir/foreign.js";

export type Doc = null | boolean | number | string | NumericArray | readonly Doc[] | ReadonlyMap<string, Doc>;

export const MAX_BYTES = 32 * 2 ** 20;
export const MAX_DEPTH = 64;
/** Arrays, objects and keys of one file; a tree of XGBoost needs about forty. */
export const MAX_ITEMS = 4_000_000;

export function damaged(where: string, what: string): never {
  return fail("xgboost/damaged", where, what,
    'The file is truncated or damaged; save the model again with booster.save_model("model.json") or "model.ubj"');
}

export const isObject = (d: Doc | undefined): d is ReadonlyMap<string, Doc> => d instanceof Map;
export const isNumbers = (d: Doc | undefined): d is NumericArray => ArrayBuffer.isView(d);

/** The value at a path of keys; `undefined` when a part of it is absent. */
export function dig(d: Doc | undefined, ...path: readonly string[]): Doc | undefined {
  let at = d;
  for (const key of path) at = isObject(at) ? at.get(key) : undefined;
  return at;
}

export function object(d: Doc | undefined, where: string): ReadonlyMap<string, Doc> {
  return isObject(d) ? d : damaged(where, d === undefined ? "the object is missing" : "an object was expected");
}

/** A list of numbers or booleans as plain numbers; absent gives `fallback` where one is named. */
export function numbers(d: Doc | undefined, where: string, fallback?: readonly number[]): ArrayLike<number> {
  if (isNumbers(d)) return d;
  if (d === undefined && fallback) return fallback;
  if (!Array.isArray(d)) return damaged(where, d === undefined ? "the list is missing" : "a list of numbers was expected");
  return d.map((v: Doc) => (typeof v === "number" ? v : typeof v === "boolean" ? Number(v) : damaged(where, "a list holds what is no number")));
}

export function strings(d: Doc | undefined, where: string): readonly string[] {
  if (d === undefined) return [];
  if (isNumbers(d) && d.length === 0) return [];
  if (!Array.isArray(d)) return damaged(where, "a list of texts was expected");
  return d.map((v: Doc) => (typeof v === "string" ? v : damaged(where, "a list holds what is no text")));
}

/** XGBoost keeps its parameters as texts, `"13"`; the range is checked here once for all. */
export function count(d: Doc | undefined, where: string, min: number, max: number, fallback?: number): number {
  if (d === undefined && fallback !== undefined) return fallback;
  const n = typeof d === "string" && /^\d{1,15}$/.test(d) ? Number(d) : d;
  if (typeof n !== "number" || !Number.isInteger(n)) return damaged(where, d === undefined ? "the number is missing" : "a whole number was expected");
  return n >= min && n <= max ? n : damaged(where, `${n} is not within ${min} to ${max}`);
}
