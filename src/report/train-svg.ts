/** The drawings of a training's page: the ROC curve and the answers of a regression against the truth. */
import type { RegressionQuality, Roc, RocPoint } from "../ir/evaluation.js";
import { figure, percent } from "./format.js";
import { html, type Markup } from "./markup.js";

const SIZE = 320;
const LEFT = 58;
const RIGHT = 22;
const BOTTOM = 40;
const TOP = 12;

interface Axis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

const x = (a: Axis, v: number): number => Number((LEFT + ((v - a.low) / (a.high - a.low)) * SIZE).toFixed(2));
const y = (a: Axis, v: number): number => Number((TOP + SIZE - ((v - a.low) / (a.high - a.low)) * SIZE).toFixed(2));

function frame(h: Axis, v: Axis, names: readonly [string, string], show: (v: number) => string): Markup {
  const middle = TOP + SIZE / 2;
  return html`${h.ticks.map((t) => html`<line class="grid" x1="${x(h, t)}" x2="${x(h, t)}" y1="${TOP}" y2="${TOP + SIZE}"/><text class="tick" x="${x(h, t)}" y="${TOP + SIZE + 16}" text-anchor="middle">${show(t)}</text>`)}
${v.ticks.map((t) => html`<line class="grid" x1="${LEFT}" x2="${LEFT + SIZE}" y1="${y(v, t)}" y2="${y(v, t)}"/><text class="tick" x="${LEFT - 6}" y="${y(v, t) + 4}" text-anchor="end">${show(t)}</text>`)}
<text class="name" x="${LEFT + SIZE / 2}" y="${TOP + SIZE + 34}" text-anchor="middle">${names[0]}</text>
<text class="name" x="12" y="${middle}" text-anchor="middle" transform="rotate(-90 12 ${middle})">${names[1]}</text>`;
}

const svg = (label: string, body: Markup): Markup =>
  html`<svg class="plot" role="img" aria-label="${label}" viewBox="0 0 ${LEFT + SIZE + RIGHT} ${TOP + SIZE + BOTTOM}" width="100%">${body}</svg>`;

const share: Axis = { low: 0, high: 1, ticks: [0, 0.25, 0.5, 0.75, 1] };

const place = (p: RocPoint): string => `finds ${percent(p.truePositive, 1)}, false alarms ${percent(p.falsePositive, 1)}`;

export function rocCurve(r: Roc): Markup {
  const at = (p: RocPoint): string => `${x(share, p.falsePositive)},${y(share, p.truePositive)}`;
  const line = r.points.map(at).join(" ");
  const dot = (p: RocPoint, kind: string, title: string): Markup => html`<circle class="${kind}" cx="${x(share, p.falsePositive)}" cy="${y(share, p.truePositive)}" r="5"><title>${title}</title></circle>`;
  return svg(`ROC curve, area ${figure(r.auc.value)}`, html`${frame(share, share, ["false alarms", "found"], (v) => percent(v, 0))}
<line class="chance" x1="${x(share, 0)}" y1="${y(share, 0)}" x2="${x(share, 1)}" y2="${y(share, 1)}"/>
<polygon class="under" points="${line} ${x(share, 1)},${y(share, 0)}"/><polyline class="curve" points="${line}"/>
${r.choices.map((c) => dot(c, "choice", `${c.why}: ${place(c)}`))}${dot(r.own, "own", `as it is: ${place(r.own)}`)}`);
}

/** Steps of 1, 2 or 5 that cut the range into about four. */
function axisOf(values: readonly number[]): Axis {
  const [low, high] = [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)];
  const range = high > low ? high - low : Math.max(1, Math.abs(high));
  const power = 10 ** Math.floor(Math.log10(range / 4));
  const step = [1, 2, 5, 10].map((s) => s * power).find((s) => range / s <= 5) ?? range;
  const [first, last] = [Math.floor(low / step) * step, Math.max(Math.floor(low / step) * step + step, Math.ceil(high / step) * step)];
  return { low: first, high: last, ticks: Array.from({ length: Math.round((last - first) / step) + 1 }, (_, i) => first + i * step) };
}

export function scatter(q: RegressionQuality): Markup {
  const axis = axisOf(q.points.flat());
  return svg("answers against the truth", html`${frame(axis, axis, ["truth", "answer"], figure)}
<line class="chance" x1="${x(axis, axis.low)}" y1="${y(axis, axis.low)}" x2="${x(axis, axis.high)}" y2="${y(axis, axis.high)}"/>
${q.points.map(([t, a]) => html`<circle class="point" cx="${x(axis, t)}" cy="${y(axis, a)}" r="3"/>`)}`);
}

const BARS = 21;

/** How often each error was made: a bar per step, symmetric about no error. */
export function errors(q: RegressionQuality): Markup {
  const found = q.points.map(([t, a]) => a - t);
  const most = found.reduce((m, e) => Math.max(m, Math.abs(e)), 0) || 1;
  const counts = Array.from({ length: BARS }, () => 0);
  for (const e of found) counts[Math.min(BARS - 1, Math.floor(((e + most) / (2 * most)) * BARS))]! += 1;
  const [h, v] = [{ low: -most, high: most, ticks: [-most, -most / 2, 0, most / 2, most] }, axisOf([0, Math.max(...counts)])];
  const bars = counts.map((n, i) => {
    const from = x(h, -most + (2 * most * i) / BARS);
    return n === 0 ? null : html`<rect class="bin" x="${from + 1}" width="${Number((SIZE / BARS - 2).toFixed(2))}" y="${y(v, n)}" height="${Number((TOP + SIZE - y(v, n)).toFixed(2))}"><title>${n}</title></rect>`;
  });
  return svg("errors", html`${frame(h, v, ["error", "rows"], figure)}${bars}<line class="chance" x1="${x(h, 0)}" x2="${x(h, 0)}" y1="${TOP}" y2="${TOP + SIZE}"/>`);
}
