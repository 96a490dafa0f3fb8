/** Fields of a saved report, each checked where it is taken; the error names the one that is wrong. */
import { fail } from "../ir/diagnostics.js";

export type Json = Readonly<Record<string, unknown>>;

export const isObject = (v: unknown): v is Json => typeof v === "object" && v !== null && !Array.isArray(v);
const isSizes = (v: unknown): boolean => Array.isArray(v) && v.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
const MAX_LIST = 100_000;

/** Reads the fields of one object and names the one that is wrong. */
export class Reader {
  constructor(private readonly o: Json, private readonly where: string) {}

  private get<T>(key: string, wanted: string, is: (v: unknown) => boolean): T {
    const v = this.o[key];
    return is(v) ? (v as T) : fail("report/bad-field", `${this.where}: ${key}`, `${wanted} is wanted, found ${v === undefined ? "nothing" : (JSON.stringify(v) ?? "").slice(0, 40)}`, "Give a file that coincell run --json or coincell verify --json wrote.");
  }

  has = (key: string): boolean => this.o[key] !== undefined;
  /** Numbers that newer versions write; those that are there. */
  given = (keys: readonly string[]): Readonly<Record<string, number>> => Object.fromEntries(keys.filter(this.has).map((k) => [k, this.number(k)]));
  list = <T>(key: string, read: (r: Reader) => T): readonly T[] =>
    this.get<readonly Json[]>(key, "a list of objects", (v) => Array.isArray(v) && v.length <= MAX_LIST && v.every(isObject)).map((v, i) => read(new Reader(v, `${this.where}: ${key}[${i}]`)));
  sizes = (key: string): readonly number[] => this.get(key, "a list of whole numbers", isSizes);
  sizeLists = (key: string): readonly (readonly number[])[] => this.get(key, "a list of lists of whole numbers", (v) => Array.isArray(v) && v.every(isSizes));
  maybeText = (key: string): string | null => this.get(key, "a text or null", (v) => v === null || typeof v === "string");
  text = (key: string): string => this.get(key, "a text", (v) => typeof v === "string");
  number = (key: string): number => this.get(key, "a number", Number.isFinite);
  flag = (key: string): boolean => this.get(key, "true or false", (v) => typeof v === "boolean");
  maybe = (key: string): number | null => this.get(key, "a number or null", (v) => v === null || Number.isFinite(v));
  texts = (key: string): readonly string[] => this.get(key, "a list of texts", (v) => Array.isArray(v) && v.every((t) => typeof t === "string"));
  labels = (key: string): readonly (string | number)[] => this.get(key, "a list of labels", (v) => Array.isArray(v) && v.every((t) => typeof t === "string" || Number.isFinite(t)));
  object = (key: string): Reader => new Reader(this.get(key, "an object", isObject), `${this.where}: ${key}`);
  optional = <T>(key: string, read: (r: Reader) => T): T | null => (this.o[key] === null ? null : read(this.object(key)));
  /** A square table of counts, as wide as there are labels. */
  square = (key: string, n: number): readonly (readonly number[])[] | null =>
    this.get(key, `null or a table of ${n} by ${n} counts`, (v) => v === null || (Array.isArray(v) && v.length === n && v.every((row) => Array.isArray(row) && row.length === n && row.every((c) => Number.isInteger(c) && (c as number) >= 0))));
}
