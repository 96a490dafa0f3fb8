/** `coincell report`: runs on one or several boards (or saved runs) as a terminal table and one HTML page. */
import { readFile } from "node:fs/promises";
import { boardNames } from "../board-names.js";
import { exit, exitOfReport, worst, type ExitCode } from "../exit.js";
import { printJson, progress, useColour, type Io } from "../io.js";
import { checkDeclared, compileOptions, dataOptions, modelOptions, rowOptions } from "../model-options.js";
import { differenceText, overText } from "../outcome.js";
import { writePage } from "../page.js";
import { defineVerb } from "../verb.js";
import { exitOfVerified } from "./verify.js";
import { verify } from "../../pipeline.js";
import { fail } from "../../ir/diagnostics.js";
import { readReports } from "../../report/read.js";
import { terminalReport } from "../../report/terminal.js";
import type { RunReport } from "../../report/types.js";

const PAGE = "report.html";

async function saved(files: readonly string[]): Promise<readonly RunReport[]> {
  const texts = await Promise.all(files.map(async (f) => [f, await readFile(f, "utf8").catch((e: Error) => fail("file/unreadable", f, e.message, "Give a file that coincell run --json wrote."))] as const));
  return texts.flatMap(([f, text]) => readReports(text, f));
}

/** @throws CoincellError where only one of --board and --data is given. */
function required(value: string | undefined, name: string): string {
  return value ?? fail("cli/usage", "coincell report", `${name} is missing`, "To run a model give MODEL --board B --data test.csv (networks: or --random 16); to draw saved runs give only the files of coincell run --json.");
}

async function measured(model: string, o: Parameters<typeof compileOptions>[0] & { readonly board: string | undefined; readonly data: string | undefined; readonly label: string | undefined; readonly ignore: string | undefined; readonly random: string | undefined; readonly seed: string | undefined }, io: Io): Promise<{ readonly reports: readonly RunReport[]; readonly code: ExitCode }> {
  const [boards, rows, options] = [boardNames(required(o.board, "--board")), o.random === undefined ? rowOptions({ ...o, data: required(o.data, "--data") }) : rowOptions(o), compileOptions(o)];
  await checkDeclared(model, options.inputQuant);
  const counter = progress(io, model);
  const results = await verify(model, { ...options, ...rows, boards, onProgress: (_b, done, total) => counter.step(done, total) }).finally(counter.end);
  for (const { board, error } of results) if (error) io.err(`${board}: not run: ${error.what} [${error.code}]\n  cure: ${error.cure}\n`);
  return { reports: results.flatMap((r) => (r.report ? [r.report] : [])), code: worst(results.map(exitOfVerified)) };
}

export const verb = defineVerb({
  name: "report",
  about: `Runs a model as coincell run does and draws the result: a table here and one HTML page (default ${PAGE}) that needs\nnothing else. Several boards stand side by side. Given files of coincell run --json instead, it only draws them.`,
  positional: { name: "MODEL|RUN.json", doc: "a model file, or saved runs (coincell run --json, coincell verify --json)", min: 1, max: 64 },
  options: {
    board: { value: "B|all", short: "b", doc: "a board, several with commas, or all" },
    ...dataOptions,
    ...modelOptions,
    out: { value: "page.html", short: "o", doc: `the page to write (default ${PAGE})` },
  },
  examples: [
    "coincell report colour_svm.joblib --board attiny85,uno --calibrate train.csv --data test.csv -o page.html",
    "coincell run colour_svm.joblib --board attiny85 --data test.csv --json > run.json; coincell report run.json -o page.html",
  ],
  async run({ positionals, options: o }, io) {
    const fresh = o.board !== undefined || o.data !== undefined || o.random !== undefined;
    if (fresh && positionals.length > 1) fail("cli/usage", "coincell report", `"${positionals[1] ?? ""}" is one model too many`, "Give one model; draw several saved runs without --board and --data.");
    const { reports, code } = fresh ? await measured(positionals[0] ?? "", o, io) : { reports: await saved(positionals), code: exit.ok };
    const page = o.out ?? PAGE;
    if (reports.length > 0) await writePage(io, page, reports);
    if (o.json) printJson(io, { page: reports.length > 0 ? page : null, reports });
    else io.out(terminalReport(reports, { colour: useColour(io), columns: io.columns }));
    for (const r of reports) { const problem = differenceText(r) ?? overText(r); if (problem !== null) io.err(`${problem}\n`); }
    return worst([code, ...reports.map(exitOfReport)]);
  },
});
