/** XGBoost and LightGBM, from their own files and from pickled wrappers, against the answers of the libraries. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { importers } from "./all.generated.js";
import type { Graph } from "../ir/types.js";
import { evaluate } from "../passes/evaluate.js";
import { importModel } from "./index.js";
import { compare, fixtures, importFile, near, readRows, readTruth, refused, shared, type Truth } from "./testing.js";

const folder = fixtures("sklearn");
const cases = readdirSync(folder).filter((f) => /^(xgb|lgbm).*\.truth\.json$/.test(f));
const refusedCases = new Map([["xgb_categorical", /xgboost\/categorical/], ["lgbm_linear_tree", /lightgbm\/linear-tree/]]);

for (const file of cases) {
  const truth = readTruth(new URL(file, folder));
  test(truth.case, () => {
    const model = new URL(truth.file, folder);
    const code = refusedCases.get(truth.case);
    if (code) return refused(() => importFile(model), code, truth.case);
    compare(importFile(model), truth, readRows(new URL(truth.csv, folder)));
  });
}

test("every fixture is sniffed by exactly one importer", () => {
  for (const name of ["sklearn", "onnx", "formats"]) {
    for (const file of readdirSync(fixtures(name))) {
      if (!/\.(pkl|joblib|json|ubj|txt|onnx|skops)$/.test(file) || /truth\.json$|^bad_/.test(file)) continue;
      const bytes = readFileSync(new URL(file, fixtures(name)));
      const by = importers.filter((i) => i.sniff(bytes)).map((i) => i.format);
      assert.equal(by.length, 1, `${file}: ${by.join(", ")}`);
    }
  }
});

const sk191 = shared("classical/sk191/");
for (const set of ["iris", "rgb", "wine"]) {
  for (const model of ["xgb.json", "lgbm.txt", "xgb.pkl", "xgb.joblib", "lgbm.pkl", "lgbm.joblib"]) {
    const at = sk191 ? new URL(`${set}/`, sk191) : null;
    test(`shared ${set}/${model}`, { skip: at === null || !existsSync(new URL(model, at)) }, () => {
      if (at === null) return;
      const pred = readRows(new URL(model.replace(/\..*/, ".pred.csv"), at));
      const truth: Truth = { case: `${set}/${model}`, file: model, csv: "", task: null, expect: "same", label: pred.map((r) => r[0] ?? -1), proba: pred.map((r) => r.slice(1)) };
      compare(importFile(new URL(model, at)), truth, readRows(new URL("test_raw.csv", at)).map((r) => r.slice(0, -1)));
    });
  }
}

type Json = { [key: string]: Json } & Json[] & string & number;

/** A fixture of XGBoost with a part of it changed. */
function xgb(name: string, change: (learner: Json) => void): Graph {
  const doc = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as Json;
  change(doc["learner"] as Json);
  return importModel(new TextEncoder().encode(JSON.stringify(doc)), "changed.json");
}

const part = (g: Graph, name: string): readonly number[] => {
  const v = g.nodes.find((n) => n.op === "tree_ensemble")?.attrs[name];
  return typeof v === "object" ? [...v] : [];
};
const text = (name: string, from: RegExp, to: string): Graph => importModel(new TextEncoder().encode(readFileSync(new URL(`${name}.txt`, folder), "utf8").replace(from, to)), "changed.txt");

test("XGBoost: with early stopping the trees up to the best round are used", () => {
  const g = xgb("xgb_multi", (l) => { (l["attributes"] as Record<string, unknown>)["best_iteration"] = "0"; });
  assert.equal(part(g, "roots").length, 3);
  assert.match(g.notes.join(), /early stopping/);
});

const objective = (name: string): Graph => xgb("xgb_reg", (l) => {
  (l["objective"] as Record<string, unknown>)["name"] = name;
  (l["learner_model_param"] as Record<string, unknown>)["base_score"] = "5E-1";
});

test("XGBoost: objectives and links", () => {
  const row = [1, 2, 3, 4, 5, 6, 7, 8];
  const margin = (g: Graph): number => Number(evaluate(g, row).scores[0]);
  const raw = margin(objective("reg:squarederror")) - 0.5;
  near([margin(objective("reg:gamma")), margin(objective("reg:logistic")), margin(objective("rank:ndcg"))], [Math.exp(raw + Math.log(0.5)), 1 / (1 + Math.exp(-raw)), raw + 0.5], 1e-6, "links");
  refused(() => objective("survival:cox"), /xgboost\/objective/, "cox");
});

test("XGBoost: dart scales its trees; a threshold itself goes right", () => {
  const g = xgb("xgb_dart", (l) => { const b = l["gradient_booster"] as Json; b["weight_drop"] = (b["weight_drop"] as unknown as readonly number[]).map(() => 0) as unknown as Json; });
  const plain = xgb("xgb_dart", () => {});
  assert.ok(part(g, "values").every((v) => v === 0) && part(plain, "values").some((v) => v !== 0));
  const [t = 0] = part(plain, "threshold").filter((v) => v !== 0);
  assert.equal(Math.fround(t), t);
});

test("LightGBM: links, gains and refusals", () => {
  const row = [1, 2, 3, 4, 5, 6, 7, 8];
  const score = (g: Graph): number => Number(evaluate(g, row).scores[0]);
  const raw = score(importFile(new URL("lgbm_reg.txt", folder)));
  near([score(text("lgbm_reg", /^objective=.*$/m, "objective=gamma")), score(text("lgbm_reg", /^objective=.*$/m, "objective=cross_entropy"))], [Math.exp(raw), 1 / (1 + Math.exp(-raw))], 1e-9, "links");
  near([Number(evaluate(text("lgbm_reg", /^objective=.*$/m, "objective=binary sigmoid:2"), row).scores[1])], [1 / (1 + Math.exp(-2 * raw))], 1e-9, "sigmoid");
  refused(() => text("lgbm_reg", /^objective=.*$/m, "objective=regression sqrt"), /lightgbm\/objective/, "sqrt");
  refused(() => text("lgbm_reg", /^objective=.*$/m, "objective=cross_entropy_lambda"), /lightgbm\/objective/, "lambda");
  refused(() => text("lgbm_reg", /^decision_type=\d+/m, "decision_type=4"), /lightgbm\/zero-as-missing/, "zero as missing");
  assert.equal(score(text("lgbm_reg", /^decision_type=\d+/m, "decision_type=6")), raw);
});
