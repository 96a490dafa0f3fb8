/** XGBoost and LightGBM, from their own files and from pickled wrappers, against the answers of the libraries. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { importers } from "./all.generated.js";
import { compare, fixtures, importFile, readRows, readTruth, refused, shared, type Truth } from "./testing.js";

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
