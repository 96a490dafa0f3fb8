/** The library: the same calls as the CLI. Sizes are bytes, times microseconds, clocks hertz; errors are {@link CoincellError}. */
export { boards, build, chooseCandidate, compile, compileFile, emit, findBoard, front, frontOfFile, importModel, importTable, inspect, readParts, readProject, run, runFile, train, trainModel, verify } from "./pipeline.js";
export type { Candidate, Compiled, CompiledFile, CompileFileOptions, CompileOptions, Goal, Inspection, RunFileOptions, RunOutcome, RunRequest, Trained, TrainOptions, TrainOutcome, TrainRequest, Verified, VerifyOptions } from "./pipeline.js";
export type { Board, Limits } from "./boards/index.js";
export { describe, readDataset, splitRows, type Dataset, type Description } from "./data/index.js";
export type { Table } from "./data/table.js";
export { readGraph, writeGraph } from "./importers/graph/index.js";
export { CoincellError, type Diagnostic } from "./ir/diagnostics.js";
export type { Program } from "./ir/op.js";
export type { Graph, Quant, Tensor } from "./ir/types.js";
export { frontPage } from "./report/front-html.js";
export type { FrontPoint, FrontReport } from "./report/front-types.js";
export { htmlReport } from "./report/html.js";
export { readReports } from "./report/read.js";
export { terminalReport, type TerminalOptions } from "./report/terminal.js";
export { htmlTraining } from "./report/train-html.js";
export type { TrainReport } from "./report/train-types.js";
export type { Difference, Prediction, RunReport, Spread } from "./report/types.js";
