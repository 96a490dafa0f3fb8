/** A network on the page: its memory over time as a drawing, and what each layer costs as bars. */
import { percent, whole } from "./format.js";
import { kernelReason, kernelsLine } from "./kernel-words.js";
import { html, type Markup } from "./markup.js";
import { blockText, costKind, costOf, costTitle, kilo, layerName, memoryText, shapeText, totalMacs } from "./network-words.js";
import type { LayerReport, MemoryBlock, MemoryMap, RunReport } from "./types.js";

const W = 1000;
const LEFT = 64;
const TOP = 12;
const HEIGHT = 360;
const BOTTOM = 40;

const n = (v: number): string => String(Number(v.toFixed(2)));

/** Round addresses: at most eight of them. */
function ticks(bytes: number): readonly number[] {
  const steps = [1, 2, 4, 5, 8, 10, 16, 20, 32, 50, 64, 100, 128, 256].flatMap((k) => [k, k * 1024]).concat([524_288, 1_048_576, 4_194_304]).sort((a, b) => a - b);
  const step = steps.find((s) => bytes / s <= 6) ?? bytes;
  return Array.from({ length: Math.floor(bytes / step) + 1 }, (_, i) => i * step);
}

/** Hues far apart for layers that follow each other; the rest by kind. */
const fill = (b: MemoryBlock): string => (b.kind === "layer" ? `fill: hsl(${(b.first * 137) % 360} var(--block))` : "");

interface Scale { readonly x: (step: number) => number; readonly y: (address: number) => number }

function block(b: MemoryBlock, s: Scale, m: MemoryMap): Markup {
  const [x, y, width, height] = [s.x(b.first), s.y(b.offset), s.x(b.last + 1) - s.x(b.first), s.y(b.offset + b.bytes) - s.y(b.offset)];
  const label = b.kind === "layer" ? String(b.first) : b.kind;
  const fits = width > label.length * 7 + 4 && height > 13;
  return html`<g><title>${blockText(b, m.steps)}</title><rect class="block ${b.kind}" style="${fill(b)}" x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(Math.max(1, height))}"/>${fits && html`<text class="in" x="${n(x + width / 2)}" y="${n(y + height / 2 + 4)}">${label}</text>`}</g>`;
}

export function memoryDrawing(m: MemoryMap): Markup {
  const span = m.steps + 2;
  const s: Scale = { x: (step) => LEFT + ((step + 1) / span) * (W - LEFT - 4), y: (address) => TOP + (address / Math.max(1, m.bytes)) * HEIGHT };
  const every = Math.ceil(span / 24);
  const times = Array.from({ length: m.steps }, (_, k) => k).filter((k) => k % every === 0);
  const bottom = TOP + HEIGHT;
  // Big blocks first, so that what shares their bytes later is seen.
  const blocks = m.blocks.toSorted((a, b) => b.bytes * (b.last - b.first + 1) - a.bytes * (a.last - a.first + 1));
  return html`<svg class="memory" role="img" aria-label="Memory over time: ${memoryText(m)}" viewBox="0 0 ${W} ${bottom + BOTTOM}">
<rect class="ground" x="${LEFT}" y="${TOP}" width="${W - LEFT - 4}" height="${HEIGHT}"/>
${ticks(m.bytes).map((t) => html`<line class="grid" x1="${LEFT}" x2="${W - 4}" y1="${n(s.y(t))}" y2="${n(s.y(t))}"/><text class="tick" x="${LEFT - 8}" y="${n(s.y(t) + 4)}" text-anchor="end">${t === 0 ? "0" : t % 1024 === 0 ? `${t / 1024} KB` : whole(t)}</text>`)}
${blocks.map((b) => block(b, s, m))}
${m.bound < m.bytes && html`<line class="bound" x1="${LEFT}" x2="${W - 4}" y1="${n(s.y(m.bound))}" y2="${n(s.y(m.bound))}"><title>least that any plan could need: ${whole(m.bound)} bytes</title></line>`}
${times.map((k) => html`<text class="tick" x="${n((s.x(k) + s.x(k + 1)) / 2)}" y="${bottom + 16}" text-anchor="middle">${k}</text>`)}
<text class="tick" x="${n((LEFT + W) / 2)}" y="${bottom + 34}" text-anchor="middle">layer</text></svg>`;
}

