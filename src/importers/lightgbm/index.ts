/** The LightGBM border: the text model, as a file or as the string inside a pickle → a Foreign of type `lightgbm.Booster`. */
import { fail } from "../../ir/diagnostics.js";
import type { Foreign } from "../../ir/foreign.js";
import { readLightgbmText } from "./booster.js";
import { damaged } from "./lines.js";

export { readLightgbmText } from "./booster.js";

const MAX_BYTES = 64 * 2 ** 20;

const head = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, 100));
/** What `dump_model` gives as JSON. */
const isDump = (text: string): boolean => /^\s*\{\s*"name"\s*:\s*"tree"/.test(text);

/** True when the bytes begin like a LightGBM model (its JSON dump included, which gets its own error). */
export function sniffLightgbm(bytes: Uint8Array): boolean {
  const text = head(bytes);
  return /^tree\r?\nversion=/.test(text) || isDump(text);
}

function decode(bytes: Uint8Array, file: string): string {
  if (bytes.length > MAX_BYTES) damaged(file, `${bytes.length} bytes; files of up to ${MAX_BYTES} are read`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return damaged(file, "the file is not text");
  }
}

/** Reads a saved LightGBM model, bytes or text. */
export function readLightgbm(model: Uint8Array | string, file: string): Foreign {
  const text = typeof model === "string" ? model : decode(model, file);
  if (isDump(text.slice(0, 100))) {
    fail("lightgbm/dump", file, "this is a JSON dump, which LightGBM itself cannot load either", 'Save the model with booster.save_model("model.txt")');
  }
  if (!/^tree\r?\n/.test(text)) damaged(file, 'the first line is not "tree"');
  return readLightgbmText(text, file);
}
