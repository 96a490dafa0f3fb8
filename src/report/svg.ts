/** The drawings of the page: a memory against its limit, and a spread of cycles. Colours are classes of the style sheet. */
import { percent, whole } from "./format.js";
import { html, type Markup } from "./markup.js";
import type { Spread } from "./types.js";
import type { Memory } from "./words.js";

/** Narrower parts could not be seen. */
const LEAST = 0.8;
const share = (n: number): string => `${Number(n.toFixed(3))}%`;

export function memoryBar(m: Memory): Markup {
  const scale = Math.max(m.total, m.limit ?? 0, 1);
  const label = `${m.title}: ${m.parts.map((p) => `${p.name} ${whole(p.bytes)} bytes`).join(", ")}; ${whole(m.total)} ${m.limit === null ? "bytes, no limit" : `of ${whole(m.limit)} bytes, ${percent(m.total / m.limit, 1)}`}`;
  let x = 0;
  const rects = m.parts.filter((p) => p.bytes > 0).map((p) => {
    const width = Math.min(100 - x, Math.max(LEAST, (p.bytes / scale) * 100));
    const rect = html`<rect class="part ${p.kind}" x="${share(x)}" y="0" width="${share(width)}" height="100%"><title>${p.name}: ${whole(p.bytes)} bytes, ${p.meaning}</title></rect>`;
    x += width;
    return rect;
  });
  const over = m.limit !== null && m.total > m.limit;
  const edge = over ? html`<line class="edge" x1="${share(((m.limit ?? 0) / scale) * 100)}" x2="${share(((m.limit ?? 0) / scale) * 100)}" y1="0" y2="100%"/>` : null;
  const beyond = over ? html`<rect class="beyond" x="${share(((m.limit ?? 0) / scale) * 100)}" y="0" width="100%" height="100%"/>` : null;
  return html`<svg class="bar${over && " over"}" role="img" aria-label="${label}" width="100%" height="18"><rect class="free" width="100%" height="100%"/>${rects}${beyond}${edge}</svg>`;
}

/** From least to most on an axis from 0 to `top`, with a mark at the mean. */
export function spreadBar(s: Spread, top: number, label: string): Markup {
  const at = (n: number): number => (n / Math.max(top, 1e-9)) * 100;
  const width = Math.max(1, at(s.max) - at(s.min));
  const x = Math.min(100 - width, at(s.min));
  const mean = Math.min(99.4, Math.max(0.6, at(s.mean)));
  return html`<svg class="spread" role="img" aria-label="${label}" width="100%" height="18"><rect class="axis" x="0" y="8" width="100%" height="2"/><rect class="range" x="${share(x)}" y="4" width="${share(width)}" height="10" rx="3"/><line class="mean" x1="${share(mean)}" x2="${share(mean)}" y1="1" y2="17"/></svg>`;
}

/** A share as a short bar, for the recall of a class. */
export const shareBar = (v: number): Markup =>
  html`<svg class="share" aria-hidden="true" width="64" height="8"><rect class="free" width="100%" height="100%"/><rect class="right" width="${share(v * 100)}" height="100%"/></svg>`;
