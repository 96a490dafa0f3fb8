/** A network in the terminal: what each layer costs, and its memory over time. */
import type { Paint } from "./ansi.js";
import { percent, plain, short, whole } from "./format.js";
import { kernelReason } from "./kernel-words.js";
import { costKind, costOf, costTitle, kilo, memoryText, shapeText, totalMacs } from "./network-words.js";
import type { LayerReport, MemoryBlock, MemoryMap, RunReport } from "./types.js";

const BAR = 16;
const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/** A bar with a resolution of an eighth of a character. */
function bar(share: number, width: number): string {
  const n = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  return ("█".repeat(Math.floor(n / 8)) + (eighths[n % 8] ?? "")).padEnd(width);
}

const left = (l: LayerReport): readonly string[] => [short(l.kernel === undefined ? l.op : `${l.op} (${l.kernel})`), shapeText(l.shapes.output)];

/** Width of every column. */
const widths = (rows: readonly (readonly string[])[]): readonly number[] => (rows[0] ?? []).map((_, i) => Math.max(...rows.map((r) => (r[i] ?? "").length)));

function table(layers: readonly LayerReport[], paint: Paint): readonly string[] {
  const kind = costKind(layers);
  const total = Math.max(1, layers.reduce((n, l) => n + costOf(l, kind), 0));
  const top = Math.max(1, ...layers.map((l) => costOf(l, kind)));
  const right = (l: LayerReport): readonly string[] => [whole(l.macs), ...(kind === "macs" ? [] : [whole(costOf(l, kind))]), percent(costOf(l, kind) / total, 1)];
  const head = [["layer", "output"], ["MACs", ...(kind === "macs" ? [] : [costTitle[kind]]), "share"]] as const;
  const [wl, wr] = [widths([head[0], ...layers.map(left)]), widths([head[1], ...layers.map(right)])];
  const line = (k: string, l: readonly string[], r: readonly string[], b: string, w: string, a: string): string =>
    `  ${k.padStart(3)}  ${l.map((t, i) => t.padEnd(wl[i] ?? 0)).join("  ")}  ${r.map((t, i) => t.padStart(wr[i] ?? 0)).join("  ")}  ${b}  ${w.padStart(9)}  ${a.padStart(9)}`;
  return [
    paint("dim", line("", head[0], head[1], " ".repeat(BAR), "weights", "output B")),
    ...layers.map((l, k) => line(String(k), left(l), right(l), paint("cyan", bar(costOf(l, kind) / top, BAR)), whole(l.weightBytes), whole(l.outputBytes))),
  ];
}

const letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ROWS = 12;

const signOf = (b: MemoryBlock): string => (b.kind === "input" ? "░" : b.kind === "state" ? "▓" : b.kind === "scratch" ? "▚" : (letters[b.first % letters.length] ?? "?"));

/** Columns are steps, rows are addresses from the top down; a cell shows who lies there. */
function picture(m: MemoryMap, columns: number, paint: Paint): readonly string[] {
  const label = Math.max(kilo(m.bytes).length, 3);
  const most = Math.max(8, columns - label - 6);
  const span = m.steps + 2;
  const each = Math.max(1, Math.min(4, Math.floor(most / span)));
  const width = Math.min(most, span * each);
  const rows = Math.min(ROWS, Math.max(1, m.bytes));
  const grid = Array.from({ length: rows }, () => Array.from({ length: width }, () => "·"));
  const column = (step: number): number => Math.floor((step / span) * width);
  const rowBytes = m.bytes / rows;
  // What covers the middle of a row is drawn; small things only where nothing else is.
  for (const small of [true, false]) for (const b of m.blocks) {
    const sign = signOf(b);
    const [x0, x1] = [column(b.first + 1), Math.max(column(b.first + 1) + 1, column(b.last + 2))];
    grid.forEach((row, y) => {
      const [from, to] = small ? [y * rowBytes, (y + 1) * rowBytes] : [(y + 0.5) * rowBytes, (y + 0.5) * rowBytes + 1e-9];
      if (to > b.offset && from < b.offset + b.bytes) row.fill(sign, x0, Math.min(x1, width));
    });
  }
  const at = (y: number): string => (y === rows - 1 ? kilo(m.bytes) : y === 0 ? "0" : "");
  return [
    ...grid.map((row, y) => `  ${paint("dim", at(y).padStart(label))} ${row.join("")}`),
    `  ${" ".repeat(label)} ${paint("dim", "time: one column group a layer; a digit or letter is the layer whose output lies there, ░ the input, ▓ state, ▚ scratch, · free")}`,
  ];
}

/** Layers that had a choice, with the reason for what they have. */
function reasons(layers: readonly LayerReport[], paint: Paint): readonly string[] {
  const all = layers.flatMap((l, k) => { const text = kernelReason(l); return text === null ? [] : [`  ${String(k).padStart(3)}  ${plain(text)}`]; });
  return all.length === 0 ? [] : ["", `  ${paint("bold", "kernels")}  ${paint("dim", "chosen by what each layer was measured to take; bytes are those alive while it runs")}`, ...all];
}

export function networkLines(r: RunReport, columns: number, paint: Paint): readonly string[] {
  const { perLayer: layers, memoryMap: map } = r;
  if (!layers || layers.length === 0) return [];
  const kind = costKind(layers);
  const macs = totalMacs(r);
  const mean = r.cycles?.mean ?? r.instructions?.mean;
  const rate = mean !== undefined && macs > 0 ? `; ${(mean / macs).toFixed(2)} ${r.cycles ? "cycles" : "instructions"} per MAC` : "";
  return [
    "", `  ${paint("bold", "layers")}  ${paint("dim", `${layers.length}, ${whole(macs)} MACs${rate}${kind === "macs" ? "; no costs are counted on this board" : `; ${costTitle[kind]} of the first row`}`)}`,
    ...table(layers, paint), ...reasons(layers, paint),
    ...(map ? ["", `  ${paint("bold", "memory")}  ${paint("dim", memoryText(map))}`, ...picture(map, columns, paint)] : []),
  ];
}
