/** XGBoost's own files as a graph: the booster is claimed by an operator. */
import { checkCount, listField, numberField, type Foreign } from "../../ir/foreign.js";
import type { Graph } from "../../ir/types.js";
import { buildOne } from "../build.js";
import type { Importer } from "../importer.js";
import { readXgboost, sniffXgboost } from "./index.js";

function lower(f: Foreign, file: string): Graph {
  const version = f.fields.get("version");
  const source = `XGBoost${typeof version === "string" && version !== "" ? ` ${version}` : ""} booster`;
  return buildOne("xgboost", f, { features: checkCount(f, "num_feature", numberField(f, "num_feature"), 32767), names: listField(f, "feature_names").map(String), file, source });
}

export default {
  format: "xgboost",
  title: "XGBoost (JSON, UBJSON)",
  sniff: sniffXgboost,
  read: (bytes, file) => lower(readXgboost(bytes, file), file),
} satisfies Importer;
