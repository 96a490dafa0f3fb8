/** Damage of every kind a model file can meet: in transit, on a bad disk, or on purpose. */
import { deflateSync, inflateSync } from "node:zlib";
import type { Random } from "./random.js";

export type Mutation = (bytes: Uint8Array, r: Random, other: Uint8Array) => Uint8Array;

const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** A stretch of the file, mostly short. */
function stretch(bytes: Uint8Array, r: Random): readonly [number, number] {
  const length = Math.min(bytes.length, 1 + Math.floor(2 ** (r.next() * 10)));
  const from = r.below(Math.max(1, bytes.length - length + 1));
  return [from, from + length];
}

const values = (size: number): readonly bigint[] => {
  const bits = BigInt(size * 8);
  return [0n, 1n, 2n, 255n, (1n << bits) - 1n, (1n << (bits - 1n)) - 1n, 1n << (bits - 1n), 1_000_000_000n & ((1n << bits) - 1n)];
};

/** A number of 1, 2, 4 or 8 bytes set to an extreme, or moved by one. */
const length: Mutation = (bytes, r) => {
  const out = bytes.slice();
  const size = r.pick([1, 2, 4, 8]);
  if (out.length < size) return out;
  const at = r.below(out.length - size + 1);
  const [little, near] = [r.next() < 0.7, r.next() < 0.3];
  let old = 0n;
  for (let i = 0; i < size; i++) old |= BigInt(out[at + (little ? i : size - 1 - i)] ?? 0) << BigInt(8 * i);
  const v = near ? old + r.pick([-1n, 1n, 7n]) : r.pick(values(size));
  for (let i = 0; i < size; i++) out[at + (little ? i : size - 1 - i)] = Number((v >> BigInt(8 * i)) & 255n);
  return out;
};

const NUMBERS = ["0", "-1", "1", "1e999", "-1e999", "NaN", "1e-320", "2147483647", "4294967296", "99999999999999999999", "1000000000", "0.5", "null", "[]", "\"\""];

/** One number of a text file replaced by an extreme one. */
const digits: Mutation = (bytes, r, other) => {
  const text = Buffer.from(bytes).toString("latin1");
  const found = [...text.slice(0, 200_000).matchAll(/-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g)];
  if (found.length === 0) return length(bytes, r, other);
  const m = r.pick(found);
  return new Uint8Array(Buffer.from(text.slice(0, m.index) + r.pick(NUMBERS) + text.slice(m.index + m[0].length), "latin1"));
};

export const mutations: Readonly<Record<string, Mutation>> = {
  truncate: (b, r) => b.slice(0, r.below(b.length)),
  bits: (b, r) => {
    const out = b.slice();
    for (let n = 1 + r.below(8); n > 0 && out.length > 0; n--) out[r.below(out.length)]! ^= 1 << r.below(8);
    return out;
  },
  bytes: (b, r) => {
    const out = b.slice();
    for (let n = 1 + r.below(4); n > 0 && out.length > 0; n--) out[r.below(out.length)] = r.below(256);
    return out;
  },
  length,
  digits,
  splice: (b, r, other) => {
    const [at, [from, to]] = [r.below(b.length + 1), stretch(other, r)];
    return join(b.subarray(0, at), other.subarray(from, to), b.subarray(r.next() < 0.5 ? at : Math.min(b.length, at + to - from)));
  },
  remove: (b, r) => { const [from, to] = stretch(b, r); return join(b.subarray(0, from), b.subarray(to)); },
  duplicate: (b, r) => { const [from, to] = stretch(b, r); return join(b.subarray(0, to), b.subarray(from)); },
  swap: (b, r) => {
    const [p, q] = [stretch(b, r), stretch(b, r)].sort((x, y) => x[0] - y[0]) as [readonly [number, number], readonly [number, number]];
    const second = Math.max(p[1], q[0]);
    return join(b.subarray(0, p[0]), b.subarray(second, Math.max(second, q[1])), b.subarray(p[1], second), b.subarray(p[0], p[1]), b.subarray(Math.max(second, q[1])));
  },
};

/** The same damage inside a zlib stream, so that it is not the checksum that is tested. */
export const inside = (m: Mutation): Mutation => (b, r, other) => {
  try {
    return new Uint8Array(deflateSync(m(new Uint8Array(inflateSync(b)), r, other)));
  } catch {
    return m(b, r, other);
  }
};
