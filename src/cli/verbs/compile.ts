/** `coincell compile`: a model as one C file and one header for a board, with the sizes that the compiler gives them. */
import { exit } from "../exit.js";
import { writeFiles } from "../files.js";
import { printJson } from "../io.js";
import { checkDeclared, columnOptions, compileOptions, dataOptions, modelOptions } from "../model-options.js";
import { overText } from "../outcome.js";
import { defineVerb } from "../verb.js";
import { compileFile, type CompiledFile } from "../../pipeline.js";
import { plain } from "../../report/format.js";

const of = (limit: number | null): string => (limit === null ? "" : ` of ${limit}`);

const text = ({ sizes: s, choice, report }: CompiledFile): string => {
  const made = `${choice.form} form, ${choice.optimise}, ${choice.inputType} inputs, ${choice.arithmetic === "int" ? "fixed point" : "float32"}`;
  const lines = s === null ? [] : [
    `flash   model ${s.flash.model} bytes; with start-up and harness ${s.flash.total}${of(s.flash.limit)}`,
    `RAM     static ${s.ram.static} bytes, input ${s.ram.input}${s.ram.stack === null ? "" : `, stack ${s.ram.stack}`}${of(s.ram.limit)}`,
    ...(report?.cycles ? [`cycles  ${report.cycles.min} to ${report.cycles.max}, mean ${Math.round(report.cycles.mean)}`] : []),
  ];
  return [`made    ${made}`, ...lines].join("\n");
};

export const verb = defineVerb({
  name: "compile",
  about: "Writes MODEL as plain C99 (<model>.h, <model>.c: no heap, no library) for a board and prints its sizes.\nWith --data the program is also run, and the header gets the measured constants (flash, RAM, stack, cycles).",
  positional: { name: "MODEL", doc: "model file (see coincell check)", min: 1, max: 1 },
  options: {
    board: { value: "B", short: "b", required: true, doc: "see coincell boards" },
    ...modelOptions,
    data: { value: dataOptions.data.value, doc: "measure with these rows" },
    label: dataOptions.label,
    ignore: dataOptions.ignore,
    out: { value: "DIR", short: "o", doc: "folder for the C files (default: here)" },
  },
  examples: [
    "coincell compile colour_svm.joblib --board attiny85 --calibrate train.csv -o sketch/",
    "coincell compile forest.pkl --board uno --input-type u8 --optimise size --data test.csv -o out/",
    "coincell compile model.onnx --board attiny85 --input-type i16 --input-scale 0.01",
  ],
  async run({ positionals: [model = ""], options: o }, io) {
    const options = compileOptions(o);
    await checkDeclared(model, options.inputQuant);
    const made = await compileFile(model, {
      ...options, board: o.board, ...(o.data === undefined ? {} : { data: o.data }), ...columnOptions(o),
    });
    const paths = await writeFiles(o.out ?? ".", made.files);
    for (const note of made.notes) io.err(plain(`note: ${note}\n`));
    if (o.json) printJson(io, { board: made.board, files: paths, choice: made.choice, ...made.sizes, report: made.report, notes: made.notes });
    else io.out(`wrote ${paths.join(", ")}\n${text(made)}\n`);
    if (made.sizes === null || made.sizes.fits) return exit.ok;
    io.err(`${overText({ board: made.board, ...made.sizes })}\n`);
    return exit.doesNotFit;
  },
});
