/** The options that say how a model becomes a device's program; shared by compile, run, verify and report. */
import { parseBytes } from "../fit/limits.js";
import { fail } from "../ir/diagnostics.js";
import { elements, type Quant } from "../ir/types.js";
import { importModel, type RunFileOptions } from "../pipeline.js";
import type { OptionTable, Values } from "./options.js";

export const limitTable = {
  "max-flash": { value: "60k", doc: "flash the whole program may take (default: what the board has)" },
  "max-ram": { value: "40k", doc: "RAM of the whole program, input row and stack included (default: what the board has)" },
} as const satisfies OptionTable;

export const modelOptions = {
  "input-type": { choices: ["u8", "i8", "i16", "f32"], doc: "type of the device's inputs (default: chosen from the calibration rows)" },
  "input-scale": { value: "S", doc: "declared scale: value = S * (q - Z); one number, or one per feature with commas" },
  "input-zero": { value: "Z", doc: "declared zero point, 0 when absent; one number, or one per feature" },
  calibrate: { value: "train.csv", doc: "typical rows, from which ranges and widths are chosen" },
  arithmetic: { choices: ["int", "float"], doc: "fixed point (default), or float32 for chips with an FPU" },
  optimise: { choices: ["size", "speed", "ram", "auto"], doc: "least flash, cycles or RAM among what fits; auto (default): least cycles, smaller within 1 %" },
  ...limitTable,
  rows: { value: "auto|least|N|off", doc: "networks: the first N layers run row by row, in little memory (auto: if goal or limits ask for it); Nx2: two rows at a time" },
  "by-row": { doc: "networks: the input is handed over row by row and never in memory as a whole" },
} as const satisfies OptionTable;

export const dataOptions = {
  data: { value: "test.csv", doc: "rows in the model's own units; the label last, or named by --label" },
  label: { value: "NAME", doc: "column that holds the label" },
  ignore: { value: "A,B", doc: "columns of --data and --calibrate that are no inputs, as a group of fit" },
  random: { value: "N", doc: "instead of --data: N rows of random device input" },
  seed: { value: "S", doc: "seed of the random rows (default 1)" },
} as const satisfies OptionTable;

export const goldenOption = { golden: { value: "FILE.json", doc: "instead of --data: golden inputs and outputs of a network, all are compared" } } as const satisfies OptionTable;

/** Which columns of the rows are the label, and which are nothing. */
export function columnOptions(o: { readonly label: string | undefined; readonly ignore: string | undefined }): Pick<RunFileOptions, "label" | "ignore"> {
  const ignore = o.ignore?.split(",").map((n) => n.trim()).filter((n) => n !== "");
  if (ignore?.length === 0) fail("cli/bad-value", "--ignore", `"${o.ignore ?? ""}" names no column`, "Write --ignore person, or several with commas.");
  return { ...(o.label === undefined ? {} : { label: o.label }), ...(ignore === undefined ? {} : { ignore }) };
}

/** Where the rows come from: golden vectors, a file, or a generator. */
export function rowOrGolden(o: Values<typeof dataOptions & typeof goldenOption>): Pick<RunFileOptions, "data" | "label" | "ignore" | "random" | "seed" | "golden"> {
  if (o.golden === undefined) return rowOptions(o);
  if (o.data !== undefined || o.random !== undefined) fail("cli/usage", "--golden", "other rows are given, too", "Give --golden FILE.json alone: it holds the rows.");
  return { golden: o.golden };
}

/** Where the rows come from: a file, or a generator. */
export function rowOptions(o: Values<typeof dataOptions>): Pick<RunFileOptions, "data" | "label" | "ignore" | "random" | "seed"> {
  if ((o.data === undefined) === (o.random === undefined)) fail("cli/usage", "--data, --random", o.data === undefined ? "neither is given" : "both are given", "Give --data test.csv, or --random N.");
  return {
    ...(o.data === undefined ? {} : { data: o.data }), ...columnOptions(o),
    ...(o.random === undefined ? {} : { random: whole("--random", o.random, 1) }), ...(o.seed === undefined ? {} : { seed: whole("--seed", o.seed, 0) }),
  };
}

