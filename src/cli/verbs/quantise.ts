/** `coincell quantise`: a float network as an int8 one, and where its accuracy goes. */
import { exit } from "../exit.js";
import { writeBytes, writeText } from "../files.js";
import { printJson, progress, type Io } from "../io.js";
import { columnOptions, dataOptions } from "../model-options.js";
import { defineVerb } from "../verb.js";
import { quantiseFile, weightWidths, type QuantisedFile, type QuantiseFileOptions } from "../../pipeline.js";
import { writeGraph } from "../../importers/graph/index.js";
import { writeGraphTflite } from "../../importers/tflite/write-graph.js";
import { fail } from "../../ir/diagnostics.js";
import { figure, percent, plain, short, whole } from "../../report/format.js";

/** JSON knows no infinity: a layer without any noise has null. */
const noise = (v: number | null): number | null => (v !== null && Number.isFinite(v) ? v : null);
const dB = (v: number | null): string => (v === null ? "–" : Number.isFinite(v) ? v.toFixed(1) : "exact");

/** Names to the left, numbers to the right. */
function columns(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const wide = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i]?.length ?? 0)));
  return [head, ...rows].map((r) => r.map((c, i) => (i < 2 ? c.padEnd(wide[i] ?? 0) : c.padStart(wide[i] ?? 0))).join("  ").trimEnd()).join("\n");
}

function layerTable({ layers, accuracy }: QuantisedFile): string {
  const head = ["layer", "operator", "SQNR dB", "int16 gains dB", "answers dB", accuracy ? "points lost" : "answers changed", "weights", "output"];
  const rows = layers.map((l) => [short(l.name, 32), l.op, dB(l.sqnr), dB(l.gain16), dB(l.answers), accuracy ? (100 * l.loss).toFixed(2) : percent(l.loss), whole(l.weightBytes), whole(l.outputBytes)]);
  return columns(head, rows);
}

/** Width, flash and noise of every layer that may have narrow weights. */
function widthTable({ narrow }: QuantisedFile): string {
  const head = ["layer", "operator", "bits", "bytes", "in int8", "noise added"];
  const rows = (narrow?.layers ?? []).map((l) => [short(l.name, 32), l.op, String(l.bits), whole(l.bytes), whole(l.before), `${dB(l.noise > 0 ? 10 * Math.log10(l.noise) : null)} dB`]);
  return columns(head, rows);
}

function widths({ narrow }: QuantisedFile): readonly string[] {
  if (!narrow) return [];
  const { layers, loss, heldRows } = narrow;
  const kept = loss === null ? "" : `; ${loss.toFixed(2)} points lost on ${whole(heldRows)} rows held back`;
  return [`weights ${layers.map((l) => l.bits).join(" ")} bits: ${whole(layers.reduce((n, l) => n + l.bytes, 0))} bytes of flash instead of ${whole(layers.reduce((n, l) => n + l.before, 0))} (with --optimise size)${kept}`];
}

function summary(q: QuantisedFile): string {
  const how = [`ranges by ${q.ranges}`, q.equalisedPairs > 0 ? `${q.equalisedPairs} pairs of layers equalised` : "", q.biasCorrected ? "biases corrected" : "", q.wide.length > 0 ? `16 bits for ${q.wide.map((n) => short(n)).join(", ")}` : ""];
  const lines = [
    `how     ${how.filter((h) => h !== "").join(", ")}; ${whole(q.rows)} rows`,
    `answers ${figure(q.quality.sqnr)} dB signal to noise, ${percent(q.quality.agreement)} as in float32 (on the calibration rows)`,
    ...widths(q),
    ...(q.accuracy ? [`right   ${percent(q.accuracy.integer)}, float32 ${percent(q.accuracy.float)} (on the calibration rows)`] : []),
  ];
  if (q.layers.length === 0) return lines.join("\n");
  return [lines.join("\n"), ...(q.narrow ? [`width of each layer, and what it alone adds to the noise of the answers:\n${widthTable(q)}`] : []), `each layer in int8 alone, all others in float32:\n${layerTable(q)}`].join("\n\n");
}

const yesNo = (v: string | undefined): boolean | "auto" => (v === "yes" ? true : v === "no" ? false : "auto");
const wide = (text: string): NonNullable<QuantiseFileOptions["int16"]> => (text === "auto" || text === "all" ? text : text.split(",").map((n) => n.trim()));

function weightsOption(text: string): NonNullable<QuantiseFileOptions["weights"]> {
  if (text === "auto") return text;
  const bits = [8, ...weightWidths].find((b) => String(b) === text);
  return bits ?? fail("cli/bad-value", "--weights", `"${text}"`, `Supported: 8, ${weightWidths.join(", ")} (bits), auto.`);
}

