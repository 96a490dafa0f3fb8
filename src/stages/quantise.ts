/** Float networks to integers on typical rows: what `compile` does by itself, and `coincell quantise` writes down. */
import { labelIndex } from "../data/table.js";
import { fail } from "../ir/diagnostics.js";
import type { Arithmetic } from "../ir/op.js";
import { type Graph, type Quant, type Tensor } from "../ir/types.js";
import { findOp } from "../ops/registry.js";
import { isNetwork } from "../passes/quantise/network.js";
import { explain, isFloatNetwork, quantiseNetwork, realNetwork, thinned, type LayerFact, type QuantisedNetwork, type QuantiseNetworkOptions } from "../passes/quantise-network/index.js";
import { answersOf, largest } from "../passes/quantise-network/quality.js";
import { importModel, importTable } from "./files.js";

export { weightWidths } from "../passes/quantise-network/index.js";

/** Rows for calibration while compiling: fewer for large networks, so that no one waits long. */
const MAX_ROWS = 256;
const MIN_ROWS = 16;
const MAC_BUDGET = 1e9;

/** Multiply-accumulates of one call. */
export const macsOf = (graph: Graph): number => graph.nodes.reduce((sum, n) => {
  const [inputs, outputs] = [n.inputs, n.outputs].map((list) => list.flatMap((t) => graph.tensors[t] ?? [])) as [Tensor[], Tensor[]];
  return sum + (findOp(n.op).traits.macs?.(n.attrs, { inputs, outputs }) ?? 0);
}, 0);

export const rowsWithin = <T>(graph: Graph, rows: readonly T[]): readonly T[] =>
  thinned(rows, Math.min(MAX_ROWS, Math.max(MIN_ROWS, Math.floor(MAC_BUDGET / Math.max(1, macsOf(graph))))));

/** What compiling says of the numbers; see `CompileOptions`. */
export interface IntegerOptions {
  readonly inputType?: string;
  readonly inputQuant?: Quant;
  readonly arithmetic?: Arithmetic;
  readonly rows?: readonly Float64Array[] | null;
}

/** The network as the device runs it: as it is where it has integers already, or where float32 is asked for. */
export function integerNetwork(graph: Graph, o: IntegerOptions): Graph {
  if (!isFloatNetwork(graph)) return graph;
  if (o.arithmetic === "float" || (o.arithmetic === undefined && o.inputType === "f32")) return realNetwork(graph);
  if (o.inputType !== undefined && o.inputType !== "i8") fail("quantise/input-type", graph.name, `inputs of type ${o.inputType}`, "A network quantised here takes int8 inputs; float32 ones with --arithmetic float.");
  const rows = o.rows ?? [];
  if (rows.length === 0) fail("quantise/no-calibration", graph.name, "a float network needs typical rows to become integers", "Give rows with --calibrate train.csv, or choose --arithmetic float.");
  return quantiseNetwork(realNetwork(graph), { rows: rowsWithin(graph, rows), ...(o.inputQuant ? { inputQuant: o.inputQuant } : {}) }).graph;
}

export interface QuantiseFileOptions extends Omit<QuantiseNetworkOptions, "rows" | "held"> {
  /** CSV, .npy or .npz with rows in the network's own units. */
  readonly calibrate: string;
  readonly label?: string;
  readonly ignore?: readonly string[];
  /** Says for each layer what it costs. */
  readonly explain?: boolean;
}

export interface QuantisedFile extends QuantisedNetwork {
  readonly rows: number;
  readonly float: Graph;
  /** Right answers on the rows, where they have labels. */
  readonly accuracy: { readonly float: number; readonly integer: number } | null;
  readonly layers: readonly LayerFact[];
}

/** Rows for calibration at most, and those that every layer is tried on. */
const CALIBRATION_ROWS = 1000;
const EXPLAIN_ROWS = 100;
/** Of each so many rows one is held back where a search may lose some answers. */
const HELD = 3;
const HELD_ROWS = 500;

interface Split { readonly seen: readonly number[]; readonly held: readonly number[] }

function splitRows(n: number, o: Pick<QuantiseFileOptions, "weights" | "maxFlash">): Split {
  const all = Array.from({ length: n }, (_, i) => i);
  if (o.weights !== "auto" || o.maxFlash !== undefined) return { seen: thinned(all, CALIBRATION_ROWS), held: [] };
  return { seen: thinned(all.filter((i) => i % HELD !== HELD - 1), CALIBRATION_ROWS), held: thinned(all.filter((i) => i % HELD === HELD - 1), HELD_ROWS) };
}

const accuracyOf = (graph: Graph, d: { readonly rows: readonly Float64Array[]; readonly labels: ArrayLike<number> }): number => {
  const answers = answersOf(graph, d.rows);
  return answers.filter((a, i) => largest(a) === d.labels[i]).length / Math.max(1, answers.length);
};

/** `coincell quantise` as one call: a float network's file and rows in, the integer graph and what it costs out. */
export async function quantiseFile(model: string, o: QuantiseFileOptions): Promise<QuantisedFile> {
  const read = await importModel(model);
  if (!isFloatNetwork(read)) fail("quantise/not-float", model, isNetwork(read) ? "the network has integers already" : "this is no neural network", isNetwork(read) ? "Compile it as it is." : "Classical models become integers when they are compiled: give --calibrate to coincell compile.");
  const graph = realNetwork(read);
  const { rows, labels } = await importTable(o.calibrate, graph, o);
  const wanted = labels && graph.task === "classification" ? labels.map((l) => labelIndex(graph.labels, l)) : null;
  const { seen, held } = splitRows(rows.length, o);
  const at = (list: readonly number[]): Float64Array[] => list.map((i) => rows[i] as Float64Array);
  const made = quantiseNetwork(graph, { ...o, rows: at(seen), ...(held.length > 0 ? { held: { rows: at(held), labels: wanted ? held.map((i) => wanted[i] as number) : null } } : {}) });
  const some = (n: number) => { const list = thinned(rows.map((_, i) => i), n); return { rows: at(list), labels: wanted ? list.map((i) => wanted[i] as number) : null }; };
  const judged = some(CALIBRATION_ROWS);
  const accuracy = judged.labels ? { float: accuracyOf(graph, { rows: judged.rows, labels: judged.labels }), integer: accuracyOf(made.graph, { rows: judged.rows, labels: judged.labels }) } : null;
  const layers = o.explain === true ? explain(graph, { ...some(EXPLAIN_ROWS), ranges: made.ranges, ...(o.onProgress ? { onProgress: o.onProgress } : {}) }) : [];
  return { ...made, float: graph, rows: rows.length, accuracy, layers };
}