function whole(option: string, text: string, least: number): number {
  const n = Number(text);
  return Number.isInteger(n) && n >= least && n <= 1_000_000 ? n : fail("cli/bad-value", option, `"${text}"`, `Give a whole number from ${least} to 1000000.`);
}

type ModelValues = Values<typeof modelOptions>;

function numbers(option: string, text: string): readonly number[] {
  return text.split(",").map((part) => {
    const n = part.trim() === "" ? NaN : Number(part);
    return Number.isFinite(n) ? n : fail("cli/bad-value", option, `"${part}" is no finite number`, "Give one number, or one per feature separated by commas.");
  });
}

function declaredQuant(o: ModelValues): Quant | undefined {
  const [s, z] = [o["input-scale"], o["input-zero"]];
  if (s === undefined && z === undefined) return undefined;
  if (s === undefined) return fail("cli/usage", "--input-zero", "is given without --input-scale", "Give both, or the scale alone (the zero point is then 0).");
  if (o["input-type"] === "f32") return fail("cli/usage", "--input-scale", "has no meaning for --input-type f32", "Leave it away, or choose u8, i8 or i16.");
  const scale = numbers("--input-scale", s);
  if (scale.some((v) => v <= 0)) return fail("cli/bad-value", "--input-scale", `"${s}" is not above 0`, "Give the size of one step of the device's input.");
  return { scale, zero: z === undefined ? [0] : numbers("--input-zero", z) };
}

/** A declared scale must be one number, or one for each feature of the model. */
export async function checkDeclared(model: string, quant: Quant | undefined): Promise<void> {
  const lists = [["--input-scale", quant?.scale ?? []], ["--input-zero", quant?.zero ?? []]] as const;
  if (lists.every(([, l]) => l.length <= 1)) return;
  const graph = await importModel(model);
  const features = elements(graph.tensors[graph.input]);
  for (const [option, { length }] of lists) {
    if (length > 1 && length !== features) fail("cli/bad-value", option, `${length} numbers, but the model takes ${features} features`, `Give one number, or ${features}.`);
  }
}

type Made = Pick<RunFileOptions, "inputType" | "inputQuant" | "arithmetic" | "goal" | "limits" | "calibrate" | "byRows">;

/** @throws CoincellError cli/bad-value */
export function limitOptions(o: { readonly "max-flash": string | undefined; readonly "max-ram": string | undefined }): Pick<RunFileOptions, "limits"> {
  const [flash, ram] = [o["max-flash"], o["max-ram"]];
  if (flash === undefined && ram === undefined) return {};
  return { limits: { flash: flash === undefined ? null : parseBytes("--max-flash", flash), ram: ram === undefined ? null : parseBytes("--max-ram", ram) } };
}

/** How much of a network runs row by row: `auto`, `least`, `off` or a number of layers, and behind an `x` how many rows at a time. */
function byRows(o: ModelValues): Made["byRows"] {
  const resident = o["by-row"] !== true;
  if (o.rows === undefined && resident) return undefined;
  const [layers = "", each = "1"] = (o.rows ?? "auto").split("x");
  if (layers === "off" && !resident) fail("cli/usage", "--by-row", "--rows off is given, too", "Give --rows auto or a number of layers, or leave --by-row away.");
  return { layers: layers === "auto" || layers === "least" ? layers : layers === "off" ? 0 : whole("--rows", layers, 1), resident, each: whole("--rows", each, 1) };
}

export function compileOptions(o: ModelValues): Made {
  const [quant, rows] = [declaredQuant(o), byRows(o)];
  return {
    goal: o.optimise ?? "auto", ...limitOptions(o),
    ...(o["input-type"] === undefined ? {} : { inputType: o["input-type"] }),
    ...(quant === undefined ? {} : { inputQuant: quant }),
    ...(o.arithmetic === undefined ? {} : { arithmetic: o.arithmetic }),
    ...(o.calibrate === undefined ? {} : { calibrate: o.calibrate }),
    ...(rows === undefined ? {} : { byRows: rows }),
  };
}
