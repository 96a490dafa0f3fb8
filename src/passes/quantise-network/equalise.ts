/**
 * Cross-layer equalisation: a channel between two layers with weights is divided by a factor in the first and multiplied by it in the
 * second, so that one scale suits all channels of the tensor between them. The float network means the same before and after.
 */
import type { AnyNode, Graph, Tensor } from "../../ir/types.js";
import { count } from "../../ir/types.js";
import type { Calibration } from "./calibrate.js";
import { homogeneous, tensorAt, weightedOf, type Weighted } from "./layers.js";
import { slicer } from "./reals.js";

interface Pair {
  readonly from: Weighted;
  readonly to: Weighted;
  readonly channels: number;
}

/** Who reads each tensor; an output of the network is read by its user. */
function readersOf(graph: Graph): ReadonlyMap<number, readonly (AnyNode | null)[]> {
  const readers = new Map<number, (AnyNode | null)[]>();
  const add = (t: number, n: AnyNode | null): void => { readers.set(t, [...(readers.get(t) ?? []), n]); };
  for (const n of graph.nodes) for (const t of n.inputs) add(t, n);
  for (const o of graph.outputs) add(o.tensor, null);
  return readers;
}

/** Layers with weights that follow each other with nothing between them but what leaves factors alone. */
function pairsOf(graph: Graph): readonly Pair[] {
  const readers = readersOf(graph);
  const uses = (t: number): number => (readers.get(t) ?? []).length;
  return graph.nodes.flatMap((n): readonly Pair[] => {
    const from = weightedOf(n);
    if (!from || !homogeneous(n)) return [];
    const channels = tensorAt(graph, from.w).shape[from.outputs] ?? 1;
    for (let t = from.y; ;) {
      const [next, more] = readers.get(t) ?? [];
      if (!next || more !== undefined) return [];
      const to = weightedOf(next);
      if (to && to.x === t) {
        const depth = tensorAt(graph, to.w).shape[to.inputs] ?? 1;
        // Weights that another layer shares would change there too; grouped ones do not see all channels.
        const fits = to.outputs === to.inputs ? depth === channels : depth % channels === 0;
        return fits && [from.w, to.w, ...(from.b === undefined ? [] : [from.b])].every((w) => uses(w) === 1) ? [{ from, to, channels }] : [];
      }
      if (!homogeneous(next) || next.inputs[0] !== t || to) return [];
      t = next.outputs[0] ?? t;
    }
  });
}

/** Largest weight that reads each channel, as a part of the largest of its own output channel (each of those has a scale of its own). */
function weightRanges(w: Tensor, l: Weighted, channels: number): Float64Array {
  const [input, output] = [slicer(w.shape, l.inputs), slicer(w.shape, l.outputs)];
  const top = new Float64Array(w.shape[l.outputs] ?? 1);
  w.data?.forEach((v, i) => { const o = output(i); top[o] = Math.max(top[o] as number, Math.abs(v)); });
  const range = new Float64Array(channels);
  w.data?.forEach((v, i) => { const [c, t] = [input(i) % channels, top[output(i)] as number]; if (t > 0) range[c] = Math.max(range[c] as number, Math.abs(v) / t); });
  return range;
}

const LARGEST = 2 ** 10;

/** Factor of each channel; one whose values or weights are all zero stays as it is. */
function factors(graph: Graph, { from, to, channels }: Pair, calibration: Calibration): Float64Array {
  const values = calibration.channels.get(from.y) ?? new Float64Array(channels);
  const weights = weightRanges(tensorAt(graph, to.w), to, channels);
  const alone = to.outputs === to.inputs;
  const raw = values.map((v, c) => (v > 0 && (weights[c] as number) > 0 ? (alone ? v : Math.sqrt(v / (weights[c] as number))) : 0));
  const known = raw.filter((s) => s > 0);
  const mean = Math.exp(known.reduce((sum, s) => sum + Math.log(s), 0) / Math.max(1, known.length));
  return raw.map((s) => (s > 0 ? Math.min(LARGEST, Math.max(1 / LARGEST, s / mean)) : 1));
}

/** Weights with each element times the factor of its channel. */
function scaled(t: Tensor, axis: number, factor: (channel: number) => number): Tensor {
  const channel = slicer(t.shape, axis);
  return { ...t, data: Float32Array.from({ length: count(t.shape) }, (_, i) => (t.data?.[i] ?? 0) * factor(channel(i))) };
}

/** The graph with equalised weights, and how many pairs of layers there were. */
export function equalised(graph: Graph, calibration: Calibration): { readonly graph: Graph; readonly pairs: number } {
  const tensors = [...graph.tensors];
  const pairs = pairsOf(graph);
  const change = (t: number, axis: number, f: (c: number) => number): void => { tensors[t] = scaled(tensors[t] as Tensor, axis, f); };
  for (const p of pairs) {
    const s = factors({ ...graph, tensors }, p, calibration);
    const of = (c: number): number => s[c % p.channels] as number;
    change(p.from.w, p.from.outputs, (c) => 1 / of(c));
    if (p.from.b !== undefined) change(p.from.b, 0, (c) => 1 / of(c));
    change(p.to.w, p.to.inputs, of);
  }
  return { graph: { ...graph, tensors }, pairs: pairs.length };
}
