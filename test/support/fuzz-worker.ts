/** One mutant after the other: imported, evaluated, compiled; what goes wrong otherwise than by a clear error is told. */
import { importModel } from "../../src/importers/index.js";
import { convertRow, convertRows } from "../../src/ir/conversion.js";
import { CoincellError } from "../../src/ir/diagnostics.js";
import type { Graph, Tensor } from "../../src/ir/types.js";
import { evaluate, evaluator } from "../../src/passes/evaluate.js";
import { isNetwork } from "../../src/passes/quantise/network.js";
import { createRunner, runProgram } from "../../src/passes/run-program.js";
import { emit } from "../../src/stages/candidates.js";
import { compile, type Compiled } from "../../src/stages/compile.js";
import { randomRows } from "../../src/stages/random-rows.js";
import { assertDiagnostic } from "./compare.js";
import { inputOf } from "./models.js";
import { rowsFor } from "./hand-made.js";

export interface Task { readonly bytes: Uint8Array; readonly file: string }
/** `outcome`: "ran", or the code of the error; `fault`: what may not happen. */
export interface Told { readonly outcome: string; readonly fault: string | null; readonly milliseconds: number }

/** Bytes outside the JavaScript heap that one model may hold on to. */
const BUFFERS = 400e6;

function asked(graph: Graph): void {
  if (isNetwork(graph)) return askedNetwork(graph);
  const features = graph.tensors[graph.input]?.shape[0] ?? 0;
  const rows = rowsFor(features, 10);
  for (const row of rows.slice(0, 3)) {
    const { label, scores } = evaluate(graph, row);
    if (graph.labels.length > 0 && !(Number.isInteger(label) && label >= 0 && label < graph.labels.length)) throw new Error(`label ${label} of ${graph.labels.length}`);
    if (scores.length === 0) throw new Error("no scores");
  }
  const c = compile(graph, { rows });
  for (const row of rows) runProgram(c.program, convertRow(row, inputOf(c.program)));
  checkText(c);
}

function askedNetwork(graph: Graph): void {
  const c = compile(graph, graph.tensors[graph.input]?.dtype === "f32" ? { arithmetic: "float" } : {});
  const { rows } = randomRows(c.program, 2, 1);
  const [float, run] = [evaluator(graph), createRunner(c.program)];
  for (const row of rows) {
    if (float(row).scores.length === 0) throw new Error("no scores");
    run(...convertRows(row, [c.program.input, ...c.program.moreInputs].map((t) => c.program.tensors[t] as Tensor)));
  }
  checkText(c);
}

function checkText(c: Compiled): void {
  for (const [path, text] of emit(c, "table")) if (/\b(NaN|Infinity|undefined)\b/.test(text.replace(/\/\*[^]*?\*\/|"[^"\n]*"/g, ""))) throw new Error(`${path} holds a number that is none`);
}

function attempt({ bytes, file }: Task): Omit<Told, "milliseconds"> {
  try {
    asked(importModel(bytes, file));
    return { outcome: "ran", fault: null };
  } catch (e) {
    if (!(e instanceof CoincellError)) return { outcome: "fault", fault: e instanceof Error ? (e.stack ?? e.message).split("\n").slice(0, 6).join("\n") : String(e) };
    try {
      assertDiagnostic(e.diagnostic, file);
      return { outcome: e.diagnostic.code, fault: null };
    } catch (bad) {
      return { outcome: e.diagnostic.code, fault: String(bad) };
    }
  }
}

process.on("message", (task: Task) => {
  const begin = performance.now();
  const told: Told = { ...attempt(task), milliseconds: performance.now() - begin };
  const { arrayBuffers } = process.memoryUsage();
  process.send?.(arrayBuffers > BUFFERS ? { ...told, fault: `${arrayBuffers} bytes of buffers` } : told);
});
