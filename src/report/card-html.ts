/** One board's measurements as a card of the page. */
import { figure, percent, whole } from "./format.js";
import { html, type Markup } from "./markup.js";
import { memoryBar, spreadBar } from "./svg.js";
import { memories, proof, quality, timing, verdict, type Memory } from "./words.js";
import type { RunReport } from "./types.js";

const badges = { proven: "proven", differs: "differs", "too large": "too large" } as const;

function key(m: Memory): Markup {
  const free = m.limit === null ? null : m.limit - m.total;
  return html`<ul class="key">${m.parts.map((p) => html`<li title="${p.meaning}"><i class="${p.kind}"></i>${p.name} ${whole(p.bytes)}</li>`)}${free !== null && free >= 0 && html`<li><i class="free"></i>free ${whole(free)}</li>`}</ul>`;
}

function memory(m: Memory): Markup {
  const of = m.limit === null ? html`${whole(m.total)} bytes, no limit` : html`${whole(m.total)} of ${whole(m.limit)} bytes <span class="soft">(${percent(m.total / m.limit, 1)})</span>`;
  return html`<div class="row"><div class="head"><b>${m.title === "RAM" ? "RAM" : "Flash"}</b><span>${of}</span></div>${memoryBar(m)}${key(m)}</div>`;
}

function cycles(r: RunReport, top: number): Markup | null {
  const s = r.cycles ?? r.microseconds;
  if (s === null) return null;
  const unit = r.cycles ? "cycles" : "µs";
  const range = s.min === s.max ? whole(s.max) : `${r.cycles ? whole(s.min) : figure(s.min)} to ${r.cycles ? whole(s.max) : figure(s.max)}`;
  const label = `${unit} of a call: ${range}, mean ${figure(s.mean)}`;
  return html`<div class="row"><div class="head"><b>${r.cycles ? "Cycles" : "Time"}</b><span>${range} ${unit}</span></div>${spreadBar(s, r.cycles ? top : s.max, label)}<p class="key">${r.cycles && `mean ${whole(s.mean)}; `}${timing(r)}</p></div>`;
}

/** `top`: most cycles of all the page's boards, so that their spreads share one axis; a lone board's proof stands above it. */
export function boardCard(r: RunReport, title: string, top: number, lone: boolean): Markup {
  const v = verdict(r);
  const tiles = quality(r).map((q) => html`<div class="tile"><b>${q.value === null ? "–" : q.kind === "share" ? percent(q.value) : figure(q.value)}</b><span class="name">${q.what}</span><p class="soft">${q.meaning}</p></div>`);
  return html`<article class="card"><header><h3>${title}</h3><span class="badge ${v.replace(" ", "-")}">${badges[v]}</span></header>
${!lone && html`<p class="soft">${proof(r)}</p>`}
<div class="tiles">${tiles}</div>${memories(r).map(memory)}${cycles(r, top)}</article>`;
}
