/** `coincell check`: what a model file holds, whether it is supported, what it needs and which boards it may suit. */
import { exit, type ExitCode } from "../exit.js";
import { writeText } from "../files.js";
import { frontOfFile, importModel, inspect, type Inspection } from "../../pipeline.js";
import { printJson, useColour, type Io } from "../io.js";
import { limitOptions, limitTable, modelOptions } from "../model-options.js";
import type { OptionTable, Values } from "../options.js";
import { defineVerb } from "../verb.js";
import { fail } from "../../ir/diagnostics.js";
import { frontText } from "../../report/front.js";
import { frontPage } from "../../report/front-html.js";
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
  const lines = (front: NonNullable<NetworkFacts["rows"]>["byRow"], how: string): string[] => front.map((f) => (f.layers === 0 ? `layer by layer: ${whole(f.bytes)} bytes` : `the first ${f.layers === 1 ? "layer" : `${f.layers} layers`} by rows, ${how}: ${whole(f.bytes)} bytes; ${whole(f.moved)} bytes moved`));
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

const frontOptions = {
  pareto: { doc: "networks: every program worth having on --board, by RAM, flash and time, each built and run" },
  board: { value: "B", short: "b", doc: "with --pareto: see coincell boards" },
  ...limitTable,
  calibrate: { value: modelOptions.calibrate.value, doc: "with --pareto: typical rows, for a float network" },
  html: { value: "page.html", doc: "with --pareto: write the plot and the table as one HTML page" },
} as const satisfies OptionTable;

type FrontValues = Values<typeof frontOptions>;

/** @throws CoincellError cli/usage where options of --pareto stand without it */
function checkAlone(o: FrontValues): void {
  const given = (["board", "max-flash", "max-ram", "calibrate", "html"] as const).find((name) => o[name] !== undefined);
  if (given !== undefined) fail("cli/usage", `--${given}`, "has a meaning with --pareto only", "Write coincell check FILE --board B --pareto, or leave it away.");
}

async function pareto(file: string, o: FrontValues & { readonly json: boolean }, io: Io): Promise<ExitCode> {
  const board = o.board ?? fail("cli/usage", "coincell check --pareto", "--board B is missing", "Programs are built and run on a board: see coincell boards.");
  const report = await frontOfFile(file, { board, ...limitOptions(o), ...(o.calibrate === undefined ? {} : { calibrate: o.calibrate }) });
  if (o.html !== undefined) {
    await writeText(o.html, frontPage(report));
    io.err(`wrote ${o.html}\n`);
  }
  if (o.json) printJson(io, report);
  else io.out(frontText(report, { colour: useColour(io), columns: io.columns }));
  return report.points.some((p) => p.fits) ? exit.ok : exit.doesNotFit;
}

export const verb = defineVerb({
  name: "check",
  about: "Says what is in a model file, whether it is supported, which input types it can take, whether it needs calibration\nrows, and roughly which boards it suits. What is not supported is named with its cure. Nothing of the file is executed.\nWith --pareto a network is built for a board with many choices of kernels: what each takes of RAM, flash and time.",
  positional: { name: "FILE", doc: "network (.tflite), scikit-learn (pickle, joblib, skops), ONNX, XGBoost, LightGBM, or a coincell graph file", min: 1, max: 1 },
  options: { ...frontOptions, rows: { doc: "networks: also what they take with their first layers run row by row (see run --rows)" } },
  examples: ["coincell check network.tflite --rows", "coincell check colour_svm.joblib", "coincell check model.onnx --json", "coincell check kws.tflite --board nucleo-l4r5zi --pareto --html front.html"],
  async run({ positionals: [file = ""], options: o }, io) {
    if (o.pareto) return pareto(file, o, io);
    checkAlone(o);
    const inspection = inspect(await importModel(file), o.rows === true);
    if (o.json) printJson(io, { file, ...inspection });
    else io.out(plain(`${inspection.network ? networkText(file, inspection, inspection.network) : text(file, inspection)}\n`));
    return exit.ok;
  },
});
