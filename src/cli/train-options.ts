/** The options of `coincell train` as values: what is typed wins over what the project's coincell.json says. */
import { existsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fail } from "../ir/diagnostics.js";
import { readProject, type TrainOptions } from "../pipeline.js";
import { LOCK_FILE } from "../stages/train-lock.js";
import type { Io } from "./io.js";
import type { OptionTable, Values } from "./options.js";

export const dataTable = {
  label: { value: "NAME", doc: "label column (default: one called label, class, target or y, else the last; none: there is no label)" },
  group: { value: "NAME", doc: "column whose equal values (person, device, recording) stay in one part" },
  ignore: { value: "A,B", doc: "columns to leave away" },
  missing: { choices: ["fail", "drop"], doc: "rows with missing or bad cells: an error (default), or left away and counted" },
  split: { value: "0.3|NAME", doc: "share of the rows for the test, chosen by hash; or a column that says train or test" },
  seed: { value: "N", doc: "whole number that all chance follows (default 0)" },
} as const satisfies OptionTable;

export const trainTable = {
  model: { value: "NAME", short: "m", doc: "tree, forest, boosting, svm, logistic, knn, isolation-forest, … (an unknown name lists all)" },
  test: { value: "test.csv", doc: "rows for the test; else 30 % of DATA are kept for it" },
  ...dataTable,
  set: { value: "K=V,…", doc: "options of the model: depth=6,trees=10 (an unknown one lists all)" },
  task: { choices: ["classification", "regression", "anomaly", "clustering", "transform"], doc: "default: what the model does and the labels look like" },
  normal: { value: "LABEL", doc: "anomaly models: the label of the normal rows, which alone are learnt from" },
  folds: { value: "K", doc: "also cross-validate within the training rows" },
  threshold: { value: "RULE", doc: "two classes or anomalies: youden, alarms=0.01 (share of false alarms), or a score of the report" },
  board: { value: "B", short: "b", doc: "run the test rows on this board, see coincell boards" },
  "input-type": { choices: ["u8", "i8", "i16", "f32"], doc: "type of the device's inputs (default: chosen from the rows)" },
} as const satisfies OptionTable;

type DataValues = Values<typeof dataTable>;
type TrainValues = Values<typeof trainTable>;

export function wholeNumber(option: string, text: string): number {
  const n = text.trim() === "" ? NaN : Number(text);
  return Number.isSafeInteger(n) ? n : fail("cli/bad-value", option, `"${text}" is no whole number`, "Give a whole number, 1 for instance.");
}

/** Options that say how rows are read and split. */
export function dataOptions(o: DataValues): Pick<TrainOptions, "label" | "group" | "ignore" | "missing" | "split" | "seed"> {
  const share = o.split === undefined || o.split.trim() === "" ? NaN : Number(o.split);
  return {
    ...(o.label === undefined ? {} : { label: o.label }), ...(o.group === undefined ? {} : { group: o.group }),
    ...(o.ignore === undefined ? {} : { ignore: o.ignore.split(",").map((s) => s.trim()) }), ...(o.missing === undefined ? {} : { missing: o.missing }),
    ...(o.split === undefined ? {} : { split: Number.isNaN(share) ? o.split : share }), ...(o.seed === undefined ? {} : { seed: wholeNumber("--seed", o.seed) }),
  };
}

/** `depth=6,trees=10` as values by name. */
export function settings(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(text.split(",").filter((p) => p.trim() !== "").map((p) => {
    const [key = "", ...rest] = p.split("=");
    const value = rest.join("=").trim();
    return key.trim() !== "" && value !== "" ? [key.trim(), value] : fail("cli/bad-value", "--set", `"${p.trim()}" is not NAME=VALUE`, "Write --set depth=6,trees=10.");
  }));
}

/** The project that is named, or that stands here where nothing is. */
export function projectFile(data: string | undefined): string | null {
  if (data === undefined) return existsSync("coincell.json") ? "coincell.json" : null;
  if (basename(data) === "coincell.json") return data;
  const inside = join(data, "coincell.json");
  return existsSync(data) && statSync(data).isDirectory() && existsSync(inside) ? inside : null;
}

/** @throws CoincellError cli/… or project/… naming the option or field at fault */
export async function trainOptions(data: string | undefined, o: TrainValues): Promise<TrainOptions> {
  const file = projectFile(data);
  if (file === null && data === undefined) return fail("cli/usage", "coincell train", "DATA is missing, and there is no coincell.json here", "Write coincell train DATA --model forest. See coincell train --help.");
  const project: Partial<TrainOptions> = file === null ? { data: data ?? "" } : await readProject(file);
  const typed: Partial<TrainOptions> = {
    ...dataOptions(o), ...(o.model === undefined ? {} : { model: o.model }), ...(o.test === undefined ? {} : { test: o.test }),
    ...(o.task === undefined ? {} : { task: o.task }), ...(o.normal === undefined ? {} : { normal: o.normal }), ...(o.board === undefined ? {} : { board: o.board }), ...(o.threshold === undefined ? {} : { threshold: o.threshold }),
    ...(o["input-type"] === undefined ? {} : { inputType: o["input-type"] }), ...(o.folds === undefined ? {} : { folds: wholeNumber("--folds", o.folds) }),
  };
  const all = { ...project, ...typed, ...(file === null ? {} : { lock: join(dirname(file), LOCK_FILE) }), set: { ...project.set, ...settings(o.set ?? "") } };
  if (o.test !== undefined && o.split !== undefined) return fail("cli/usage", "coincell train", "--test and --split are both given", "Give a file of test rows, or a share of DATA.");
  // What is typed replaces what the project says of the test rows.
  const { test, split, ...rest } = all;
  const how = o.split !== undefined ? { split } : o.test !== undefined || test !== undefined ? { test } : { split };
  return complete({ ...rest, ...(how as Pick<Partial<TrainOptions>, "test" | "split">) });
}

function complete(o: Partial<TrainOptions>): TrainOptions {
  const { data, model } = o;
  if (data === undefined) return fail("cli/usage", "coincell train", "no data are named", "Write coincell train DATA --model forest.");
  return model === undefined ? fail("cli/usage", "coincell train", "--model is missing", "Write --model forest (or tree, boosting, svm, logistic, knn, isolation-forest …).") : { ...o, data, model };
}

/** The step and how far it is, on a line of its own that is rewritten; silent where nobody looks. */
export function percentDone(io: Io, what: string): { readonly step: (step: string, part: number) => void; readonly rows: (done: number, total: number) => void; readonly end: () => void } {
  let [last, shown] = [0, ""];
  const show = (text: string): void => {
    const now = Date.now();
    if (!io.errIsTerminal || now - last < 80 || text === shown) return;
    [last, shown] = [now, text];
    io.err(`\r\x1b[K${text}`);
  };
  return {
    step: (step, part) => show(`${what}: ${step}${part > 0 ? ` ${Math.round(part * 100)} %` : " …"}`),
    rows: (done, total) => show(`${what}: ${done} of ${total} rows on the board`),
    end: () => { if (shown !== "") io.err("\r\x1b[K"); shown = ""; },
  };
}
