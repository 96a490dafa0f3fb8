/** What the float network does on typical rows: how often which values occur, means, and the range of every channel. */
import { fail } from "../../ir/diagnostics.js";
import { elements, type Graph } from "../../ir/types.js";
import { inputsOf } from "../evaluate.js";
import { Histogram } from "./histogram.js";
import { isReal, tensorAt, weightedOf } from "./layers.js";
import { channelsOf, homes, tracer } from "./trace.js";

export interface Calibration {
  /** For every computed tensor of real numbers; what is another's elements under a new shape has the other's. */
  readonly histograms: ReadonlyMap<number, Histogram>;
  /** Mean of each element, for what layers with weights read. */
  readonly means: ReadonlyMap<number, Float64Array>;
  /** Largest absolute value of each channel, for what layers with weights write. */
  readonly channels: ReadonlyMap<number, Float64Array>;
}

/** Done and total rows; called now and then. */
export type Progress = (done: number, total: number, what: string) => void;

/** A row that is too short would be read as zeros. */
export function checkRows(graph: Graph, rows: readonly ArrayLike<number>[]): void {
  const width = inputsOf(graph).reduce((n, t) => n + elements(graph.tensors[t]), 0);
  const wrong = rows.findIndex((r) => r.length !== width);
  if (rows.length === 0) fail("quantise/no-calibration", graph.name, "a float network needs typical rows to become integers", "Give rows with --calibrate train.csv, or choose --arithmetic float.");
  if (wrong >= 0) fail("quantise/row-length", graph.name, `calibration row ${wrong} has ${rows[wrong]?.length} values, the network takes ${width}`, "Give rows of the network's own inputs.");
}

function extendMean(sum: Float64Array, values: ArrayLike<number>): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (values[i] as number);
}

function extendChannels(max: Float64Array, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) { const c = i % max.length; max[c] = Math.max(max[c] as number, Math.abs(values[i] as number)); }
}

export function calibrate(graph: Graph, rows: readonly ArrayLike<number>[], onProgress?: Progress): Calibration {
  checkRows(graph, rows);
  const home = homes(graph);
  const real = (t: number): boolean => isReal(tensorAt(graph, t)) && !tensorAt(graph, t).data;
  const own = graph.tensors.flatMap((t, i) => (home[i] === i && real(i) ? [[i, new Histogram(t.name)] as const] : []));
  const weighted = graph.nodes.flatMap((n) => weightedOf(n) ?? []);
  const means = new Map(weighted.filter((l) => real(l.x)).map((l) => [l.x, new Float64Array(elements(graph.tensors[l.x]))]));
  const channels = new Map(weighted.map((l) => [l.y, new Float64Array(channelsOf(graph.tensors[l.y]))]));
  const { run, reals } = tracer(graph);
  rows.forEach((row, r) => {
    const values = run(row);
    for (const [t, h] of own) h.add(reals(values, t));
    for (const [t, sum] of means) extendMean(sum, reals(values, t));
    for (const [t, max] of channels) extendChannels(max, reals(values, t));
    onProgress?.(r + 1, rows.length, "calibration");
  });
  for (const sum of means.values()) sum.forEach((v, i) => { sum[i] = v / rows.length; });
  const byHome = new Map(own);
  const histograms = new Map(graph.tensors.flatMap((_, i) => { const h = byHome.get(home[i] as number); return h && real(i) ? [[i, h] as const] : []; }));
  return { histograms, means, channels };
}
