/** Saved runs back to data: what `coincell run --json` or `verify --json` printed, checked field by field. */
import { fail } from "../ir/diagnostics.js";
import type { Difference, RunReport, Spread } from "./types.js";

type Json = Readonly<Record<string, unknown>>;

/** Reads the fields of one object and names the one that is wrong. */
class Reader {
  constructor(private readonly o: Json, private readonly where: string) {}

  private get<T>(key: string, wanted: string, is: (v: unknown) => boolean): T {
    const v = this.o[key];
    return is(v) ? (v as T) : fail("report/bad-field", `${this.where}: ${key}`, `${wanted} is wanted, found ${v === undefined ? "nothing" : (JSON.stringify(v) ?? "").slice(0, 40)}`, "Give a file that coincell run --json or coincell verify --json wrote.");
  }

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

const isObject = (v: unknown): v is Json => typeof v === "object" && v !== null && !Array.isArray(v);

const spread = (r: Reader): Spread => ({ min: r.number("min"), mean: r.number("mean"), max: r.number("max") });
const difference = (r: Reader): Difference => ({ row: r.number("row"), what: r.text("what") === "scores" ? "scores" : "answer", index: r.number("index"), device: r.number("device"), reference: r.number("reference") });

function one(v: Json, where: string): RunReport {
  const r = new Reader(v, where);
  const [flash, ram, over, choice, labels] = [r.object("flash"), r.object("ram"), r.object("over"), r.object("choice"), r.labels("labels")];
  return {
    model: r.text("model"), source: r.text("source"), task: r.text("task"), board: r.text("board"), samples: r.number("samples"),
    accuracy: r.maybe("accuracy"), agreement: r.number("agreement"),
    error: r.optional("error", (e) => ({ meanAbsolute: e.maybe("meanAbsolute"), rSquared: e.maybe("rSquared"), againstFloat: e.number("againstFloat") })),
    equal: r.flag("equal"), difference: r.optional("difference", difference),
    flash: { model: flash.number("model"), harness: flash.number("harness"), total: flash.number("total"), limit: flash.maybe("limit") },
    ram: { static: ram.number("static"), input: ram.number("input"), stack: ram.maybe("stack"), total: ram.number("total"), limit: ram.maybe("limit") },
    cycles: r.optional("cycles", spread), microseconds: r.optional("microseconds", spread),
    fits: r.flag("fits"), over: { flash: over.number("flash"), ram: over.number("ram") },
    choice: { form: choice.text("form"), optimise: choice.text("optimise"), inputType: choice.text("inputType"), arithmetic: choice.text("arithmetic"), steps: choice.texts("steps") },
    labels, confusion: r.square("confusion", labels.length), notes: r.texts("notes"),
  };
}

/** One report, a list of them, or the document of `verify` or `report`. */
function documents(v: unknown): readonly unknown[] {
  if (Array.isArray(v)) return v;
  if (!isObject(v)) return [v];
  if (Array.isArray(v["reports"])) return v["reports"];
  if (Array.isArray(v["boards"])) return v["boards"].flatMap((b: unknown) => (isObject(b) && b["report"] !== null ? [b["report"]] : []));
  return [v];
}

/**
 * @param text a JSON document of `coincell run`, `verify` or `report`
 * @throws CoincellError report/… naming the field that is wrong
 */
export function readReports(text: string, where: string): readonly RunReport[] {
  let v: unknown;
  try {
    v = JSON.parse(text);
  } catch (e) {
    return fail("report/no-json", where, `this is no JSON document: ${e instanceof Error ? e.message.slice(0, 80) : ""}`, "Give a file that coincell run --json wrote; a model needs --board and --data.");
  }
  const list = documents(v);
  if (list.length === 0) fail("report/empty", where, "the document holds no report", "Run the model again.");
  return list.map((d, i) => (isObject(d) ? one(d, list.length === 1 ? where : `${where}: [${i}]`) : fail("report/bad-document", where, "this is no report", "Give a file that coincell run --json wrote; a model needs --board and --data.")));
}
