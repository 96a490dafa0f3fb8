/** A search as one page: the choice, a plot of any two measures with the front, and the table. Needs nothing from elsewhere. */
import { figure, plural, short, time, whole } from "./format.js";
import { html, trusted, type Markup } from "./markup.js";
import { daysText, energyText, figureTexts, hyperText, limitTexts, scoreText, validatedText, verdictText } from "./pareto.js";
import { plotScript, plotStyle } from "./pareto-plot.js";
import type { FitCandidate, FitReport } from "./pareto-types.js";
import { style } from "./style.js";

/** What the plot can show: read by the script of the page, one number per candidate and axis. */
function points(r: FitReport): string {
  const list = r.candidates.map((c) => ({
    id: c.id, name: c.family, hyper: hyperText(c.hyper), fits: c.fits, front: c.front, best: c.id === r.best?.id, verdict: verdictText(c), how: `${c.choice.inputType} inputs, for ${c.goal}`,
    v: { validated: c.validated, tested: c.tested, flash: c.flash.total, ram: c.ram.total, stack: c.ram.stack, cycles: c.cycles?.mean ?? null, latency: c.microseconds?.max ?? null, energy: c.energy?.microjoules.typical ?? null },
  }));
  const { flash, ram } = r.candidates[0] ?? {};
  const limits = { flash: flash?.limit ?? null, ram: ram?.limit ?? null, stack: r.limits.stack, latency: r.limits.latency };
  // Inside a script element only "<" could end it.
  return JSON.stringify({ share: r.task === "classification", limits, list }).replaceAll("<", "\\u003c").replaceAll("\u2028", "").replaceAll("\u2029", "");
}

const tile = (value: string, name: string, meaning: string): Markup => html`<div class="tile"><b>${value}</b><span class="name">${name}</span><p class="soft">${meaning}</p></div>`;
const of = (limit: number | null): string => (limit === null ? "bytes" : `of ${whole(limit)} bytes`);

function tiles(r: FitReport, b: FitCandidate): Markup {
  const life = b.energy?.battery;
  return html`<div class="tiles">
${tile(scoreText(r.task, b.tested), r.measure, `integer model, ${plural(b.testRows, "row")} kept apart; ${[...figureTexts(b), `${validatedText(b)}`].join("; ")}`)}
${tile(whole(b.flash.total), "flash", of(b.flash.limit))}${tile(whole(b.ram.total), "RAM", `${of(b.ram.limit)}, input and stack included`)}
${b.microseconds && tile(time(b.microseconds.max), "slowest call", `${whole(b.cycles?.max ?? 0)} cycles`)}
${b.energy && tile(`${figure(b.energy.microjoules.typical)} µJ`, "energy", `per inference, estimated: ${figure(b.energy.microjoules.low)} to ${figure(b.energy.microjoules.high)}`)}
${life ? tile(daysText(life.days.typical), life.name, `at ${figure(life.perSecond)} per second, estimated: ${daysText(life.days.low)} to ${daysText(life.days.high)}`) : null}</div>`;
}

function choice(r: FitReport): Markup {
  const b = r.best;
  const why = html`<ul class="notes">${r.why.map((w) => html`<li>${w}</li>`)}</ul>`;
  if (!b) return html`<div class="proof too-large" role="status"><span>✘ Nothing fits</span><span class="why">${r.why[0] ?? ""}</span></div>${r.why.length > 1 && html`<ul class="notes">${r.why.slice(1).map((w) => html`<li>${w}</li>`)}</ul>`}`;
  return html`<div class="proof proven" role="status"><span>✔ ${short(b.family)}</span><span class="why">${hyperText(b.hyper)}</span></div>
${tiles(r, b)}<section><h2>Why not a better one</h2>${why}</section>${r.also.length > 0 && html`<section><h2>Other good choices</h2><ul class="notes">${r.also.map((a) => html`<li>${a}</li>`)}</ul></section>`}`;
}

const axes = (r: FitReport): readonly (readonly [string, string])[] => [
  ["validated", `${r.measure}, cross-validated`], ["tested", `${r.measure} on rows kept apart`],
  ["flash", "flash, bytes"], ["ram", "RAM with input and stack, bytes"], ["stack", "stack, bytes"], ["cycles", "cycles, mean"], ["latency", "slowest call, µs"], ["energy", "energy, µJ"],
];

