/** `coincell data`: what is in a data set, what would mislead a model, and the split that every machine makes alike. */
import { exit } from "../exit.js";
import { writeFiles } from "../files.js";
import { printJson, useColour } from "../io.js";
import { dataOptions, dataTable } from "../train-options.js";
import { defineVerb } from "../verb.js";
import { describe, leakage, readDataset, select, splitOf, splitRows, writeCsv, type Dataset } from "../../data/index.js";
import { fail } from "../../ir/diagnostics.js";
import { terminalData, type SplitFacts } from "../../report/data-terminal.js";
import { readParts } from "../../pipeline.js";

interface Divided { readonly facts: SplitFacts; readonly files: ReadonlyMap<string, string> }

function divide(train: Dataset, test: Dataset, by: string): Divided {
  return { facts: { train: train.rows, test: test.rows, by, leaked: leakage(train, test).rows }, files: new Map([["train.csv", writeCsv(train)], ["test.csv", writeCsv(test)]]) };
}

export const verb = defineVerb({
  name: "data",
  about: "Describes a CSV, NPY, NPZ or Parquet file or a folder of CSV files: rows per class, ranges, missing values, equal rows,\nconstant columns. With --split it says how the rows part (by hash of the sample: the same on every machine, equal rows\nnever stand in two parts), and with -o writes DIR/train.csv and DIR/test.csv.",
  positional: { name: "FILE", doc: "rows: a file, or a folder with one sub-folder (or file) of CSV for each class", min: 1, max: 1 },
  options: { ...dataTable, test: { value: "test.csv", doc: "look for rows of FILE that stand in this file too" }, out: { value: "DIR", short: "o", doc: "folder for train.csv and test.csv" } },
  examples: [
    "coincell data train.csv",
    "coincell data recordings/ --split 0.3 --seed 1 -o parts/",
    "coincell data har.csv --label activity --group person --split 0.25 -o parts/ --json",
  ],
  async run({ positionals: [file = ""], options: o }, io) {
    const own = dataOptions(o);
    if (o.out !== undefined && o.split === undefined) fail("cli/usage", "coincell data", "-o is given without --split", "Write --split 0.3 -o DIR.");
    if (o.test !== undefined && o.split !== undefined) fail("cli/usage", "coincell data", "--test and --split are both given", "Give a file of test rows, or a share of FILE.");
    const { split, ...read } = own;
    const whole = await readDataset(file, { ...read, ...(typeof split === "string" ? { part: split } : {}) });
    const description = describe(whole);
    const divided = split === undefined && o.test === undefined ? null : o.out === undefined && o.test === undefined ? quickSplit(whole, split, own.seed ?? 0) : await partsOf(file, own, o.test);
    const paths = o.out === undefined || !divided ? [] : await writeFiles(o.out, divided.files);
    if (paths.length > 0) io.err(`wrote ${paths.join(", ")}\n`);
    if (o.json) printJson(io, { ...description, split: divided?.facts ?? null, files: paths });
    else io.out(terminalData(description, divided?.facts ?? null, { colour: useColour(io), columns: io.columns }));
    return exit.ok;
  },
});

async function partsOf(file: string, own: ReturnType<typeof dataOptions>, test: string | undefined): Promise<Divided> {
  const parts = await readParts({ data: file, ...own, ...(test === undefined ? {} : { test }) });
  return divide(parts.train, parts.test, parts.how);
}

/** For the figures alone bad cells are no obstacle. */
function quickSplit(d: Dataset, split: number | string | undefined, seed: number): Divided {
  const parts = (typeof split === "string" ? splitOf(d) : null) ?? splitRows(d, { share: typeof split === "number" ? split : 0.3, seed });
  return divide(select(d, parts.train), select(d, parts.test), parts.by);
}
