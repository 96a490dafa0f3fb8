import assert from "node:assert/strict";
import { test } from "node:test";
import { CoincellError } from "../ir/diagnostics.js";
import { closest, distance } from "./close.js";
import { compileOptions, modelOptions } from "./model-options.js";
import { parse } from "./options.js";

const table = { board: { value: "B", short: "b", required: true, doc: "" }, kind: { choices: ["u8", "i8"], doc: "" }, ...modelOptions, loud: { doc: "" } } as const;
const one = { name: "MODEL", doc: "", min: 1, max: 1 };
const parsed = (...argv: string[]) => parse("run", argv, table, one);
const refused = (code: string, text: RegExp, ...argv: string[]) =>
  assert.throws(() => parsed(...argv), (e) => e instanceof CoincellError && e.diagnostic.code === code && text.test(`${e.diagnostic.what} ${e.diagnostic.cure}`));

test("values, flags, short forms, =, and -- are understood", () => {
  const { positionals, options } = parsed("-b", "attiny85", "--loud", "--input-type=u8", "--", "-model.pkl");
  assert.deepEqual(positionals, ["-model.pkl"]);
  assert.equal(options.board, "attiny85");
  assert.equal(options.loud, true);
  assert.equal(options["input-type"], "u8");
  assert.equal(options.json, false);
  assert.equal(options.calibrate, undefined);
});

test("a negative number is a value, another option is not", () => {
  assert.equal(parsed("m", "-b", "x", "--input-zero", "-128").options["input-zero"], "-128");
  refused("cli/usage", /--board needs a value/, "m", "--board", "--loud");
  refused("cli/usage", /--board needs a value/, "m", "--board");
  refused("cli/usage", /--board needs a value/, "m", "--board=");
});

test("usage errors name the nearest option and every choice", () => {
  refused("cli/unknown-option", /no option --bord.*Did you mean --board/s, "m", "--bord", "x");
  refused("cli/unknown-option", /no option -x/, "m", "-x");
  refused("cli/bad-value", /Supported: u8, i8/, "m", "-b", "x", "--kind", "u9");
  refused("cli/usage", /--loud takes no value/, "m", "-b", "x", "--loud=3");
  refused("cli/usage", /given twice/, "m", "-b", "x", "-b", "y");
  refused("cli/usage", /MODEL is missing/, "-b", "x");
  refused("cli/usage", /one argument too many/, "m", "n", "-b", "x");
  refused("cli/usage", /--board B is missing/, "m");
});

test("--help asks for nothing else", () => assert.equal(parsed("--help").options.help, true));

const made = (...argv: string[]) => compileOptions(parsed("m", "-b", "x", ...argv).options);

test("a declared scale needs no zero, a zero needs a scale, both must be numbers", () => {
  assert.deepEqual(made("--input-scale", "0.5"), { goal: "auto", inputQuant: { scale: [0.5], zero: [0] } });
  assert.deepEqual(made("--input-scale", "1,2", "--input-zero", "-3,4", "--optimise", "size", "--input-type", "i16").inputQuant, { scale: [1, 2], zero: [-3, 4] });
  for (const argv of [["--input-zero", "1"], ["--input-scale", "x"], ["--input-scale", "1,,2"], ["--input-scale", "0"], ["--input-scale", "-1"], ["--input-scale", "1", "--input-type", "f32"]])
    assert.throws(() => made(...argv), CoincellError, argv.join(" "));
});

test("layers row by row: a number, auto, least or off; an input handed over by rows asks for them", () => {
  assert.equal(made().byRows, undefined);
  assert.deepEqual(made("--rows", "off").byRows, { layers: 0, resident: true, each: 1 });
  assert.deepEqual(made("--rows", "least").byRows, { layers: "least", resident: true, each: 1 });
  assert.deepEqual(made("--rows", "5").byRows, { layers: 5, resident: true, each: 1 });
  assert.deepEqual(made("--rows", "autox2").byRows, { layers: "auto", resident: true, each: 2 });
  assert.deepEqual(made("--by-row").byRows, { layers: "auto", resident: false, each: 1 });
  for (const argv of [["--rows", "0"], ["--rows", "some"], ["--rows", "3x"], ["--rows", "2.5"], ["--rows", "off", "--by-row"]]) assert.throws(() => made(...argv), CoincellError, argv.join(" "));
});

test("near names", () => {
  assert.equal(distance("rnu", "run"), 1);
  assert.equal(distance("", "abc"), 3);
  assert.deepEqual(closest("rnu", ["run", "report", "check"]), ["run"]);
  assert.deepEqual(closest("ver", ["verify", "run"]), ["verify"]);
  assert.deepEqual(closest("zzzzzz", ["verify", "run"]), []);
});
