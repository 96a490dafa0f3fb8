/** LightGBM's text models as a graph: the booster is claimed by an operator. */
import { checkCount, listField, numberField, stringField, type Foreign } from "../../ir/foreign.js";
import type { Graph } from "../../ir/types.js";
import { buildOne } from "../build.js";
import type { Importer } from "../importer.js";
import { readLightgbm, sniffLightgbm } from "./index.js";

function lower(f: Foreign, file: string): Graph {
  const features = checkCount(f, "max_feature_idx + 1", numberField(f, "max_feature_idx") + 1, 32767);
  return buildOne("lightgbm", f, { features, names: listField(f, "feature_names").map(String), file, source: `LightGBM model ${stringField(f, "version")}` });
}

export default {
  format: "lightgbm",
  title: "LightGBM (text model)",
  sniff: sniffLightgbm,
  read: (bytes, file) => lower(readLightgbm(bytes, file), file),
} satisfies Importer;
