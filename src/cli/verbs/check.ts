/** `coincell check`: what a model file holds, whether it is supported, what it needs and which boards it may suit. */
import { exit } from "../exit.js";
import { inspect, type Inspection } from "../inspect.js";
import { printJson } from "../io.js";
import { defineVerb } from "../verb.js";
import { importModel } from "../../pipeline.js";

/** A list that a screen can hold. */
const some = (list: readonly (string | number)[], max = 12): string => (list.length <= max ? list.join(", ") : `${list.slice(0, max).join(", ")} … (${list.length})`);

function nodeLine(n: Inspection["nodes"][number], width: number): string {
  const size = n.numbers === 0 ? "" : `  ${n.numbers} numbers`;
  return `    ${n.op.padEnd(width)}  -> (${n.shape.join(", ")})${size}  ${n.doc}${n.host ? "  [on the host]" : ""}`;
}

function text(file: string, i: Inspection): string {
  const width = Math.max(...i.nodes.map((n) => n.op.length), 1);
  const type = (t: Inspection["inputTypes"][number]): string =>
    `    ${t.type.padEnd(3)}  ${{ yes: "yes", calibrate: "with --calibrate", no: "no" }[t.possible]}${t.constants === null ? "" : `, ${t.constants} bytes of constants`}: ${t.reason}`;
  return [
    `${file}: supported`,
    `  holds        ${i.source}`,
    `  task         ${i.task}${i.labels.length > 0 ? ` of ${i.labels.length} classes: ${some(i.labels)}` : ""}`,
    `  features     ${i.features}: ${some(i.featureNames)}`,
    "  operators", ...i.nodes.map((n) => nodeLine(n, width)),
    "  input types", ...i.inputTypes.map(type),
    `  calibration  ${i.calibration}`,
    `  boards       ${i.boards.map((b) => `${b.board}: ${b.guess}`).join(", ")}`,
    `               guessed from about ${i.estimate.constants} bytes of constants; coincell compile measures`,
    ...i.notes.map((n) => `  note         ${n}`),
  ].join("\n");
}

export const verb = defineVerb({
  name: "check",
  about: "Says what is in a model file, whether it is supported, which input types it can take, whether it needs calibration\nrows, and roughly which boards it suits. What is not supported is named with its cure. Nothing of the file is executed.",
  positional: { name: "FILE", doc: "scikit-learn (pickle, joblib, skops), ONNX, XGBoost, LightGBM, or a coincell graph file", min: 1, max: 1 },
  options: {},
  examples: ["coincell check colour_svm.joblib", "coincell check model.onnx --json"],
  async run({ positionals: [file = ""], options: o }, io) {
    const inspection = inspect(await importModel(file));
    if (o.json) printJson(io, { file, ...inspection });
    else io.out(`${text(file, inspection)}\n`);
    return exit.ok;
  },
});
