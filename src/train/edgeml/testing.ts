/** For the tests of this folder: a learnt graph taken down the whole line. */
import type { Board } from "../../boards/index.js";
import type { Graph } from "../../ir/types.js";
import { evaluate } from "../../passes/evaluate.js";
import { compile, type Compiled } from "../../stages/compile.js";
import { run, type RunOutcome } from "../../stages/run.js";
import type { TrainingSet } from "../learner.js";

const rowsOf = (d: TrainingSet): Float64Array[] => Array.from({ length: d.rows }, (_, r) => d.x.slice(r * d.features.length, (r + 1) * d.features.length));
const labelsOf = (d: TrainingSet): string[] => Array.from(d.y ?? [], (c) => String(d.classes[c]));

/** Share of rows the float graph answers rightly. */
export function accuracy(graph: Graph, d: TrainingSet): number {
  const labels = labelsOf(d);
  return rowsOf(d).filter((r, i) => String(graph.labels[evaluate(graph, r).label]) === labels[i]).length / d.rows;
}

const compiled = (graph: Graph, d: TrainingSet): Compiled => compile(graph, { rows: rowsOf(d) });

/** Bytes of all arrays that the integer program keeps in flash. */
export const constantsOf = (graph: Graph, d: TrainingSet): number =>
  compiled(graph, d).program.steps.flatMap((s) => Object.values(s.params)).reduce((n: number, v) => n + (ArrayBuffer.isView(v) ? v.byteLength : 0), 0);

export const runTable = (graph: Graph, d: TrainingSet, board: Board): Promise<RunOutcome> =>
  run({ compiled: compiled(graph, d), board, table: { features: graph.featureNames, rows: rowsOf(d), labels: labelsOf(d) }, goal: "size" });
