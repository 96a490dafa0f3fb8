/** `coincell check`: what a model file holds, whether it is supported, what it needs and which boards it may suit. */
import { exit } from "../exit.js";
import { inspect, type Inspection } from "../../pipeline.js";
import { printJson } from "../io.js";
import { defineVerb } from "../verb.js";
import { importModel } from "../../pipeline.js";
import { percent, plain, short, whole } from "../../report/format.js";

type NetworkFacts = NonNullable<Inspection["network"]>;

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

const scale = (p: NetworkFacts["inputs"][number]): string => (p.scale === null ? "" : `, real = ${Number(p.scale.toPrecision(6))} * ${p.zero ? `(q ${p.zero < 0 ? "+" : "-"} ${Math.abs(p.zero)})` : "q"}`);
const port = (p: NetworkFacts["inputs"][number]): string => `${p.shape.join(" x ")} ${p.type}${scale(p)}  ${short(p.name)}`;
const labelled = (title: string, lines: readonly string[]): readonly string[] => lines.map((l, i) => `  ${(i === 0 ? title : "").padEnd(12)} ${l}`);

function operatorLines({ operators, macs }: NetworkFacts): readonly string[] {
  const width = Math.max(...operators.map((o) => o.op.length), 1);
  return operators.toSorted((a, b) => b.macs - a.macs).map((o) => `    ${o.op.padEnd(width)}  ${String(o.count).padStart(4)}x  ${o.types.join(", ").padEnd(4)}  ${whole(o.macs).padStart(13)} MACs (${percent(macs > 0 ? o.macs / macs : 0, 1)})  ${whole(o.weightBytes).padStart(10)} bytes of weights`);
}

/** What each number of layers run row by row takes, where it is worth its moves. */
function rowLines({ rows }: NetworkFacts): readonly string[] {
  if (!rows) return [];
  const lines = (front: NonNullable<NetworkFacts["rows"]>["byRow"], how: string): string[] => front.map((f) => (f.layers === 0 ? `layer by layer: ${whole(f.bytes)} bytes` : `the first ${f.layers} layers by rows, ${how}: ${whole(f.bytes)} bytes; ${whole(f.moved)} bytes moved`));
  const all = [...lines(rows.resident, "input in memory"), ...lines(rows.byRow, "input handed over by rows")];
  return labelled("row by row", all.length > 0 ? all : ["no: the first layer reads no image of several rows"]);
}

function networkText(file: string, i: Inspection, n: NetworkFacts): string {
  const of = (guess: string): string => n.boards.filter((b) => b.guess === guess).map((b) => b.board).join(", ") || "none";
  const { plan, bound, scratch } = n.activations;
  return [
    `${file}: supported`,
    `  holds        ${i.source}`,
    `  task         ${i.task}${i.labels.length > 0 ? ` of ${i.labels.length} classes: ${some(i.labels)}` : ""}${n.stateful ? ", with state from call to call" : ""}`,
    ...labelled("inputs", n.inputs.map(port)), ...labelled("outputs", n.outputs.map(port)),
    `  layers       ${n.layers}, ${whole(n.macs)} MACs`,
    "  operators", ...operatorLines(n),
    `  weights      ${whole(n.weights)} bytes in flash`,
    `  activations  ${whole(plan)} bytes of RAM as planned${plan === bound ? " (no plan can be smaller)" : `, at least ${whole(bound)} in any plan`}${scratch > 0 ? `; scratch ${whole(scratch)}` : ""}`,
    ...rowLines(n),
    `  arithmetic   ${n.arithmetic === "int" ? `integers; calibration ${i.calibration}` : `float32; ${i.calibration}`}`,
    `  fits         ${of("fits")}${n.boards.some((b) => b.guess === "no limit") ? `; no limit: ${of("no limit")}` : ""}`,
    `  tight        ${of("tight")}`,
    `  too large    ${of("no")}`,
    "               weights and activations against flash and RAM, with some room for code and stack; coincell run measures",
    ...i.notes.map((t) => `  note         ${t}`),
  ].join("\n");
}

export const verb = defineVerb({
  name: "check",
  about: "Says what is in a model file, whether it is supported, which input types it can take, whether it needs calibration\nrows, and roughly which boards it suits. What is not supported is named with its cure. Nothing of the file is executed.",
  positional: { name: "FILE", doc: "network (.tflite), scikit-learn (pickle, joblib, skops), ONNX, XGBoost, LightGBM, or a coincell graph file", min: 1, max: 1 },
  options: { rows: { doc: "networks: also what they take with their first layers run row by row (see run --rows)" } },
  examples: ["coincell check network.tflite --rows", "coincell check colour_svm.joblib", "coincell check model.onnx --json"],
  async run({ positionals: [file = ""], options: o }, io) {
    const inspection = inspect(await importModel(file), o.rows === true);
    if (o.json) printJson(io, { file, ...inspection });
    else io.out(plain(`${inspection.network ? networkText(file, inspection, inspection.network) : text(file, inspection)}\n`));
    return exit.ok;
  },
});
