/** LightGBM's text model as sections of `key=value` lines, bounded in size and number of keys; source: GBDT::SaveModelToString. */
import { fail } from "../../ir/diagnostics.js";

export function damaged(where: string, what: string): never {
  return fail("lightgbm/damaged", where, what,
    'The file is truncated or damaged; save the model again with booster.save_model("model.txt")');
}

export interface Section {
  readonly where: string;
  readonly values: ReadonlyMap<string, string>;
}

export interface Sections {
  readonly header: Section;
  readonly trees: readonly Section[];
}

const MAX_KEYS = 200;
const MAX_TREES = 100_000;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Cuts the text up to `end of trees`; what stands behind (importances, parameters) says nothing about the function. */
export function readSections(text: string, file: string): Sections {
  let values = new Map<string, string>();
  const header: Section = { where: file, values };
  const trees: Section[] = [];
  for (let at = 0, line = 1; at < text.length; line++) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    const row = text.slice(at, end > at && text[end - 1] === "\r" ? end - 1 : end);
    at = end + 1;
    if (row === "end of trees") return { header, trees };
    if (row === "" || (line === 1 && row === "tree")) continue;
    const equals = row.indexOf("=");
    const key = equals < 0 ? row : row.slice(0, equals);
    const value = equals < 0 ? "" : row.slice(equals + 1);
    if (key === "Tree") {
      if (value !== String(trees.length)) damaged(`${file}: line ${line}`, `tree ${trees.length} was expected, tree "${value.slice(0, 20)}" follows`);
      if (trees.length >= MAX_TREES) damaged(file, `more than ${MAX_TREES} trees`);
      values = new Map();
      trees.push({ where: `${file}: tree ${value}`, values });
      continue;
    }
    if (values.has(key)) damaged(`${file}: line ${line}`, `"${key.slice(0, 40)}" stands twice`);
    if (values.size >= MAX_KEYS) damaged(`${file}: line ${line}`, `more than ${MAX_KEYS} lines in one section`);
    values.set(key, value);
  }
  return damaged(file, 'the line "end of trees" is missing, so the file is truncated');
}

/** A whole number within bounds; absent gives `fallback` where one is named. */
export function whole(s: Section, key: string, min: number, max: number, fallback?: number): number {
  const text = s.values.get(key);
  if (text === undefined && fallback !== undefined) return fallback;
  if (text === undefined || !/^-?\d{1,15}$/.test(text)) return damaged(`${s.where}: ${key}`, text === undefined ? "the line is missing" : `"${text.slice(0, 40)}" is no whole number`);
  const n = Number(text);
  return n >= min && n <= max ? n : damaged(`${s.where}: ${key}`, `${n} is not within ${min} to ${max}`);
}

export function real(text: string, where: string): number {
  const n = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(n) ? n : damaged(where, `"${text.slice(0, 40)}" is no finite number`);
}

/** Exactly `n` finite numbers, separated by blanks. */
export function reals(s: Section, key: string, n: number): Float64Array {
  const text = s.values.get(key);
  const where = `${s.where}: ${key}`;
  if (text === undefined) return n === 0 ? new Float64Array(0) : damaged(where, "the line is missing");
  // n numbers take 2n - 1 characters at least: no count alone makes us allocate.
  if (text.length < 2 * n - 1) damaged(where, `${n} numbers were expected, the line is too short`);
  const out = new Float64Array(n);
  let found = 0;
  for (let at = 0; at < text.length;) {
    const blank = text.indexOf(" ", at);
    const end = blank < 0 ? text.length : blank;
    if (end > at) {
      if (found >= n) damaged(where, `more than ${n} numbers`);
      out[found++] = real(text.slice(at, end), where);
    }
    at = end + 1;
  }
  return found === n ? out : damaged(where, `${found} numbers, ${n} were expected`);
}

/** Exactly `n` whole numbers within bounds. */
export function wholes(s: Section, key: string, n: number, min: number, max: number): Int32Array {
  const values = reals(s, key, n);
  for (const v of values) if (!Number.isInteger(v) || v < min || v > max) damaged(`${s.where}: ${key}`, `${v} is not a whole number within ${min} to ${max}`);
  return Int32Array.from(values);
}
