/** What a model needs at the very least, known before any compiler runs. */
import { createHash } from "node:crypto";
import type { Program } from "../ir/op.js";
import { bytesOf, isInt, type Graph } from "../ir/types.js";
import { findOp } from "../ops/registry.js";
import type { Bind } from "../report/pareto-types.js";

/** Real numbers of a graph take a byte each at least; whole ones are structure that kernels may pack away. */
const BYTES_PER_NUMBER = 0.9;

/** Constants of the float graph, in bytes: a lower bound on flash. */
export function graphBytes(g: Graph): number {
  const device = g.nodes.filter((n) => findOp(n.op).traits.hostOnly === undefined && findOp(n.op).traits.affine === undefined);
  const numbers = device.reduce((sum, n) => sum + Object.values(n.attrs).reduce((s: number, v) => s + (v instanceof Float64Array ? v.length : 0), 0), 0);
  return Math.floor(numbers * BYTES_PER_NUMBER);
}

/** Constants that one answer reads; of a tree it walks one path, so that forests are large and quick. */
export function graphWork(g: Graph): number {
  return g.nodes.reduce((sum, { attrs }) => {
    const [roots, feature] = [attrs["roots"], attrs["feature"]];
    const numbers = Object.values(attrs).reduce((s: number, v) => s + (v instanceof Float64Array ? v.length : 0), 0);
    return sum + (ArrayBuffer.isView(roots) && ArrayBuffer.isView(feature) ? lengthOf(roots) * Math.log2(2 + lengthOf(feature) / Math.max(1, lengthOf(roots))) : numbers);
  }, 0);
}

const lengthOf = (v: ArrayBufferView): number => (v as Uint8Array).length;

/** Equal for graphs that compute the same: hyper-parameters without effect give many of those. */
export function fingerprint(g: Graph): string {
  const h = createHash("sha256");
  for (const n of g.nodes) {
    h.update(`${n.op} ${n.inputs.join()} ${n.outputs.join()}`);
    for (const [k, v] of Object.entries(n.attrs)) h.update(k).update(ArrayBuffer.isView(v) ? new Uint8Array(v.buffer, v.byteOffset, v.byteLength) : String(v));
  }
  return h.digest("hex").slice(0, 16);
}

const arrayBytes = (v: unknown): number => (ArrayBuffer.isView(v) ? v.byteLength : 0);

/** Constants as they will lie in flash in the form of tables. */
export const programBytes = (p: Program): number => p.steps.reduce((sum, s) => sum + Object.values(s.params).reduce((a: number, v) => a + arrayBytes(v), 0), 0);

/** Straight code may be smaller than tables, but not by more than this part of them. */
const INLINE_PART = 0.7;

/** The input row has to be in RAM. */
export function inputBytes(p: Program): number {
  const input = p.tensors[p.input];
  return input ? (input.shape[0] ?? 0) * bytesOf(isInt(input.dtype) ? input.dtype : "f32") : 0;
}

const above = (limit: "flash" | "ram", value: number, allowed: number | null): Bind | null =>
  allowed !== null && value > allowed ? { limit, unit: "bytes", value, allowed, over: value - allowed } : null;

/** What a trained graph cannot get below, or null where it may fit. */
export const graphBound = (g: Graph, limits: { readonly flashBytes: number | null }): Bind | null => above("flash", graphBytes(g), limits.flashBytes);

export const programBound = (p: Program, limits: { readonly flashBytes: number | null; readonly ramBytes: number | null }): Bind | null =>
  above("flash", Math.floor(programBytes(p) * INLINE_PART), limits.flashBytes) ?? above("ram", inputBytes(p), limits.ramBytes);
