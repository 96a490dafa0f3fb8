/** The configuration of a model as JSON, and strict reading of it: every field is checked where it is taken. */
import { clip, damaged, LIMITS, tooLarge } from "./limits.js";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject { readonly [key: string]: Json }

export const isObject = (v: Json | undefined): v is JsonObject => typeof v === "object" && v !== null && !Array.isArray(v);
export const isList = (v: Json | undefined): v is readonly Json[] => Array.isArray(v);

/** A field of an object's own; undefined where it is absent or null. */
export function own(o: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(o, key) ? o[key] ?? undefined : undefined;
}

/** The first of some fields that is there. */
export const firstOf = (o: JsonObject, ...keys: readonly string[]): Json | undefined => keys.map((k) => own(o, k)).find((v) => v !== undefined);

export const object = (v: Json | undefined, where: string, what: string): JsonObject => (isObject(v) ? v : damaged(where, `its configuration lacks ${what}`));
export const list = (v: Json | undefined, where: string, what: string): readonly Json[] => (isList(v) ? v : damaged(where, `its configuration lacks ${what}`));
export const text = (v: Json | undefined, where: string, what: string): string => (typeof v === "string" ? v : damaged(where, `its configuration lacks ${what}`));

/** Refuses depth before JSON.parse and all who walk the result meet it. */
function checkDepth(source: string, where: string): void {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < source.length; i++) {
    const c = source.charCodeAt(i);
    if (c === 0x22) quoted = !quoted;
    else if (quoted) i += c === 0x5c ? 1 : 0;
    else if (c === 0x5b || c === 0x7b) {
      if (++depth > LIMITS.configDepth) tooLarge(where, `its configuration is nested more than ${LIMITS.configDepth} deep`);
    } else if (c === 0x5d || c === 0x7d) depth--;
  }
}

/** Python writes NaN and infinities, which JSON does not know; no field that is read here holds one. */
export function parseJson(source: string, where: string): Json {
  if (source.length > LIMITS.configBytes) return tooLarge(where, `its configuration has ${source.length} characters`);
  checkDepth(source, where);
  try {
    return JSON.parse(source.replaceAll(/(?<=[:[,]\s*)-?(?:NaN|Infinity)(?=\s*[,\]}])/g, "null")) as Json;
  } catch (e) {
    return damaged(where, `its configuration is no JSON (${clip(e instanceof Error ? e.message : "", 80)})`);
  }
}
