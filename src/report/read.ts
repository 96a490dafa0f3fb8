/** Saved runs back to data: what `coincell run --json` or `verify --json` printed, checked field by field. */
import { fail } from "../ir/diagnostics.js";
import { isObject, Reader, type Json } from "./read-fields.js";
import { layerFault, networkParts, whatOf } from "./read-network.js";
import type { Difference, RunReport, Spread } from "./types.js";

const spread = (r: Reader): Spread => ({ min: r.number("min"), mean: r.number("mean"), max: r.number("max") });
const difference = (r: Reader): Difference => ({
  row: r.number("row"), what: whatOf(r.text("what")), index: r.number("index"), device: r.number("device"), reference: r.number("reference"),
  ...(r.has("layer") ? { layer: r.optional("layer", layerFault) } : {}),
});

function one(v: Json, where: string): RunReport {
  const r = new Reader(v, where);
  const [flash, ram, over, choice, labels] = [r.object("flash"), r.object("ram"), r.object("over"), r.object("choice"), r.labels("labels")];
  return {
    model: r.text("model"), source: r.text("source"), task: r.text("task"), board: r.text("board"), samples: r.number("samples"),
    accuracy: r.maybe("accuracy"), agreement: r.number("agreement"),
    error: r.optional("error", (e) => ({ meanAbsolute: e.maybe("meanAbsolute"), rSquared: e.maybe("rSquared"), againstFloat: e.number("againstFloat") })),
    equal: r.flag("equal"), difference: r.optional("difference", difference),
    flash: { ...r.object("flash").given(["code", "weights"]), model: flash.number("model"), harness: flash.number("harness"), total: flash.number("total"), limit: flash.maybe("limit") },
    ram: { ...r.object("ram").given(["activations", "bound", "scratch"]), static: ram.number("static"), input: ram.number("input"), stack: ram.maybe("stack"), total: ram.number("total"), limit: ram.maybe("limit") },
    ...(r.has("instructions") ? { instructions: r.optional("instructions", spread) } : {}), cycles: r.optional("cycles", spread), microseconds: r.optional("microseconds", spread),
    fits: r.flag("fits"), over: { flash: over.number("flash"), ram: over.number("ram") },
    choice: { form: choice.text("form"), optimise: choice.text("optimise"), inputType: choice.text("inputType"), arithmetic: choice.text("arithmetic"), steps: choice.texts("steps") },
    labels, confusion: r.square("confusion", labels.length), notes: r.texts("notes"), ...networkParts(r),
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
