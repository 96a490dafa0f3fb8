/** Ranges of every tensor: measured on calibration rows, or on rows drawn from what the model itself says of its inputs. */
import type { Range, Stats } from "../../ir/op.js";
import { xorshift } from "../../ir/random.js";
import { elements, type Graph } from "../../ir/types.js";
import { findOp } from "../../ops/registry.js";
import { evaluateAll } from "../evaluate.js";
import { columnOf } from "./input.js";

export interface Calibration {
  readonly rows: readonly Float64Array[];
  /** One per tensor of the graph. */
  readonly stats: readonly Stats[];
  /** Columns of the rows, when they are real data (grids may be read off them). */
  readonly columns: readonly Float64Array[] | null;
}

const empty = (n: number): Stats => ({ min: new Float64Array(n).fill(Infinity), max: new Float64Array(n).fill(-Infinity), mean: new Float64Array(n) });

function widen({ min, max, mean }: Stats, v: Float64Array, share: number): void {
  for (let i = 0; i < v.length; i++) {
    const x = v[i] ?? 0;
    mean[i]! += x * share;
    if (x < (min[i] ?? 0)) min[i] = x;
    if (x > (max[i] ?? 0)) max[i] = x;
  }
}

/** Ranges over `rows`; that they are real data is said by {@link withInputRanges}. */
export function calibrate(graph: Graph, rows: readonly Float64Array[]): Calibration {
  const stats = graph.tensors.map((t) => empty(elements(t)));
  for (const row of rows) evaluateAll(graph, row).forEach((v, t) => { const s = stats[t]; if (s) widen(s, v, 1 / rows.length); });
  return { rows, stats, columns: null };
}

/** The same calibration with the inputs' own ranges (and grids) taken from every row: no evaluation is needed for those. */
export function withInputRanges(c: Calibration, graph: Graph, rows: readonly Float64Array[]): Calibration {
  const all = empty(elements(graph.tensors[graph.input]));
  for (const row of rows) widen(all, row, 1 / rows.length);
  const columns = Array.from(all.min, (_, f) => columnOf(rows, f));
  return { ...c, stats: c.stats.map((s, t) => (t === graph.input ? all : s)), columns };
}

/** Ranges of the inputs as the model tells them: thresholds, means and deviations, prototypes. Null where it tells none. */
export function hintedRange(graph: Graph): Range | null {
  let value = graph.input;
  let scale = new Float64Array(elements(graph.tensors[value])).fill(1);
  let offset = new Float64Array(scale.length);
  for (const n of graph.nodes) {
    if (n.inputs[0] !== value) continue;
    const { affine, inputHint } = findOp(n.op).traits;
    const map = affine?.(n.attrs);
    if (map) {
      offset = offset.map((o, i) => o * (map.scale[i] ?? 1) + (map.offset[i] ?? 0));
      scale = scale.map((s, i) => s * (map.scale[i] ?? 1));
      value = n.outputs[0] ?? value;
      continue;
    }
    // After a scaler, four deviations on each side hold nearly all data.
    const hint = inputHint?.(n.attrs) ?? (value === graph.input ? null : { min: new Float64Array(scale.length).fill(-4), max: new Float64Array(scale.length).fill(4) });
    if (!hint) return null;
    const back = (v: Float64Array): Float64Array => v.map((x, i) => (x - (offset[i] ?? 0)) / (scale[i] ?? 1));
    return { min: back(hint.min), max: back(hint.max) };
  }
  return null;
}

/** Rows drawn evenly from a range by a fixed generator: the same on every machine. */
export function drawRows(range: Range, n: number): Float64Array[] {
  const next = xorshift(0x2545f491);
  return Array.from({ length: n }, () => range.min.map((lo, i) => lo + next() * ((range.max[i] ?? lo) - lo)));
}
