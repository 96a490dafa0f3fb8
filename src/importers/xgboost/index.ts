/** The XGBoost border: JSON, UBJSON or the snapshot inside a pickle → a Foreign of type `xgboost.Booster`. */
import { fail } from "../../ir/diagnostics.js";
import type { Foreign } from "../../ir/foreign.js";
import { readBooster } from "./booster.js";
import { damaged, isObject, type Doc } from "./document.js";
import { readJson } from "./json.js";
import { readUbjson } from "./ubjson.js";

const OPEN = 123;

function head(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 200));
}

/** JSON begins with a brace and a quote (or the closing brace), UBJSON with a brace and a length. */
const isJson = (text: string): boolean => /^\s*\{\s*["}]/.test(text) || /^\s+\{/.test(text) || isDump(text);

/** What `dump_model` writes: a list of trees without the learner. */
const isDump = (text: string): boolean => /^\s*\[\s*\{\s*"nodeid"/.test(text);

/** The old binary format of XGBoost, and its form inside a pickle. */
const isOldBinary = (text: string): boolean => text.startsWith("binf") || text.startsWith("CONFIG-offset:");

function readDocument(bytes: Uint8Array, file: string): Doc {
  const text = head(bytes);
  if (isOldBinary(text)) {
    fail("xgboost/old-binary", file, "the model is stored in XGBoost's old binary format",
      'Load it with XGBoost 1.7 to 3.0 and save it again with booster.save_model("model.json") or "model.ubj"');
  }
  if (isJson(text)) return readJson(bytes, file);
  if (bytes[0] !== OPEN) damaged(file, bytes.length === 0 ? "the file is empty" : "the file is neither JSON nor UBJSON");
  return readUbjson(bytes, file);
}

/** True when the bytes begin like a model of XGBoost in any of its formats. */
export function sniffXgboost(bytes: Uint8Array): boolean {
  const text = head(bytes);
  if (isOldBinary(text) || isDump(text)) return true;
  if (isJson(text)) return /^\s*\{\s*"(learner|version|Config|Model)"\s*:/.test(text);
  // The length of the first key is typed: one byte with `i` or `U`, eight with `L`.
  return /^\{(?:[iU].|I\0.|l\0{3}.|L\0{7}.)(learner\{|version\[|Config\{|Model\{)/s.test(text);
}

/** Reads a saved model, or a snapshot (`{Config, Model}`, what a pickled `xgboost.core.Booster` keeps in `handle`). */
export function readXgboost(bytes: Uint8Array, file: string): Foreign {
  const doc = readDocument(bytes, file);
  const model = isObject(doc) && !doc.has("learner") ? doc.get("Model") : undefined;
  if (Array.isArray(doc)) {
    fail("xgboost/dump", file, "this is a tree dump, which leaves out the objective and base_score",
      'Save the model with booster.save_model("model.json") instead of dump_model');
  }
  return readBooster(model ?? doc, file);
}

/** The bytes of `handle` in the state of a pickled Booster; the same as {@link readXgboost}, named for the pickle reader. */
export function readXgboostSnapshot(bytes: Uint8Array, file = "xgboost snapshot"): Foreign {
  return readXgboost(bytes, file);
}
