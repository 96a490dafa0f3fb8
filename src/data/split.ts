/** Rows to parts by a hash of the sample itself: the same on every machine, and equal rows never stand in two parts. */
import { fail } from "../ir/diagnostics.js";
import type { Dataset } from "./dataset.js";

/** FNV-1a over bytes, 32 bits. */
const fnv = (h: number, byte: number): number => Math.imul(h ^ byte, 0x01000193);

/** Last mixing of MurmurHash3: every input bit reaches every output bit. */
function mix(h: number): number {
  let z = h ^ (h >>> 16);
  z = Math.imul(z, 0x85ebca6b);
  z ^= z >>> 13;
  z = Math.imul(z, 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

const START = 0x811c9dc5;

/** Hash of each row's float32 bytes, little-endian. */
export function rowHashes(d: Pick<Dataset, "x" | "rows" | "features">): Uint32Array {
  const word = new Float32Array(1);
  const bits = new Uint32Array(word.buffer);
  const width = d.features.length;
  return Uint32Array.from({ length: d.rows }, (_, r) => {
    let h = START;
    for (let f = 0; f < width; f++) {
      word[0] = (d.x[r * width + f] ?? 0) + 0;
      const b = bits[0] ?? 0;
      h = fnv(fnv(fnv(fnv(h, b & 255), (b >>> 8) & 255), (b >>> 16) & 255), b >>> 24);
    }
    return h >>> 0;
  });
}

const textHash = (text: string): number => [...Buffer.from(text, "utf8")].reduce(fnv, START) >>> 0;

/** A share in [0, 1) from a hash and a seed; `use` keeps splits and folds apart. */
const unit = (hash: number, seed: number, use: number): number => mix((mix(hash ^ Math.imul(seed | 0, 0x9e3779b1)) + use) | 0) / 2 ** 32;

export interface SplitOptions {
  /** Part of the rows (or groups) that are kept for the test, above 0 and below 1. */
  readonly share: number;
  readonly seed: number;
}

export interface Split {
  readonly train: Int32Array;
  readonly test: Int32Array;
  /** How rows were told apart, in words. */
  readonly by: string;
}

/** Groups in the order of their hash, the first of them for the test until their rows make up the share. */
function byGroup(groups: readonly string[], o: SplitOptions): ReadonlySet<string> {
  const sizes = new Map<string, number>();
  for (const g of groups) sizes.set(g, (sizes.get(g) ?? 0) + 1);
  if (sizes.size < 2) fail("data/one-group", "--group", `all rows are of the group "${groups[0] ?? ""}"`, "Give rows of at least two groups, or split by sample (without --group).");
  const order = [...sizes.keys()].map((g) => ({ g, u: unit(textHash(g), o.seed, 1) })).toSorted((a, b) => a.u - b.u || (a.g < b.g ? -1 : 1));
  const test = new Set<string>();
  let rows = 0;
  for (const { g } of order.slice(0, -1)) {
    if (test.size > 0 && rows + (sizes.get(g) ?? 0) / 2 > o.share * groups.length) break;
    test.add(g);
    rows += sizes.get(g) ?? 0;
  }
  return test;
}

const parted = (rows: number, isTest: (r: number) => boolean, by: string): Split => {
  const all = Array.from({ length: rows }, (_, r) => r);
  return { train: Int32Array.from(all.filter((r) => !isTest(r))), test: Int32Array.from(all.filter(isTest)), by };
};

/** By group where the dataset has groups, else by sample. @throws CoincellError data/… where a part would be empty */
export function splitRows(d: Dataset, o: SplitOptions): Split {
  if (!(o.share > 0 && o.share < 1)) fail("cli/bad-value", "--split", `"${o.share}" is not between 0 and 1`, "Give the share of rows for the test, 0.3 for instance.");
  if (d.groups) {
    const { groups } = d;
    const test = byGroup(groups, o);
    const shown = [...test].slice(0, 8).join(", ");
    return parted(d.rows, (r) => test.has(groups[r] ?? ""), `group: ${test.size} of ${new Set(groups).size} are the test (${shown}${test.size > 8 ? ", …" : ""})`);
  }
  const hashes = rowHashes(d);
  const split = parted(d.rows, (r) => unit(hashes[r] ?? 0, o.seed, 1) < o.share, `hash of the sample, share ${o.share}, seed ${o.seed}`);
  if (split.train.length === 0 || split.test.length === 0) fail("data/empty-part", d.file, `the split leaves ${split.train.length} rows to learn from and ${split.test.length} for the test`, "Choose another --seed or --split, or give --test with a file of its own.");
  return split;
}

/** As the file itself says in its part column: `train` (and `training`) learns, all else is the test. */
export function splitOf(d: Dataset): Split | null {
  const { parts } = d;
  if (!parts) return null;
  const split = parted(d.rows, (r) => !/^(train|training|learn|0)$/i.test(parts[r] ?? ""), "the part column of the file");
  if (split.train.length === 0 || split.test.length === 0) fail("data/empty-part", d.file, `the part column says ${[...new Set(parts)].slice(0, 6).join(", ")}: ${split.train.length} rows to learn from, ${split.test.length} for the test`, "Write train for the rows to learn from and test for the others.");
  return split;
}

/** Fold of each row for cross-validation, by group or by sample. */
export function foldOf(d: Dataset, folds: number, seed: number): Int32Array {
  if (d.groups) {
    const order = [...new Set(d.groups)].map((g) => ({ g, u: unit(textHash(g), seed, 2) })).toSorted((a, b) => a.u - b.u || (a.g < b.g ? -1 : 1));
    const fold = new Map(order.map(({ g }, i) => [g, i % folds]));
    return Int32Array.from(d.groups, (g) => fold.get(g) ?? 0);
  }
  return Int32Array.from(rowHashes(d), (h) => Math.floor(unit(h, seed, 2) * folds));
}

/** Key under which equal rows meet. */
export const rowKey = (d: Pick<Dataset, "x" | "features">, r: number): string => d.x.subarray(r * d.features.length, (r + 1) * d.features.length).join(",");

export interface Leak {
  /** Rows of the test that stand in the training rows too. */
  readonly rows: number;
  /** The first of them: where in the test, where in the training rows. */
  readonly examples: readonly { readonly test: string; readonly train: string }[];
}

/** Rows of `test` equal to a row of `train`. */
export function leakage(train: Dataset, test: Dataset): Leak {
  const seen = new Map<string, number>();
  for (let r = 0; r < train.rows; r++) { const k = rowKey(train, r); if (!seen.has(k)) seen.set(k, r); }
  const found = Array.from({ length: test.rows }, (_, r) => ({ r, at: seen.get(rowKey(test, r)) })).filter((f) => f.at !== undefined);
  return { rows: found.length, examples: found.slice(0, 5).map(({ r, at }) => ({ test: test.places[r] ?? "", train: train.places[at ?? 0] ?? "" })) };
}