function plot(r: FitReport): Markup | null {
  if (r.candidates.length === 0) return null;
  const select = (id: string, text: string, chosen: string): Markup => html`<label>${text} <select id="${id}">${axes(r).map(([key, name]) => html`<option value="${key}"${key === chosen && trusted(" selected")}>${name}</option>`)}</select></label>`;
  return html`<section><h2>Candidates</h2><div class="card"><div class="controls">${select("ax", "across", r.best?.energy ? "energy" : "flash")}${select("ay", "up", "validated")}<label><input type="checkbox" id="nofit" checked> show what does not fit</label></div>
<div class="plot"><svg id="plot" role="img" aria-label="Candidates by two measures; the same figures are in the table below" viewBox="0 0 900 430"></svg><div id="tip" role="status" hidden></div></div>
<ul class="key"><li><i class="k-best"></i>chosen</li><li><i class="k-front"></i>on the front</li><li><i class="k-fit"></i>fits</li><li><i class="k-not"></i>does not fit</li><li id="low" hidden><i class="k-low"></i>below the end of the axis</li></ul>
<noscript><p class="soft">The plot needs JavaScript; the table holds the same figures.</p></noscript></div></section>`;
}

function table(r: FitReport): Markup | null {
  if (r.candidates.length === 0) return null;
  const rows = r.candidates.map((c, i) => html`<tr class="${c.id === r.best?.id ? "best" : c.fits ? "" : "not"}" id="c-${c.id}"><td class="n">${i + 1}</td><th scope="row">${c.family}<br><span class="soft">${hyperText(c.hyper)}; ${c.choice.inputType} inputs, for ${c.goal}</span></th>
<td class="n">${scoreText(r.task, c.validated)}</td><td class="n">${scoreText(r.task, c.tested)}</td><td class="n">${whole(c.flash.total)}</td><td class="n">${whole(c.ram.total)}</td><td class="n">${c.ram.stack === null ? "–" : whole(c.ram.stack)}</td><td class="n">${c.cycles ? whole(c.cycles.mean) : "–"}</td><td class="n">${energyText(c)}</td><td>${verdictText(c)}</td></tr>`);
  return html`<div class="card wide"><table class="plain ranks"><thead><tr>${["", "model", "validated", "tested", "flash", "RAM", "stack", "cycles", "energy", "verdict"].map((h, i) => html`<th scope="col"${i > 1 && i < 9 && trusted(' class="n"')}>${h}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

const PRUNED_SHOWN = 40;

function pruned(r: FitReport): Markup | null {
  if (r.pruned.length === 0) return null;
  const shown = r.pruned.toSorted((a, b) => (b.validated ?? -2) - (a.validated ?? -2)).slice(0, PRUNED_SHOWN);
  return html`<section><h2>Ruled out before compiling</h2><details><summary>${plural(r.pruned.length, "configuration")}</summary><ul class="notes">${shown.map((p) => html`<li>${p.family} <span class="soft">(${hyperText(p.hyper)}${p.validated !== null && html`, ${scoreText(r.task, p.validated)} validated`})</span>: ${p.why}</li>`)}${r.pruned.length > PRUNED_SHOWN && html`<li>…</li>`}</ul></details></section>`;
}

/** A path may break after its slashes, so that it need not break within a name. */
const breakable = (path: string): Markup => html`${path.split(/(?<=[/\\])/).map((p) => html`${p}<wbr>`)}`;

/** @returns a whole HTML document; every text is escaped */
export function paretoPage(r: FitReport): string {
  const limits = limitTexts(r.limits);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${short(r.data)} on ${r.board}: coincell fit</title><style>${trusted(style + plotStyle)}</style></head>
<body><main><h1>${breakable(short(r.data, 80))} on ${r.board}</h1><p class="soft">${r.task}, ${plural(r.rows.train, "row")} to learn from, ${whole(r.rows.test)} kept apart${limits.length > 0 && html`; limits: ${limits.join(", ")}`}</p>
${choice(r)}${plot(r)}${table(r)}${pruned(r)}
<section><h2>Notes</h2><ul class="notes">${r.energyBasis.map((t) => html`<li>Energy: ${t}</li>`)}${r.notes.map((t) => html`<li>${t}</li>`)}<li>${r.counts.trained} configurations trained and judged, ${r.counts.measured} compiled and run, ${r.counts.fromStore} answers from the store; ${figure(r.seconds)} s, seed ${r.seed}${r.stopped !== null && html`, ended early: ${r.stopped}`}.</li></ul></section>
<footer>Made by coincell. Flash and RAM are those of the linked program, stack and cycles those of the simulated run of that very program. Models are chosen by the cross-validated figure; the rows kept apart only measure.</footer></main>
<script>const fit = ${trusted(points(r))};${trusted(plotScript)}</script></body></html>
`.text;
}
