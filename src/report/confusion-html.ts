/** The confusion matrix as a heat map, with the recall of every class at its end. */
import { percent, plural, whole } from "./format.js";
import { html, type Markup } from "./markup.js";
import { shareBar } from "./svg.js";
import { className } from "./words.js";
import type { RunReport } from "./types.js";

/** Beyond this the cells are drawn small; beyond the next only the classes with mistakes are drawn. */
const ROOMY = 16;
const MOST = 64;

const sum = (row: readonly number[]): number => row.reduce((a, b) => a + b, 0);

/** Shares are lifted by a root, so that one mistake among hundreds is still seen. */
function cell(n: number, total: number, isHit: boolean): Markup {
  if (n === 0) return html`<td class="n zero" >0</td>`;
  const v = (0.15 + 0.85 * Math.sqrt(n / Math.max(total, 1))).toFixed(2);
  return html`<td class="n ${isHit ? "hit" : "miss"}${Number(v) > 0.6 && " strong"}" style="--v:${v}">${whole(n)}</td>`;
}

function recall(row: readonly number[], i: number): Markup {
  const total = sum(row);
  if (total === 0) return html`<td class="recall soft">no rows</td>`;
  const v = (row[i] ?? 0) / total;
  return html`<td class="recall"><span>${shareBar(v)}${percent(v, 1)}</span></td>`;
}

export function confusionMatrix(r: Pick<RunReport, "confusion" | "labels">): Markup | null {
  const table = r.confusion;
  if (table === null || table.length === 0) return null;
  const names = r.labels.map(className);
  const wrong = (k: number): boolean => table.some((row, i) => (i === k || row[k] !== 0) && i !== k) || sum(table[k] ?? []) !== (table[k]?.[k] ?? 0);
  const all = names.map((_, k) => k);
  const kept = all.length <= MOST ? all : all.filter(wrong).slice(0, MOST);
  const hidden = all.length - kept.length;
  const rows = kept.map((i) => {
    const row = table[i] ?? [];
    return html`<tr><th scope="row">${names[i] ?? ""}</th>${kept.map((k) => cell(row[k] ?? 0, sum(row), i === k))}${recall(row, i)}</tr>`;
  });
  return html`<div class="wide"><table class="matrix${kept.length > ROOMY && " small"}">
<caption>Rows are the true labels of the test rows, columns the device's answers.${hidden > 0 && ` ${plural(hidden, "class")} not drawn.`}</caption>
<thead><tr><td></td>${kept.map((k) => html`<th scope="col">${names[k] ?? ""}</th>`)}<th scope="col" class="recall">recall</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
