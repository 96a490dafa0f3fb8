/** The programs a network can be on a board as one page: a plot of any two measures with the front, and the table. Needs nothing from elsewhere. */
import { plural, short, whole } from "./format.js";
import { limitTexts, madeOf, unitOf, verdictOf } from "./front.js";
import type { FrontPoint, FrontReport } from "./front-types.js";
import { kernelCounts } from "./kernel-words.js";
import { html, trusted, type Markup } from "./markup.js";
import { plotScript, plotStyle } from "./pareto-plot.js";
import { style } from "./style.js";

const axes: readonly (readonly [keyof FrontPoint & string, string])[] = [["ram", "RAM with input and stack, bytes"], ["activations", "tensors and scratch, bytes"], ["flash", "flash, bytes"], ["cycles", "cycles"], ["instructions", "instructions"]];

/** Read by the script of the page. */
function points(r: FrontReport): string {
  const list = r.points.map((p) => ({
    id: p.id, name: kernelCounts(p.kernels), hyper: p.program, how: madeOf(p), fits: p.fits, front: p.front, best: p.goals.length > 0, verdict: verdictOf(p),
    v: { ram: p.ram, activations: p.activations, flash: p.flash, cycles: p.cycles, instructions: p.instructions },
  }));
  // Inside a script element only "<" could end it.
  return JSON.stringify({ share: false, limits: { ...r.limits }, list }).replaceAll("<", "\\u003c").replaceAll("\u2028", "").replaceAll("\u2029", "");
}

const select = (id: string, text: string, chosen: string): Markup => html`<label>${text} <select id="${id}">${axes.map(([key, name]) => html`<option value="${key}"${key === chosen && trusted(" selected")}>${name}</option>`)}</select></label>`;

function plot(r: FrontReport): Markup {
  return html`<section><h2>Programs</h2><div class="card"><div class="controls">${select("ax", "across", "ram")}${select("ay", "up", unitOf(r))}<label><input type="checkbox" id="nofit" checked> show what does not fit</label></div>
<div class="plot"><svg id="plot" role="img" aria-label="Programs by two measures; the same figures are in the table below" viewBox="0 0 900 430"></svg><div id="tip" role="status" hidden></div></div>
<ul class="key"><li><i class="k-best"></i>chosen for a goal</li><li><i class="k-front"></i>on the front</li><li><i class="k-fit"></i>fits</li><li><i class="k-not"></i>does not fit</li><li id="low" hidden><i class="k-low"></i>below the end of the axis</li></ul>
<noscript><p class="soft">The plot needs JavaScript; the table holds the same figures.</p></noscript></div></section>`;
}

const count = (n: number | null): string => (n === null ? "–" : whole(n));

function table(r: FrontReport): Markup {
  const rows = r.points.map((p) => html`<tr class="${p.goals.length > 0 ? "best" : p.fits ? "" : "not"}" id="c-${p.id}"><th scope="row">${kernelCounts(p.kernels)}<br><span class="soft">${p.program}, ${madeOf(p)}</span></th>
<td class="n">${whole(p.ram)}</td><td class="n">${whole(p.activations)}</td><td class="n">${whole(p.flash)}</td><td class="n">${count(p.instructions)}</td><td class="n">${count(p.cycles)}</td><td>${verdictOf(p)}</td></tr>`);
  return html`<div class="card wide"><table class="plain ranks"><thead><tr>${["kernels", "RAM", "tensors", "flash", "instructions", "cycles", "verdict"].map((h, i) => html`<th scope="col"${i > 0 && i < 6 && trusted(' class="n"')}>${h}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** @returns a whole HTML document; every text is escaped */
export function frontPage(r: FrontReport): string {
  const limits = limitTexts(r);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${short(r.model)} on ${short(r.board)}: coincell check</title><style>${trusted(style + plotStyle)}</style></head>
<body><main><h1>${short(r.model, 80)} on ${short(r.board)}</h1><p class="soft">${plural(r.points.length, "program")}, ${plural(r.layers.length, "layer")}${limits.length > 0 && html`; limits: ${limits.join(", ")}`}</p>
${plot(r)}${table(r)}
<footer>Made by coincell. Every program is linked and run on one row on the simulated board; flash and RAM are those of the linked program, the stack that of the run.</footer></main>
<script>const fit = ${trusted(points(r))};${trusted(plotScript)}</script></body></html>
`.text;
}
