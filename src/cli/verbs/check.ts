/** `coincell check`: what a model file holds, whether it is supported, what it needs and which boards it may suit. */
import { exit } from "../exit.js";
import { inspect, type Inspection } from "../../pipeline.js";
import { printJson } from "../io.js";
import { defineVerb } from "../verb.js";
import { importModel } from "../../pipeline.js";
import { plain } from "../../report/format.js";

/** A list that a screen can hold. */
const some = (list: readonly (string | number)[], max = 12): string => (list.length <= max ? list.join(", ") : `${list.slice(0, max).join(", ")} … (${list.length})`);

const roles = { device: "", folded: "  folded into its input's scale, costs nothing", host: "  on the host: changes no label" } as const;

function nodeLine(n: Inspection["nodes"][number], width: number): string {
  const size = n.numbers === 0 ? "" : `  ${n.numbers} numbers`;
  return `    ${n.op.padEnd(width)}  -> (${n.shape.join(", ")})${size}${n.role === null ? "" : roles[n.role]}`;
}

const possible = { yes: "yes", calibrate: "with --calibrate", no: "no" } as const;

/** Types that differ in nothing share a line. */
function typeLines(facts: Inspection["inputTypes"]): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const f of facts) {
    const line = `${possible[f.possible]}${f.constants === null ? "" : `, ${f.constants} bytes of constants`}; ${f.reason}`;
    groups.set(line, [...(groups.get(line) ?? []), f.type]);
  }
  return [...groups].map(([line, types]) => `    ${types.join(", ")}: ${line}`);
}

function text(file: string, i: Inspection): string {
  const width = Math.max(...i.nodes.map((n) => n.op.length), 1);
  return [
    `${file}: supported`,
    `  holds        ${i.source}`,
    `  task         ${i.task}${i.labels.length > 0 ? ` of ${i.labels.length} classes: ${some(i.labels)}` : ""}`,
    `  features     ${i.features}: ${some(i.featureNames)}`,
    "  operators", ...i.nodes.map((n) => nodeLine(n, width)),
    "  input types", ...typeLines(i.inputTypes),
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
    else io.out(plain(`${text(file, inspection)}\n`));
    return exit.ok;
  },
});
