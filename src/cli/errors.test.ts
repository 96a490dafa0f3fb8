import assert from "node:assert/strict";
import { test } from "node:test";
import { CoincellError } from "../ir/diagnostics.js";
import { errorText, showError } from "./errors.js";
import { exit, exitOfError, exitOfReport, worst } from "./exit.js";
import type { Io } from "./io.js";
import { useColour } from "./io.js";
import { differenceText, overText } from "./outcome.js";
import { exitOfVerified } from "./verbs/verify.js";

function caught(env: Record<string, string> = {}) {
  const said = { out: "", err: "" };
  const io: Io = { out: (t) => { said.out += t; }, err: (t) => { said.err += t; }, outIsTerminal: false, errIsTerminal: false, columns: 80, env };
  return { io, said };
}
const known = new CoincellError({ code: "data/empty", where: "a.csv", what: "the file has no rows", cure: "Give rows." });

test("an error is two lines, or one JSON document", () => {
  const { io, said } = caught();
  assert.equal(showError(known, io, false), 1);
  assert.equal(said.err, "error [data/empty] a.csv: the file has no rows\n  cure: Give rows.\n");
  assert.equal(showError(known, io, true), 1);
  assert.deepEqual(JSON.parse(said.out), { error: { code: "data/empty", where: "a.csv", what: "the file has no rows", cure: "Give rows." } });
});

test("any other exception is a fault of coincell, with a stack only on request", () => {
  const { io, said } = caught();
  assert.equal(showError(new TypeError("x is undefined"), io, false), 1);
  assert.match(said.err, /fault of coincell.*x is undefined/s);
  assert.doesNotMatch(said.err, /\n\s+at /);
  const debug = caught({ COINCELL_DEBUG: "1" });
  showError(new TypeError("x is undefined"), debug.io, false);
  assert.match(debug.said.err, /\n\s+at /);
});

test("a hostile name cannot drive the terminal", () => {
  assert.doesNotMatch(errorText({ code: "a/b", where: "\u001b[31mred\u0007.pkl", what: "\u202egnp", cure: "" }).trimEnd(), /[\p{Cc}\u202e]/u);
});

test("exit status of errors and reports", () => {
  assert.equal(exitOfError({ code: "cli/unknown-option" }), exit.usage);
  assert.equal(exitOfError({ code: "board/unknown-board" }), exit.usage);
  assert.equal(exitOfError({ code: "board/stack-overflow" }), exit.doesNotFit);
  assert.equal(exitOfError({ code: "board/no-compiler" }), exit.failure);
  const difference = { row: 3, what: "scores", index: 1, device: 5, reference: 6 } as const;
  assert.equal(exitOfReport({ fits: true, difference: null }), 0);
  assert.equal(exitOfReport({ fits: false, difference: null }), 3);
  assert.equal(exitOfReport({ fits: true, difference }), 4);
  assert.equal(exitOfReport({ fits: false, difference }), 4);
  assert.equal(worst([0, 3, 1]), 3);
  assert.equal(worst([]), 0);
  assert.equal(exitOfVerified({ board: "b", report: null, error: { code: "board/stuck", where: "", what: "", cure: "" } }), 1);
});

test("differences and sizes in words", () => {
  assert.match(differenceText({ board: "uno", difference: { row: 3, what: "scores", index: 1, device: 5, reference: 6 } }) ?? "", /uno: .* row 4: score 1 is 5 on the board, 6 in the reference/);
  assert.equal(differenceText({ board: "uno", difference: null }), null);
  const sizes = { flash: { model: 0, harness: 0, total: 5000, limit: 4096 }, ram: { static: 0, input: 0, stack: null, total: 4, limit: 256 } };
  assert.match(overText({ board: "b", fits: false, over: { flash: 904, ram: 0 }, ...sizes }) ?? "", /904 bytes of flash too many \(5,000 bytes of 4,096 bytes\)/);
});

test("NO_COLOR, FORCE_COLOR and a pipe decide on colour", () => {
  assert.equal(useColour({ outIsTerminal: true, env: {} }), true);
  assert.equal(useColour({ outIsTerminal: true, env: { NO_COLOR: "1" } }), false);
  assert.equal(useColour({ outIsTerminal: true, env: { NO_COLOR: "" } }), true);
  assert.equal(useColour({ outIsTerminal: false, env: {} }), false);
  assert.equal(useColour({ outIsTerminal: false, env: { FORCE_COLOR: "1" } }), true);
  assert.equal(useColour({ outIsTerminal: true, env: { TERM: "dumb" } }), false);
});
