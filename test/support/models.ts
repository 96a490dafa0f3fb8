/** Fixture models made ready for boards: rows to calibrate on, rows to ask, and the reference's answers. */
import { compile, type Compiled, type CompileOptions } from "../../src/stages/compile.js";
import type { Table } from "../../src/data/table.js";
import { convertRow } from "../../src/ir/conversion.js";
import { CoincellError, type Diagnostic } from "../../src/ir/diagnostics.js";
import type { Program } from "../../src/ir/op.js";
import { makeArray, type Graph, type Tensor, type TypedArray } from "../../src/ir/types.js";
import { runProgram } from "../../src/passes/run-program.js";
import { fixture, graphOf, rowsOf } from "./fixtures.js";
import { random } from "./random.js";

/** The rows, and points between pairs of them (nearer to the borders), `n` in all. */
export function mixedRows(rows: readonly Float64Array[], n: number, seed = 5): Float64Array[] {
  const r = random(seed);
  const more = Array.from({ length: Math.max(0, n - rows.length) }, () => {
    const [a, b, k] = [r.pick(rows), r.pick(rows), r.next()];
    return a.map((v, i) => Math.fround(v + k * ((b[i] ?? 0) - v)));
  });
  return [...rows, ...more].slice(0, n);
}

export interface Ready { readonly id: string; readonly graph: Graph; readonly rows: readonly Float64Array[]; readonly table: Table; readonly compiled: Compiled }

/** A fixture compiled on its rows; or why it is refused. */
export function ready(id: string, n = 60, options: CompileOptions = {}): Ready | Diagnostic {
  const f = fixture(id);
  try {
    const graph = graphOf(f);
    const rows = mixedRows(rowsOf(f), n);
    const table: Table = { features: graph.featureNames, rows, labels: null };
    return { id, graph, rows, table, compiled: compile(graph, { rows, ...options }) };
  } catch (e) {
    if (e instanceof CoincellError) return e.diagnostic;
    throw e;
  }
}

export const isReady = (r: Ready | Diagnostic): r is Ready => "compiled" in r;

export const inputOf = (p: Program): Tensor => p.tensors[p.input] as Tensor;
export const deviceRows = (c: Compiled, rows: readonly Float64Array[]): TypedArray[] => rows.map((r) => convertRow(r, inputOf(c.program)));

/** What `<m>_predict` must return. */
export function answerOf(c: Compiled, x: TypedArray): TypedArray {
  const p = c.program;
  const out = makeArray((p.tensors[p.label ?? p.scores] as Tensor).dtype, 1);
  out[0] = p.label === null ? (runProgram(p, x).scores[0] ?? 0) : runProgram(c.labelProgram ?? p, x).label;
  return out;
}
