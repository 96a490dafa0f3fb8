import assert from "node:assert/strict";
import { test } from "node:test";
import { CoincellError } from "../ir/diagnostics.js";
import { figure, percent, short, time } from "./format.js";
import { htmlReport } from "./html.js";
import { html } from "./markup.js";
import { readReports } from "./read.js";
import { terminalReport, terminalTable } from "./terminal.js";
import { sample } from "./testing.js";
import type { RunReport } from "./types.js";

const control = /[\p{Cc}\u202e]/u;
const bare = (text: string): string => text.replaceAll("\n", "");
const plainOptions = { colour: false, columns: 100 };
const tooLarge: RunReport = { ...sample, board: "attiny45", fits: false, equal: false, over: { flash: 904, ram: 0 }, flash: { model: 4900, harness: 100, total: 5000, limit: 4096 }, cycles: null, microseconds: null };
const differs: RunReport = { ...sample, equal: false, difference: { row: 3, what: "scores", index: 1, device: 5, reference: 6 } };
const value: RunReport = { ...sample, task: "regression", labels: [], confusion: null, accuracy: null, error: { meanAbsolute: 0.25, rSquared: 0.9, againstFloat: 0.001 } };

test("numbers: nothing short of all reads 100 %", () => {
  assert.equal(percent(1), "100 %");
  assert.equal(percent(0.999999), "99.99 %");
  assert.equal(percent(2 / 3, 1), "66.7 %");
  assert.equal(percent(1.22, 1), "122 %");
  assert.equal(figure(0.00031274), "0.000313");
  assert.equal(figure(12345.6), "12,346");
  assert.equal(time(1500), "1.5 ms");
  assert.equal(short("a\u0007\nb".padEnd(60, "x"), 10), "a\u{fffd} bxxxxx…");
});

test("the terminal shows proof, memories, cycles, answers, matrix; no colour codes unless asked", () => {
  const text = terminalReport([sample], plainOptions);
  for (const part of [/✔ proven +10 rows, every byte equal to the reference/, /1,000 of 8,192 B +12.2 %/, /22 of 512 B/, /100 to 200, mean 150/, /at 8 MHz/, /agreement +100 %/, /accuracy +90 %/, /inline form, -Os, u8 inputs, fixed point/, /blue +1 +4 +80 %/, /note +a note/]) assert.match(text, part);
  assert.doesNotMatch(bare(text), control);
  assert.ok(terminalReport([sample], { ...plainOptions, colour: true }).includes("\u001b[32m✔ proven"));
});

test("what does not fit, what differs, and a regression are said plainly", () => {
  assert.match(terminalReport([tooLarge], plainOptions), /✘ too large.*904 bytes of flash too many/);
  assert.match(terminalReport([differs], plainOptions), /✘ differs +row 4 of 10: score 1 is 5, the reference says 6/);
  assert.match(terminalReport([value], plainOptions), /deviation +0\.001 .*\n.*mean error +0\.25 .*\n.*R² +0\.9/);
  assert.match(terminalTable([sample, tooLarge], plainOptions), /attiny85 .*\n.*proven.*\n.*attiny45 .*\n.*too large/);
  assert.equal(terminalReport([], plainOptions), "");
});

test("thirteen classes are too many for the terminal, not for the page", () => {
  const labels = Array.from({ length: 13 }, (_, i) => i);
  const wide = { ...sample, labels, confusion: labels.map((i) => labels.map((k) => (i === k ? 3 : 0))) };
  assert.doesNotMatch(terminalReport([wide], plainOptions), /recall/);
  assert.match(htmlReport([wide]), /class="matrix"/);
  const huge = Array.from({ length: 90 }, (_, i) => i);
  assert.match(htmlReport([{ ...sample, labels: huge, confusion: huge.map((i) => huge.map((k) => (k === (i < 3 ? 0 : i) ? 3 : 0))) }]), /not drawn/);
});

test("the page holds everything and asks for nothing from elsewhere", () => {
  const page = htmlReport([sample, tooLarge, differs, value]);
  for (const part of [/<!doctype html>/, /lang="en"/, /prefers-color-scheme: dark/, /@media print/, /role="img" aria-label="flash: model 900 bytes/, /904 bytes of flash too many/, /score 1 is 5/, /largest deviation/, /recall/, /a note/]) assert.match(page, part);
  assert.doesNotMatch(page, /<script|<link|src=|url\(|@import|https?:/);
  assert.match(htmlReport([]), /No runs/);
});

test("hostile names stay text", () => {
  const evil = '<script>alert(1)</script>"\'&\u202e\x1b[2J';
  const bad: RunReport = { ...sample, model: evil, source: evil, task: evil, board: evil, labels: [evil, "b"], notes: [evil], choice: { form: evil, optimise: evil, inputType: evil, arithmetic: evil, steps: [evil] } };
  const page = htmlReport([bad, { ...bad, board: "x" }]);
  assert.doesNotMatch(page, /<script/);
  assert.doesNotMatch(bare(page), control);
  assert.match(page, /&lt;script&gt;/);
  assert.doesNotMatch(bare(terminalReport([bad], plainOptions) + terminalTable([bad], plainOptions)), control);
});

test("the template escapes all but its own markup", () => {
  assert.equal(html`<p title="${'"<&>\''}">${["a<", html`<b>${"&"}</b>`]}${null}${false}${0}</p>`.text, '<p title="&quot;&lt;&amp;&gt;&#39;">a&lt;<b>&amp;</b>0</p>');
});

test("saved reports come back; a wrong field is named", () => {
  assert.deepEqual(readReports(JSON.stringify(sample), "a.json"), [sample]);
  assert.deepEqual(readReports(JSON.stringify([tooLarge, differs, value]), "a.json"), [tooLarge, differs, value]);
  assert.deepEqual(readReports(JSON.stringify({ boards: [{ board: "x", report: sample }, { board: "y", report: null, error: {} }] }), "a.json"), [sample]);
  for (const wrong of ["", "3", "[]", "{}", JSON.stringify({ ...sample, flash: 3 }), JSON.stringify({ ...sample, confusion: [[1]] }), JSON.stringify({ ...sample, cycles: { min: "1" } }), JSON.stringify([null])])
    assert.throws(() => readReports(wrong, "a.json"), (e) => e instanceof CoincellError && e.diagnostic.code.startsWith("report/") && e.diagnostic.where.startsWith("a.json"), wrong.slice(0, 40));
});
