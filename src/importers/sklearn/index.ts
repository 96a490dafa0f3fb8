/** The scikit-learn importer's front door: bytes of a pickle, joblib or skops file to the estimator as a {@link Foreign}. */
import { inflateSync, gunzipSync, constants } from "node:zlib";
import { fail } from "../../ir/diagnostics.js";
import { type Foreign, isForeign } from "../../ir/foreign.js";
import { toForeign } from "./convert.js";
import { decompress, detectContainer } from "./joblib.js";
import { clip, createBudget } from "./limits.js";
import { readPickle } from "./pickle.js";
import { isSkops, readSkops } from "./skops.js";

export { readNpy } from "./npy.js";

const SUPPORTED = "Supported are files of pickle.dump, joblib.dump and skops.io.dump that hold one fitted estimator.";

/**
 * Reads a model file of scikit-learn (or of a package with its interface) without running anything from it.
 * @param file the name that starts every `where`
 * @throws CoincellError on anything that is damaged, hostile, too large or not supported
 */
export function readSklearn(bytes: Uint8Array, file: string): Foreign {
  const where = clip(file, 200);
  const container = detectContainer(bytes);
  if (container === undefined) return fail("sklearn/unknown-container", where, "the file is neither a pickle nor a joblib nor a skops file", SUPPORTED);
  const budget = createBudget(where);
  const value = container === "zip" ? readSkops(bytes, where, budget) : readPickle(decompress(bytes, container, where), where, budget);
  const top = toForeign(value, where, budget);
  if (isForeign(top) && !top.fields.has("__global__")) return top;
  return fail("sklearn/no-estimator", where, "the file does not hold an estimator at its top", SUPPORTED);
}

const PREFIX = 4096;

/** First bytes behind zlib or gzip; the compressed prefix is short, so its expansion is too. */
function peek(bytes: Uint8Array, decode: typeof inflateSync): Uint8Array {
  try {
    return decode(bytes.subarray(0, PREFIX), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return new Uint8Array();
  }
}

/** Whether {@link readSklearn} is the reader to try; looks at the first bytes only (and a zip's list of names). */
export function sniffSklearn(bytes: Uint8Array): boolean {
  const container = detectContainer(bytes);
  switch (container) {
    case undefined: return false;
    case "zip": return isSkops(bytes);
    case "zlib": return detectContainer(peek(bytes, inflateSync)) === "raw";
    case "gzip": return detectContainer(peek(bytes, gunzipSync)) === "raw";
    default: return true;
  }
}
