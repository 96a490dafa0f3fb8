/** A training as one HTML page that needs nothing else: figures, confusion, classes, ROC or scatter, and the board's card. */
import type { ClassificationQuality, Quality, Roc } from "../ir/evaluation.js";
import { boardCard } from "./card-html.js";
import { confusionMatrix } from "./confusion-html.js";
import { figure, percent, plural, short, whole } from "./format.js";
import { html, trusted, type Markup } from "./markup.js";
import { style } from "./style.js";
import { shareBar } from "./svg.js";
import { errors, rocCurve, scatter } from "./train-svg.js";
import type { TrainReport } from "./train-types.js";
import { foldText, headlines, hyperText, learntText, type Headline } from "./train-words.js";
import { className, proof, verdict } from "./words.js";

const own = `
.plot { max-width: 400px; } .plot .grid { stroke: var(--line); stroke-width: 1; } .plot text { fill: var(--soft); font-size: 11px; } .plot text.name { font-size: 12px; fill: var(--ink); }
.plot .chance { stroke: var(--harness); stroke-width: 1; stroke-dasharray: 4 4; } .plot .curve { fill: none; stroke: var(--model); stroke-width: 2.5; stroke-linejoin: round; } .plot .under { fill: var(--model); opacity: 0.1; }
.plot .bin { fill: var(--model); opacity: 0.7; } .plot .own { fill: var(--model); stroke: var(--card); stroke-width: 2; } .plot .choice { fill: var(--card); stroke: var(--stack); stroke-width: 2.5; } .plot .point { fill: var(--model); opacity: 0.45; }
.classes { width: 100%; } .classes td, .classes thead th:not(:first-child) { text-align: right; } .classes td:last-child, .classes thead th:last-child { padding-right: 0; } .classes tr + tr > *, .classes tbody tr:first-child > * { border-top: 1px solid var(--line); } .classes thead th { color: var(--soft); font-weight: 500; font-size: 13px; }
.classes td { white-space: nowrap; } .stack { display: grid; gap: 16px; align-content: start; min-width: 0; }
.pairs .share svg { width: 40px; } .classes .share span { display: inline-flex; gap: 8px; align-items: center; } .tile .float { display: block; font-size: 13px; color: var(--soft); } i.own { background: var(--model); border-radius: 50%; } i.choice { border: 2.5px solid var(--stack); border-radius: 50%; }
`;

const show = (h: Headline, v: number): string => (h.kind === "share" ? percent(v, 1) : figure(v));

function tile(h: Headline, float: Headline | null): Markup {
  const { interval: i } = h;
  return html`<div class="tile"><b>${show(h, h.value)}</b><span class="name">${h.name}</span>
<p class="soft">${i && html`95 %: ${show(h, i.low)} to ${show(h, i.high)}<br>`}${h.meaning}</p>${float && html`<span class="float">float model ${show(float, float.value)}</span>`}</div>`;
}

function figures(r: TrainReport): Markup {
  const [integer, float, training] = [headlines(r.integer), headlines(r.float), headlines(r.training)[0]];
  const kept = html`<div class="tile"><b>${percent(r.agreement)}</b><span class="name">agreement</span><p class="soft">${r.integer.kind === "regression" ? "values within 0.5 % of the float model's range" : "answers equal to the float model's"}</p></div>`;
  const learnt = training ? html`<div class="tile"><b>${show(training, training.value)}</b><span class="name">${training.name}, learnt rows</span><p class="soft">far better than on the test means overfitting</p></div>` : null;
  const folds = r.folds && html`<div class="tile"><b>${foldText(r.folds)}</b><span class="name">${plural(r.folds.values.length, "fold")}</span><p class="soft">${r.folds.figure}, cross-validated within the training rows</p></div>`;
  return html`<section><h2>The integer model on ${plural(r.data.testRows, "test row")}</h2><div class="card"><div class="tiles">${integer.map((h, i) => tile(h, float[i] ?? null))}${kept}${learnt}${folds}</div></div></section>`;
}

const shareCell = (v: number | null): Markup => (v === null ? html`<td class="soft">–</td>` : html`<td class="share"><span>${percent(v, 1)}${shareBar(v)}</span></td>`);

function classTable(q: ClassificationQuality): Markup {
  return html`<div class="card wide"><header><h3>Classes</h3></header><table class="classes"><thead><tr><th></th><th>precision</th><th>recall</th><th>F1</th><th>rows</th></tr></thead>
<tbody>${q.classes.map((c) => html`<tr><th scope="row">${className(c.label)}</th>${shareCell(c.precision)}${shareCell(c.recall)}${shareCell(c.f1)}<td>${whole(c.rows)}</td></tr>`)}</tbody></table></div>`;
}

