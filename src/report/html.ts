/** Runs as one HTML page that needs nothing else: no script, no font, no image from elsewhere. */
import { boardCard } from "./card-html.js";
import { confusionMatrix } from "./confusion-html.js";
import { plural, short } from "./format.js";
import { html, trusted, type Markup } from "./markup.js";
import { networkSections } from "./network-html.js";
import { style } from "./style.js";
import { choices, proof, verdict, type Verdict } from "./words.js";
import type { RunReport } from "./types.js";

export const verdictClass = (v: Verdict): string => v.replace(" ", "-");
const rank: Readonly<Record<Verdict, number>> = { proven: 0, "too large": 1, differs: 2 };
const headline: Readonly<Record<Verdict, string>> = { proven: "✔ Proven", differs: "✘ The answer differs", "too large": "✘ Does not fit" };

/** The worst of all boards, said once. */
function proofLine(reports: readonly RunReport[]): Markup {
  const worst = reports.toSorted((a, b) => rank[verdict(b)] - rank[verdict(a)])[0] as RunReport;
  const v = verdict(worst);
  const proven = reports.filter((r) => verdict(r) === "proven").length;
  const text = v === "proven"
    ? `${proof(worst)} ${reports.length === 1 ? `on ${short(worst.board)}` : `on each of ${plural(reports.length, "board")}`}`
    : `${short(worst.board)}: ${proof(worst)}${reports.length === 1 ? "" : `; ${proven} of ${plural(reports.length, "run")} proven`}`;
  return html`<div class="proof ${verdictClass(v)}" role="status"><span>${headline[v]}</span><span class="why">${text}</span></div>`;
}

const title = (r: RunReport, several: boolean): string => (several ? `${short(r.model)} on ${short(r.board)}` : short(r.board));

/** Boards that gave the same matrix share one drawing. */
function answers(reports: readonly RunReport[], several: boolean): Markup | null {
  const groups = new Map<string, RunReport[]>();
  for (const r of reports) {
    if (r.confusion === null || r.confusion.length === 0) continue;
    const key = JSON.stringify([r.labels, r.confusion, several ? r.model : ""]);
    groups.set(key, [...(groups.get(key) ?? []), r]);
  }
  if (groups.size === 0) return null;
  const drawn = [...groups.values()].map((g) => html`<div class="card">${groups.size > 1 && html`<header><h3>${g.map((r) => title(r, several)).join(", ")}</h3></header>`}${g[0] ? confusionMatrix(g[0]) : null}</div>`);
  const every = groups.size === 1 && reports.length > 1 && html`<p class="soft">The same on every board.</p>`;
  return html`<section><h2>Answers</h2>${every}<div class="cards">${drawn}</div></section>`;
}

/** One cell for all boards where they agree. */
function cellsOf(reports: readonly RunReport[], cell: (r: RunReport) => Markup): Markup {
  const all = reports.map(cell);
  const same = all.every((c) => c.text === all[0]?.text);
  return same ? html`<td colspan="${all.length}">${all[0] ?? null}</td>` : html`${all.map((c) => html`<td>${c}</td>`)}`;
}

const steps = (r: RunReport): Markup => html`${r.choice.steps.map((s) => html`<code>${short(s.replaceAll("->", "→"), 80)}</code><br>`)}`;

function choiceCell(r: RunReport, i: number): Markup {
  const c = choices(r)[i];
  return html`${c?.value ?? ""}<br><span class="soft">${c?.reason ?? ""}</span>`;
}

function made(reports: readonly RunReport[], several: boolean): Markup {
  const kinds = choices(reports[0] as RunReport).map((c) => c.what);
  const rows = kinds.map((what, i) => html`<tr><th scope="row">${what}</th>${cellsOf(reports, (r) => choiceCell(r, i))}</tr>`);
  const head = reports.length > 1 && html`<thead><tr><td></td>${reports.map((r) => html`<th scope="col">${title(r, several)}</th>`)}</tr></thead>`;
  return html`<section><h2>How it was made</h2><div class="card wide"><table class="plain">${head}<tbody>${rows}${reports.some((r) => !r.perLayer) && html`<tr><th scope="row">steps</th>${cellsOf(reports, steps)}</tr>`}</tbody></table></div></section>`;
}

function notes(reports: readonly RunReport[]): Markup | null {
  const all = [...new Set(reports.flatMap((r) => r.notes))];
  return all.length === 0 ? null : html`<section><h2>Notes</h2><ul class="notes">${all.map((n) => html`<li>${n}</li>`)}</ul></section>`;
}

/**
 * One page for any number of runs (of one model on several boards, or of several models).
 * @returns a whole HTML document; every text of the reports is escaped
 */
export function htmlReport(reports: readonly RunReport[]): string {
  const models = [...new Set(reports.map((r) => short(r.model)))];
  const several = models.length > 1;
  const name = models.join(", ");
  const sources = [...new Set(reports.map((r) => `${short(r.source, 160)}, ${short(r.task)}`))];
  const top = Math.max(0, ...reports.map((r) => r.cycles?.max ?? 0));
  const body = reports.length === 0 ? html`<p>No runs.</p>` : html`${proofLine(reports)}
<section aria-label="Boards"><div class="cards${reports.length % 2 === 0 && reports.length < 6 && " pairs"}">${reports.map((r) => boardCard(r, title(r, several), top, reports.length === 1))}</div></section>
${networkSections(reports, (r) => title(r, several))}${answers(reports, several)}${made(reports, several)}${notes(reports)}`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${name}: coincell report</title><style>${trusted(style)}</style></head>
<body><main><h1>${name}</h1>${sources.map((s) => html`<p class="soft">${s}</p>`)}
${body}
<footer>Made by coincell. Flash and static RAM are those of the linked program; stack and cycles those of the simulated run of that very program over every test row. Harness: start-up code and the frame that feeds the rows, not part of the model.</footer></main></body></html>
`.text;
}
