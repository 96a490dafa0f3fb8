/** `coincell train`: rows to a model, judged as the integers the device will run. */
import { writePage } from "../train-page.js";
import { exit, exitOfReport, type ExitCode } from "../exit.js";
import { writeText } from "../files.js";
import { interruptible } from "../interrupt.js";
import { printJson, useColour } from "../io.js";
import { differenceText, overText } from "../outcome.js";
import { percentDone, trainOptions, trainTable } from "../train-options.js";
import { defineVerb } from "../verb.js";
import { writeGraph } from "../../importers/graph/index.js";
import { train } from "../../pipeline.js";
import { terminalTraining } from "../../report/train-terminal.js";

export const verb = defineVerb({
  name: "train",
  about: "Learns a model from DATA and judges it on rows it has not seen: the figures are those of the integer model, as the\ndevice runs it. DATA is a CSV, NPY, NPZ or Parquet file, a folder (one sub-folder or file of CSV for each class), or a\nproject: a coincell.json (also found in this folder when nothing is named). -o writes the model for coincell run.",
  positional: { name: "DATA", doc: "rows, or a coincell.json project (default: ./coincell.json)", min: 0, max: 1 },
  options: {
    ...trainTable,
    out: { value: "model.json", short: "o", doc: "write the model as a graph file, for coincell run, compile, check" },
    html: { value: "page.html", doc: "write the judgement as one HTML page" },
  },
  examples: [
    "coincell train train.csv --test test.csv --model forest -o model.json",
    "coincell train gestures/ --model svm --set C=10 --split 0.3 --seed 1 --board attiny85 --html page.html",
    "coincell train fan.csv --model isolation-forest --normal ok --label state",
    "coincell train data.csv --model boosting --set rounds=40,depth=3 --folds 5 --json",
  ],
  async run({ positionals: [data], options: o }, io): Promise<ExitCode> {
    const options = await trainOptions(data, o);
    const counter = percentDone(io, options.model);
    const { trained, report } = await interruptible((signal) => train({ ...options, signal, onProgress: counter.step, onBoardProgress: counter.rows }).finally(counter.end));
    if (o.out !== undefined) await writeText(o.out, writeGraph(trained.graph));
    if (o.html !== undefined) await writePage(io, o.html, report);
    if (o.json) printJson(io, report);
    else io.out(terminalTraining(report, { colour: useColour(io), columns: io.columns }));
    if (o.out !== undefined) io.err(`wrote ${o.out}; next: coincell run ${o.out} --board ${options.board ?? "attiny85"} --calibrate ${options.data} --data ${options.test ?? "test.csv"}\n`);
    if (!report.run) return exit.ok;
    const problem = differenceText(report.run) ?? overText(report.run);
    if (problem !== null) io.err(`${problem}\n`);
    return exitOfReport(report.run);
  },
});