const thresholdRow = (kind: string, p: Roc["own"], why: string): Markup => html`<tr><th scope="row"><i class="${kind}"></i>${why}</th><td>${percent(p.truePositive, 1)}</td><td>${percent(p.falsePositive, 1)}</td><td>${Number.isFinite(p.threshold) ? figure(p.threshold) : "–"}</td></tr>`;

function rocCard(r: Roc): Markup {
  return html`<div class="card"><header><h3>Threshold: ${className(r.positive)}</h3><span class="soft">area ${figure(r.auc.value)} (${figure(r.auc.low)} to ${figure(r.auc.high)})</span></header>${rocCurve(r)}
<div class="wide key"><table class="classes"><thead><tr><th></th><th>found</th><th>false alarms</th><th>score above</th></tr></thead><tbody>${thresholdRow("own", r.own, "as it is")}${r.choices.map((c) => thresholdRow("choice", c, c.why))}</tbody></table></div></div>`;
}

/** Beyond this a matrix needs the whole width. */
const NARROW = 5;

function classAnswers(q: ClassificationQuality): Markup {
  const matrix = html`<div class="card">${confusionMatrix(q)}</div>`;
  const parts = q.labels.length <= NARROW
    ? html`<div class="cards pairs"><div class="stack">${matrix}${q.roc && classTable(q)}</div>${q.roc ? rocCard(q.roc) : classTable(q)}</div>`
    : html`<div class="stack">${matrix}${classTable(q)}</div>`;
  return html`<section><h2>Answers</h2>${parts}</section>`;
}

function answers(r: TrainReport): Markup | null {
  const q: Quality = r.integer;
  if (q.kind === "classification") return classAnswers(q);
  if (q.kind === "counts") return q.labels.length === 0 ? null : html`<section><h2>Answers</h2><div class="card"><table class="classes"><tbody>${q.labels.map((l, i) => html`<tr><th scope="row">${className(l)}</th><td>${whole(q.answers[i] ?? 0)}</td></tr>`)}</tbody></table></div></section>`;
  const some = q.points.length < q.rows && `${whole(q.points.length)} of ${plural(q.rows, "row")}; `;
  return html`<section><h2>Answers</h2><div class="cards pairs"><div class="card"><header><h3>Answer against truth</h3></header>${scatter(q)}<p class="soft">${some}on the dashed line every answer would be right.</p></div>
<div class="card"><header><h3>Errors</h3></header>${errors(q)}<p class="soft">Answer less truth: right of the dashed line the model says too much.</p></div></div></section>`;
}

function facts(r: TrainReport): Markup {
  const rows: readonly (readonly [string, string])[] = [
    ["data", `${short(r.data.file, 160)}: ${learntText(r)}`],
    ["test rows", `${plural(r.data.testRows, "row")} (${short(r.data.test, 160)})`],
    ...(r.data.classes.length > 0 ? [["rows per class", short(r.data.classes.map((c) => `${className(c.name)} ${whole(c.rows)}`).join(", "), 400)] as const] : []),
    ["options", `${hyperText(r)}; seed ${r.seed}`],
    ["device", `${r.inputType} inputs, ${plural(r.constants, "byte")} of constants; ${short(r.steps.join("; ").replaceAll("->", "→"), 300)}`],
  ];
  return html`<section><h2>How it was made</h2><div class="card wide"><table class="plain"><tbody>${rows.map(([k, v]) => html`<tr><th scope="row">${k}</th><td>${v}</td></tr>`)}</tbody></table></div></section>`;
}

function board(r: TrainReport): Markup | null {
  const { run } = r;
  if (!run) return null;
  const v = verdict(run);
  return html`<section><h2>On the board</h2><div class="proof ${v.replace(" ", "-")}" role="status"><span class="why">${short(run.board)}: ${proof(run)}</span></div><div class="cards">${boardCard(run, short(run.board), run.cycles?.max ?? 0, true)}</div></section>`;
}

/** @returns a whole HTML document; every text of the report is escaped */
export function htmlTraining(r: TrainReport): string {
  const notes = r.notes.length === 0 ? null : html`<section><h2>Notes</h2><ul class="notes">${r.notes.map((n) => html`<li>${n}</li>`)}</ul></section>`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${short(r.title)}: coincell training</title><style>${trusted(style)}${trusted(own)}</style></head>
<body><main><h1>${short(r.title)}</h1><p class="soft">${short(r.task)}, learnt from ${short(r.data.file, 160)}</p>
${figures(r)}${answers(r)}${board(r)}${facts(r)}${notes}
<footer>Made by coincell. All figures are those of the integer model, as the device runs it, on rows it has not learnt from; intervals are at 95 %: Wilson for shares, Hanley and McNeil for the area under the ROC curve, bootstrap for errors.</footer></main></body></html>
`.text;
}
