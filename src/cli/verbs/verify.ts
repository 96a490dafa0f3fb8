/** `coincell verify`: the proof, board by board, that the device answers byte for byte as the reference does. */
import { boardNames } from "../board-names.js";
import { exit, exitOfError, exitOfReport, worst } from "../exit.js";
import { writeText } from "../files.js";
import { printJson, progress, useColour } from "../io.js";
import { checkDeclared, compileOptions, dataOptions, goldenOption, modelOptions, rowOrGolden } from "../model-options.js";
import { differenceText, overText } from "../outcome.js";
import { defineVerb } from "../verb.js";
import { certificateOf, verify, type Verified } from "../../pipeline.js";
import { terminalTable } from "../../report/terminal.js";

/** A run that stopped is a failure too; a missing compiler proves nothing. */
export const exitOfVerified = (v: Verified) => (v.report ? exitOfReport(v.report) : v.error ? exitOfError(v.error) : exit.failure);

function problemText(v: Verified): string | null {
  if (v.report) return differenceText(v.report) ?? overText(v.report);
  return v.error ? `${v.board}: not verified: ${v.error.what} [${v.error.code}]\n  cure: ${v.error.cure}` : null;
}

export const verb = defineVerb({
  name: "verify",
  about: "Runs every row on each board and compares answer and scores byte for byte with the reference. With --golden\nthe reference, the C and every board are compared with what another runtime gave. Leaves with 4 and names the\nfirst difference (in networks: the layer it begins in) where there is one, with 3 where the program does not\nfit, with 1 where a board cannot run.",
  positional: { name: "MODEL", doc: "model file (see coincell check)", min: 1, max: 1 },
  options: {
    board: { value: "B|all", short: "b", required: true, doc: "a board, several with commas, or all" },
    ...dataOptions, ...goldenOption, ...modelOptions,
    certificate: { value: "proof.json", doc: "write hashes of model, C, ELF, inputs and outputs of every board" },
  },
  examples: [
    "coincell verify colour_svm.joblib --board all --calibrate train.csv --data test.csv",
    "coincell verify network.tflite --board all --random 16",
    "coincell verify kws.tflite --golden kws_golden.json --board host,nucleo-l4r5zi --certificate proof.json",
    "coincell verify forest.pkl --board attiny85,uno --data test.csv --json",
  ],
  async run({ positionals: [model = ""], options: o }, io) {
    const options = compileOptions(o);
    await checkDeclared(model, options.inputQuant);
    const boards = boardNames(o.board);
    const counters = new Map(boards.map((b) => [b, progress(io, b)]));
    const results = await verify(model, {
      ...options, ...rowOrGolden(o), layers: false, boards,
      onProgress: (board, done, total) => { counters.get(board)?.step(done, total); if (done === total) counters.get(board)?.end(); },
    }).finally(() => counters.forEach((c) => c.end()));
    const reports = results.flatMap((r) => (r.report ? [r.report] : []));
    if (o.certificate !== undefined) await writeText(o.certificate, `${JSON.stringify(certificateOf(results), null, 2)}\n`);
    if (o.json) printJson(io, { model, equal: results.every((r) => r.report?.equal === true), boards: results });
    else if (reports.length > 0) io.out(terminalTable(reports, { colour: useColour(io), columns: io.columns }));
    for (const text of results.map(problemText)) if (text !== null) io.err(`${text}\n`);
    return worst(results.map(exitOfVerified));
  },
});
