/** The library: the same calls as the CLI. Sizes are bytes, times microseconds, clocks hertz; errors are {@link CoincellError}. */
export { boards, build, chooseCandidate, compile, compileFile, emit, findBoard, importModel, importTable, inspect, run, runFile, verify } from "./pipeline.js";
export type { Candidate, Compiled, CompiledFile, CompileFileOptions, CompileOptions, Goal, Inspection, RunFileOptions, RunOutcome, RunRequest, Verified, VerifyOptions } from "./pipeline.js";
export type { Board } from "./boards/index.js";
export type { Table } from "./data/table.js";
export { readGraph, writeGraph } from "./importers/graph/index.js";
export { CoincellError, type Diagnostic } from "./ir/diagnostics.js";
export type { Program } from "./ir/op.js";
export type { Graph, Quant, Tensor } from "./ir/types.js";
export { htmlReport } from "./report/html.js";
export { readReports } from "./report/read.js";
export { terminalReport, type TerminalOptions } from "./report/terminal.js";
export type { Difference, Prediction, RunReport, Spread } from "./report/types.js";
