/** Bounds that keep hostile scikit-learn files harmless, and the budget every reader of this folder draws from. */
import { fail } from "../../ir/diagnostics.js";

/** Far above any model a microcontroller can hold, low enough that reaching one of them takes under a second. */
export const LIMITS = {
  /** Bytes after decompression (zlib, gzip, LZ4). */
  decompressedBytes: 128 * 2 ** 20,
  /** Bytes of all entries of a zip, which inflate more slowly. */
  zipBytes: 64 * 2 ** 20,
  /** Opcodes over a whole pickle, nested pickles included. */
  opcodes: 2_000_000,
  /** Units of decoding work; one array element is one unit, one string element eight. */
  work: 2 ** 24,
  /** Units of one list, dict, object or run of bytes (so at most 350 000 of them). */
  nodeCost: 48,
  /** Values a consumer meets when it walks the result without remembering shared parts. */
  expandedValues: 2 ** 26,
  /** Containers inside containers. */
  depth: 200,
  /** Pickles inside pickles (joblib writes object arrays so). */
  nestedPickles: 8,
  /** Bytes of one string. */
  stringBytes: 16 * 2 ** 20,
  /** Characters of one line of protocol 0. */
  lineChars: 2 ** 20,
  /** Bytes of one long integer (PCG64 needs 16). */
  longBytes: 256,
  /** Characters of `module.name`. */
  nameChars: 512,
  /** Dimensions of an array (numpy allows 64). */
  rank: 32,
  /** Fields of a structured dtype. */
  recordFields: 256,
  /** Bytes of the schema of a skops file. */
  schemaBytes: 16 * 2 ** 20,
  /** Entries of a skops file. */
  zipEntries: 20_000,
} as const;

export const CURE_DAMAGED =
  "The file is damaged or was not written by scikit-learn; save the model again with pickle.dump, joblib.dump or skops.io.dump.";
export const CURE_LIMIT =
  "Models for microcontrollers are far smaller than this limit; save only the fitted estimator, without training data.";

export const damaged = (where: string, what: string): never => fail("sklearn/damaged-file", where, what, CURE_DAMAGED);
export const tooLarge = (where: string, what: string): never => fail("sklearn/too-large", where, what, CURE_LIMIT);

/** Shortens text of the file before it goes into a message. */
export const clip = (text: string, length = 60): string => {
  const line = text.slice(0, length).replaceAll(/[^\x20-\x7e]/g, "?");
  return text.length > length ? `${line}...` : line;
};

/** What one file may still cost; readers spend before they work or allocate. */
export interface Budget {
  /** Pays for work in proportion to `units`. */
  spend(units: number): void;
  /** Pays for one opcode. */
  opcode(): void;
}

export function createBudget(where: string): Budget {
  let work = 0;
  let opcodes = 0;
  return {
    spend(units) {
      work += units;
      if (!(work <= LIMITS.work)) tooLarge(where, `decoding needs more than ${LIMITS.work} steps`);
    },
    opcode() {
      if (++opcodes > LIMITS.opcodes) tooLarge(where, `the pickle has more than ${LIMITS.opcodes} opcodes`);
    },
  };
}