/** What the weights may cost. */
function widthOptions(o: { readonly weights: string | undefined; readonly "max-loss": string | undefined; readonly "max-flash": string | undefined }): Pick<QuantiseFileOptions, "weights" | "maxLoss" | "maxFlash"> {
  const [loss, flash] = [o["max-loss"], o["max-flash"]];
  const weights = o.weights ?? (loss !== undefined || flash !== undefined ? "auto" : undefined);
  if (weights !== "auto" && (loss !== undefined || flash !== undefined)) fail("cli/bad-value", "--weights", `"${weights}" leaves nothing to search`, "Give --weights auto with --max-loss or --max-flash.");
  return { ...(weights === undefined ? {} : { weights: weightsOption(weights) }), ...(loss === undefined ? {} : { maxLoss: positive("--max-loss", loss) }), ...(flash === undefined ? {} : { maxFlash: positive("--max-flash", flash) }) };
}

function positive(option: string, text: string): number {
  const n = Number(text);
  return text.trim() !== "" && Number.isFinite(n) && n >= 0 ? n : fail("cli/bad-value", option, `"${text}" is no number of zero or more`, "Give a plain number.");
}

async function save(path: string, q: QuantisedFile): Promise<void> {
  if (/\.tflite$/i.test(path)) return writeBytes(path, writeGraphTflite(q.graph, path));
  if (!/\.json$/i.test(path)) fail("cli/bad-value", "--out", `"${path}" has no known extension`, "Supported: .tflite, .json (coincell's own graph file).");
  return writeText(path, writeGraph(q.graph));
}

const follow = (io: Io): { readonly onProgress: NonNullable<QuantiseFileOptions["onProgress"]>; readonly end: () => void } => {
  const shown = new Map<string, ReturnType<typeof progress>>();
  return {
    onProgress: (done, total, what) => { const p = shown.get(what) ?? progress(io, what); shown.set(what, p); p.step(done, total); },
    end: () => { for (const p of shown.values()) p.end(); },
  };
};

export const verb = defineVerb({
  name: "quantise",
  about: "Turns a float32 network into an int8 one on typical rows (TFLite's int8 specification) and writes it as a .tflite file,\nwhich TensorFlow Lite, TFLite Micro and every other verb read.",
  positional: { name: "MODEL", doc: "a float32 network (see coincell check)", min: 1, max: 1 },
  options: {
    calibrate: { value: "train.csv", required: true, doc: "typical rows: .csv, .npy or .npz" },
    label: dataOptions.label,
    ignore: dataOptions.ignore,
    out: { value: "model_int8.tflite", short: "o", doc: "the file to write: .tflite, or .json for coincell's own; nothing is written without it" },
    ranges: { choices: ["mse", "percentile", "minmax", "auto"], doc: "how ranges are chosen (default mse; auto: the one with the least error on the rows)" },
    equalise: { choices: ["auto", "yes", "no"], doc: "even out channels between layers (default auto: where it lessens the error)" },
    "correct-bias": { choices: ["auto", "yes", "no"], doc: "correct biases for the rounding of weights (default auto)" },
    int16: { value: "LAYER,…", doc: "layers whose activations get 16 bits, by name or number; all; or auto: as few as are needed" },
    weights: { value: "BITS", doc: "bits of the weights in flash: 8 (default), 6 to 1 for all layers, or auto: a width for each, the least flash that keeps --max-loss" },
    "max-loss": { value: "POINTS", doc: "points of right answers that --weights auto may lose on rows held back (default 1; without labels: of float32's answers)" },
    "max-flash": { value: "BYTES", doc: "the widths with the least noise whose weights and tables fit; instead of --max-loss" },
    explain: { doc: "a table of what each layer costs" },
  },
  examples: [
    "coincell quantise model.tflite --calibrate train.csv -o model_int8.tflite",
    "coincell quantise model.tflite --calibrate x.npz --ranges auto --explain",
    "coincell quantise model.tflite --calibrate train.csv --label y --weights auto --max-loss 1 -o model_small.tflite",
    "coincell quantise model.tflite --calibrate train.csv --int16 auto -o model_16x8.tflite",
  ],
  async run({ positionals: [model = ""], options: o }, io) {
    const { onProgress, end } = follow(io);
    const made = await quantiseFile(model, {
      calibrate: o.calibrate, onProgress, equalise: yesNo(o.equalise), correctBias: yesNo(o["correct-bias"]), explain: o.explain,
      ...columnOptions(o), ...widthOptions(o), ...(o.ranges === undefined ? {} : { ranges: o.ranges }), ...(o.int16 === undefined ? {} : { int16: wide(o.int16) }),
    }).finally(end);
    if (o.out !== undefined) await save(o.out, made);
    for (const note of made.float.notes) io.err(plain(`note: ${note}\n`));
    const { graph: _g, float: _f, layers, quality, ...facts } = made;
    if (o.json) printJson(io, { file: o.out ?? null, ...facts, quality: { ...quality, sqnr: noise(quality.sqnr) }, layers: layers.map((l) => ({ ...l, sqnr: noise(l.sqnr), gain16: noise(l.gain16), answers: noise(l.answers) })) });
    else io.out(`${o.out === undefined ? "" : `wrote ${o.out}\n`}${plain(summary(made))}\n`);
    return exit.ok;
  },
});
