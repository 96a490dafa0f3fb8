/** `coincell run`: every test row through the simulated board, measured and compared with the reference. */
import { writePage } from "../page.js";
import { exitOfReport } from "../exit.js";
import { writeText } from "../files.js";
import { printJson, progress, useColour } from "../io.js";
import { checkDeclared, compileOptions, dataOptions, modelOptions, rowOptions } from "../model-options.js";
import { differenceText, overText } from "../outcome.js";
import { predictionsCsv } from "../predictions.js";
import { defineVerb } from "../verb.js";
import { runFile } from "../../pipeline.js";
import { terminalReport } from "../../report/terminal.js";

export const verb = defineVerb({
  name: "run",
  about: "Compiles the model for the board, runs every row of the CSV on the simulated chip, compares every byte with the\nreference, and shows flash, RAM, stack, cycles, agreement with the float model, and accuracy where labels are given.",
  positional: { name: "MODEL", doc: "model file (see coincell check)", min: 1, max: 1 },
  options: {
    board: { value: "B", short: "b", required: true, doc: "see coincell boards" },
    ...dataOptions, ...modelOptions,
    predictions: { value: "out.csv", doc: "write a row per sample: label, then scores" },
    html: { value: "page.html", doc: "write the report as one HTML page" },
  },
  examples: [
    "coincell run colour_svm.joblib --board attiny85 --calibrate train.csv --data test.csv",
    "coincell run network.tflite --board nucleo-l4r5zi --random 16 --seed 1",
    "coincell run forest.pkl --board uno --data test.csv --input-type u8 --optimise size --json",
    "coincell run model.onnx --board host --data test.csv --label species --predictions out.csv --html page.html",
  ],
  async run({ positionals: [model = ""], options: o }, io) {
    const options = compileOptions(o);
    await checkDeclared(model, options.inputQuant);
    const counter = progress(io, o.board);
    const { report, predictions } = await runFile(model, {
      ...options, ...rowOptions(o), board: o.board, onProgress: counter.step,
    }).finally(counter.end);
    if (o.predictions !== undefined) await writeText(o.predictions, predictionsCsv(predictions, report.labels.length > 0));
    if (o.html !== undefined) await writePage(io, o.html, [report]);
    if (o.json) printJson(io, report);
    else io.out(terminalReport([report], { colour: useColour(io), columns: io.columns }));
    const problem = differenceText(report) ?? overText(report);
    if (problem !== null) io.err(`${problem}\n`);
    return exitOfReport(report);
  },
});
