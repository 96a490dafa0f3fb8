/**
 * The way of a model, as a table of contents. Each stage is one file of `stages/`, and takes what the one before it gives:
 *
 *   train         rows  -> Graph      learnt, turned into integers, judged on rows it has not seen
 *   importModel   file  -> Graph      what the source library means, in double precision
 *   importTable   CSV   -> Table      rows in the model's own units
 *   compile       Graph -> Compiled   integers: input type, scales, widths
 *   emit          Compiled -> C text
 *   build         Compiled -> Candidate   one form, really compiled for a board
 *   chooseCandidate                       kernels priced on the board, all forms compiled, the measurement chooses
 *   run           Compiled, board, Table -> RunOutcome   every row on the board, compared and measured
 *   front         Compiled, board -> FrontReport   every program worth having, by RAM, flash and time
 *
 * and the same from file names to results: `runFile`, `compileFile`, `verify`, `inspect`, `frontOfFile`.
 */
export { boards, findBoard } from "./boards/index.js";
export { build, emit, parseGoal, type Candidate, type Goal } from "./stages/candidates.js";
export { chooseCandidate } from "./stages/choose.js";
export { compile, type Compiled, type CompileOptions } from "./stages/compile.js";
export { compileFile, type CompiledFile, type CompileFileOptions } from "./stages/compile-file.js";
export { front, frontOfFile } from "./stages/front.js";
export { importModel, importTable } from "./stages/files.js";
export { inspect, type Inspection } from "./stages/inspect.js";
export { quantiseFile, weightWidths, type QuantisedFile, type QuantiseFileOptions } from "./stages/quantise.js";
export { run, type RunOutcome, type RunRequest } from "./stages/run.js";
export { runFile, type RunFileOptions } from "./stages/run-file.js";
export { readParts, train, type Parts, type TrainOptions, type TrainOutcome } from "./stages/train-run.js";
export { readProject } from "./stages/train-project.js";
export { trainModel, type Trained, type TrainRequest } from "./stages/train.js";
export { certificateOf, verify, type Verified, type VerifyOptions } from "./stages/verify.js";