function barCell(value: number, top: number, kind: string, text: string): Markup {
  const width = top > 0 ? (value / top) * 100 : 0;
  return html`<td class="barred"><span>${text}</span><svg aria-hidden="true" width="100%" height="6"><rect class="free" width="100%" height="100%" rx="3"/>${value > 0 && html`<rect class="part ${kind}" width="${n(Math.max(width, 0.8))}%" height="100%" rx="3"/>`}</svg></td>`;
}

function layersTable(r: RunReport, layers: readonly LayerReport[]): Markup {
  const kind = costKind(layers);
  const total = Math.max(1, layers.reduce((sum, l) => sum + costOf(l, kind), 0));
  const top = (of: (l: LayerReport) => number): number => Math.max(0, ...layers.map(of));
  const [cost, weights, output] = [top((l) => costOf(l, kind)), top((l) => l.weightBytes), top((l) => l.outputBytes)];
  const rows = layers.map((l, k) => html`<tr><td class="soft">${k}</td><th scope="row" title="${layerName(l.name, 200)}">${l.op}${l.kernel !== undefined && html` <span class="soft">${l.kernel}</span>`}<br><span class="soft small-name">${layerName(l.name)}</span>${kernelReason(l) !== null && html`<br><span class="soft small-name">${kernelReason(l)}</span>`}</th><td>${shapeText(l.shapes.output)}</td><td class="number">${whole(l.macs)}</td>
${barCell(costOf(l, kind), cost, "model", `${whole(costOf(l, kind))} · ${percent(costOf(l, kind) / total, 1)}`)}${barCell(l.weightBytes, weights, "input", kilo(l.weightBytes))}${barCell(l.outputBytes, output, "stack", kilo(l.outputBytes))}</tr>`);
  const mean = r.cycles?.mean ?? r.instructions?.mean;
  const macs = totalMacs(r);
  const rate = mean !== undefined && macs > 0 ? `, ${(mean / macs).toFixed(2)} ${r.cycles ? "cycles" : "instructions"} per MAC` : "";
  const kernels = kernelsLine(layers);
  return html`<table class="plain layers"><caption>${kernels !== null && `Kernels: ${kernels}. `}${layers.length} layers, ${whole(macs)} MACs${rate}. ${kind === "macs" ? "No costs are counted on this board." : `${kind === "cycles" ? "Cycles" : "Instructions"} are those of the first row, layer by layer.`}</caption>
<thead><tr><th scope="col"></th><th scope="col">layer</th><th scope="col">output</th><th scope="col" class="number">MACs</th><th scope="col">${costTitle[kind]}</th><th scope="col">weights</th><th scope="col">output bytes</th></tr></thead><tbody>${rows}</tbody></table>`;
}

const mapCard = (m: MemoryMap | undefined, head: Markup | false): Markup | null =>
  m ? html`<div class="card wide">${head}<p class="soft">${memoryText(m)}. Each rectangle is a tensor at its addresses, from the layer that makes it to the last one that reads it.</p>${memoryDrawing(m)}</div>` : null;

/** Boards with the same drawing share it. */
function grouped(reports: readonly RunReport[], key: (r: RunReport) => unknown): readonly (readonly RunReport[])[] {
  const groups = new Map<string, RunReport[]>();
  for (const r of reports) { const k = JSON.stringify(key(r)); groups.set(k, [...(groups.get(k) ?? []), r]); }
  return [...groups.values()];
}

export function networkSections(reports: readonly RunReport[], title: (r: RunReport) => string): Markup | null {
  const networks = reports.filter((r) => (r.perLayer?.length ?? 0) > 0);
  if (networks.length === 0) return null;
  const head = (g: readonly RunReport[]): Markup | false => networks.length > 1 && html`<header><h3>${g.map(title).join(", ")}</h3></header>`;
  const maps = grouped(networks.filter((r) => r.memoryMap), (r) => [r.model, r.memoryMap]);
  const tables = grouped(networks, (r) => [r.model, r.perLayer, r.cycles, r.instructions]);
  return html`<section><h2>Memory over time</h2>${maps.map((g) => mapCard(g[0]?.memoryMap, head(g)))}</section>
<section><h2>Layers</h2>${tables.map(([r, ...same]) => r !== undefined && html`<div class="card wide">${head([r, ...same])}${layersTable(r, r.perLayer ?? [])}</div>`)}</section>`;
}
