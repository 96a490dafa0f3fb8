/** A LightGBM text model (v3, v4) → `lightgbm.Booster`; source: GBDT::LoadModelFromString, and models of 3.3 and 4.7. */
import { fail } from "../../ir/diagnostics.js";
import type { Foreign, ForeignValue } from "../../ir/foreign.js";
import { damaged, readSections, real, whole, type Section } from "./lines.js";
import { oneD, readTree } from "./tree.js";

const MAX_CHARS = 64 * 2 ** 20;
const MAX_CLASSES = 10_000;
const MAX_FEATURES = 1_000_000;

/** `binary sigmoid:1` → name and parameters; `regression sqrt` gives `sqrt: true`. A model without objective gives an empty name. */
function readObjective(s: Section): { name: string; params: Map<ForeignValue, ForeignValue> } {
  const text = s.values.get("objective") ?? "";
  const where = `${s.where}: objective`;
  if (text.length > 1000) damaged(where, "the line is too long");
  const [name = "", ...parts] = text.split(" ").filter((p) => p !== "");
  const params = new Map<ForeignValue, ForeignValue>();
  for (const part of parts) {
    const colon = part.indexOf(":");
    if (colon < 0) params.set(part, true);
    else params.set(part.slice(0, colon), real(part.slice(colon + 1), where));
  }
  return { name, params };
}

function readNames(s: Section, features: number): readonly string[] {
  const text = s.values.get("feature_names") ?? "";
  let blanks = 0;
  for (let at = text.indexOf(" "); at >= 0 && blanks <= features; at = text.indexOf(" ", at + 1)) blanks++;
  const names = blanks <= features ? text.split(" ").filter((n) => n !== "") : [];
  return names.length === features ? names : damaged(`${s.where}: feature_names`, `the number of names does not fit ${features} features`);
}

function checkCounts(s: Section, classes: number, perIteration: number, trees: number, objective: ReturnType<typeof readObjective>): void {
  if (trees % perIteration !== 0) damaged(`${s.where}: num_tree_per_iteration`, `${trees} trees do not split into rounds of ${perIteration}`);
  if (perIteration !== 1 && perIteration !== classes) damaged(`${s.where}: num_tree_per_iteration`, `${perIteration} trees a round for ${classes} classes`);
  const told = objective.params.get("num_class");
  if (told !== undefined && told !== classes) damaged(`${s.where}: objective`, `num_class is ${String(told)} here and ${classes} above`);
  // tree_sizes holds one length per tree; a file that lost whole trees is found by it.
  const sizes = s.values.get("tree_sizes");
  if (sizes === undefined) return;
  let parts = 0;
  for (let at = 0; at < sizes.length;) {
    const blank = sizes.indexOf(" ", at);
    const end = blank < 0 ? sizes.length : blank;
    if (end > at) parts++;
    at = end + 1;
  }
  if (parts !== trees) damaged(`${s.where}: tree_sizes`, `${parts} trees are announced, ${trees} are there`);
}

/**
 * Reads the text of `save_model` or `model_to_string`, which is also what a pickled `lightgbm.Booster` keeps.
 * With `average_output` (boosting=rf) the summed leaves are divided by the rounds before the objective's link is applied.
 */
export function readLightgbmText(text: string, file: string): Foreign {
  if (text.length > MAX_CHARS) damaged(file, `${text.length} characters; up to ${MAX_CHARS} are read`);
  const { header, trees } = readSections(text, file);
  const version = header.values.get("version") ?? "";
  if (version !== "v3" && version !== "v4") {
    fail("lightgbm/version", file, `model version "${version.slice(0, 20)}"`, "Supported are v3 and v4 (LightGBM 2.3 and later): load the model there and save it again");
  }
  const features = whole(header, "max_feature_idx", 0, MAX_FEATURES - 1) + 1;
  const classes = whole(header, "num_class", 1, MAX_CLASSES);
  const perIteration = whole(header, "num_tree_per_iteration", 1, MAX_CLASSES, classes);
  const objective = readObjective(header);
  checkCounts(header, classes, perIteration, trees.length, objective);
  const fields = new Map<string, ForeignValue>([
    ["version", version], ["objective", objective.name], ["objective_params", objective.params],
    ["num_class", classes], ["num_tree_per_iteration", perIteration], ["max_feature_idx", features - 1],
    ["average_output", header.values.has("average_output")], ["feature_names", readNames(header, features)],
    ["trees", trees.map((t) => readTree(t, features))],
    ["tree_class", oneD(Int32Array.from(trees, (_, i) => i % perIteration))],
  ]);
  return { kind: "foreign", type: "lightgbm.Booster", where: file, fields };
}
