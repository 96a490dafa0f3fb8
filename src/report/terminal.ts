/** Runs as a terminal shows them: one board in detail, several as a table. Without colour the shapes alone must do. */
import { painter, type Paint, type Style } from "./ansi.js";
import { confusionTable } from "./terminal-confusion.js";
import { kernelsLine } from "./kernel-words.js";
import { networkLines } from "./terminal-network.js";
import { figure, percent, plain, plural, short, time, whole } from "./format.js";
import { choices, meaningless, memories, proof, quality, timing, verdict, type Memory, type Part } from "./words.js";
import type { RunReport } from "./types.js";

export interface TerminalOptions {
  readonly colour: boolean;
  /** Width of the terminal in characters. */
  readonly columns: number;
}

const shapes: Readonly<Record<Part["kind"], readonly [string, Style]>> = {
  model: ["█", "cyan"], harness: ["▒", "grey"], static: ["█", "cyan"], input: ["▓", "blue"], stack: ["▒", "magenta"], frame: ["▒", "grey"],
};

/** Cells for each part: at least one where there is anything, so that small things are seen. */
function cells(parts: readonly Part[], scale: number, width: number): readonly number[] {
  return parts.map((p) => (p.bytes === 0 ? 0 : Math.max(1, Math.round((p.bytes / scale) * width))));
}

function bar(m: Memory, width: number, paint: Paint): string {
  const over = m.limit !== null && m.total > m.limit;
  const scale = Math.max(m.total, m.limit ?? 0, 1);
  const edge = over ? Math.round(((m.limit ?? 0) / scale) * width) : width;
  let left = width;
  const filled = m.parts.map((p, i) => {
    const n = Math.min(left, cells(m.parts, scale, width)[i] ?? 0);
    left -= n;
    const [shape, style] = shapes[p.kind];
    return { shape, style, n };
  });
  if (over) return `${paint("red", "█".repeat(edge))}${paint("bold", "┃")}${paint("red", "▚".repeat(Math.max(1, width - edge)))}`;
  return filled.map((f) => paint(f.style, f.shape.repeat(f.n))).join("") + paint("grey", "░".repeat(left));
}

/** Below this width the parts of a memory stand on a line of their own. */
const ROOMY = 112;

function memoryLines(m: Memory, o: TerminalOptions, paint: Paint): readonly string[] {
  const narrow = o.columns < ROOMY;
  const width = Math.max(12, Math.min(32, narrow ? o.columns - 46 : o.columns - 98));
  const of = m.limit === null ? `${whole(m.total)} B` : `${whole(m.total)} of ${whole(m.limit)} B`;
  const share = m.limit === null ? "" : percent(m.total / m.limit, 1);
  const parts = m.parts.map((p) => `${paint(shapes[p.kind][1], shapes[p.kind][0])} ${p.name} ${whole(p.bytes)}`).join("  ");
  const numbers = `${bar(m, width, paint)}  ${of.padStart(16)} ${share.padStart(7)}`;
  return narrow ? [line(m.title, numbers, paint), line("", parts, paint)] : [line(m.title, `${numbers}   ${parts}`, paint)];
}

const marks: Readonly<Record<ReturnType<typeof verdict>, readonly [string, Style]>> = { proven: ["✔ proven", "green"], differs: ["✘ differs", "red"], "too large": ["✘ too large", "yellow"] };

const line = (name: string, value: string, paint: Paint): string => `  ${paint("dim", name.padEnd(11))} ${value}`;

/** One board in full. */
function detail(r: RunReport, o: TerminalOptions): string {
  const paint = painter(o.colour);
  const [mark, style] = marks[verdict(r)];
  const [flash, ram] = memories(r);
  const c = r.cycles;
  const made = choices(r).map((x) => (x.what === "form" ? `${x.value} form` : x.what === "inputs" ? `${x.value} inputs` : x.value)).join(", ");
  const kernels = kernelsLine(r.perLayer ?? []);
  const classes = r.labels.length > 0 ? `, ${plural(r.labels.length, "class").replace("classs", "classes")}` : "";
  return [
    `${paint("bold", short(r.model))} on ${paint("bold", short(r.board))}`,
    paint("dim", `${short(r.source, Math.max(40, o.columns - 4))} (${short(r.task)}${classes})`),
    "",
    `  ${paint(style, mark.padEnd(11))} ${proof(r)}`,
    ...memoryLines(flash, o, paint),
    ...memoryLines(ram, o, paint),
    ...(c ? [line("cycles", c.min === c.max ? whole(c.max) : `${whole(c.min)} to ${whole(c.max)}, mean ${whole(c.mean)}`, paint)] : []),
    ...(r.instructions && !c ? [line("instructions", r.instructions.min === r.instructions.max ? whole(r.instructions.max) : `${whole(r.instructions.min)} to ${whole(r.instructions.max)}, mean ${whole(r.instructions.mean)}`, paint)] : []),
    ...(r.microseconds ? [line("time", timing(r), paint)] : []),
    ...quality(r).map((q) => line(q.what.length > 11 ? "deviation" : q.what, `${q.value === null ? "" : q.kind === "share" ? percent(q.value) : figure(q.value)} ${paint("dim", q.meaning)}`, paint)),
    line("made with", made, paint),
    ...(kernels === null ? [] : [line("kernels", kernels, paint)]),
    ...(r.perLayer ? [] : [line("steps", short(r.choice.steps.join("; "), Math.max(60, o.columns * 2)), paint)]),
    ...r.notes.map((n) => line("note", plain(n), paint)),
    ...networkLines(r, o.columns, paint),
    ...confusionTable(r, paint),
    "",
  ].join("\n");
}

/** Columns of equal width; the first to the left, the others to the right. */
function align(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((r) => (r[i] ?? "").length)));
  return rows.map((r) => r.map((t, i) => (i === 0 ? t.padEnd(widths[i] ?? 0) : t.padStart(widths[i] ?? 0))).join("   "));
}

const of = (m: Memory): string => (m.limit === null ? whole(m.total) : `${whole(m.total)} of ${whole(m.limit)}`);

/** Where no cycles are counted, executed instructions stand in their place and say so. */
const costs = (r: RunReport): readonly [string, string] =>
  r.cycles ? [whole(r.cycles.mean), whole(r.cycles.max)] : r.instructions ? [`${whole(r.instructions.mean)} instr.`, `${whole(r.instructions.max)} instr.`] : ["-", "-"];

/** One line a board. */
export function terminalTable(reports: readonly RunReport[], o: TerminalOptions): string {
  const paint = painter(o.colour);
  const head = ["board", "model flash", "flash B", "RAM B", "cycles mean", "cycles max", "time mean", "agreement", "accuracy"];
  const rows = reports.map((r) => {
    const [flash, ram] = memories(r);
    return [short(r.board), whole(r.flash.model), of(flash), of(ram), ...costs(r),
      r.microseconds ? time(r.microseconds.mean) : "-", meaningless(r) ? "-" : percent(r.agreement), r.accuracy === null ? "-" : percent(r.accuracy)];
  });
  const [first = "", ...rest] = align([head, ...rows]);
  const models = [...new Set(reports.map((r) => short(r.model)))].join(", ");
  const lines = rest.flatMap((text, i) => {
    const r = reports[i];
    if (!r) return [];
    const [mark, style] = marks[verdict(r)];
    return [`  ${text}`, `  ${" ".repeat(Math.max(...reports.map((x) => short(x.board).length), 5))}   ${paint(style, mark)}  ${paint("dim", proof(r))}`];
  });
  return `${paint("bold", models)}\n\n  ${paint("dim", first)}\n${lines.join("\n")}\n`;
}

/** A run as text: in detail for one board; a table, then what the boards have in common, for several. */
export function terminalReport(reports: readonly RunReport[], o: TerminalOptions): string {
  const [first] = reports;
  if (!first) return "";
  if (reports.length === 1) return detail(first, o);
  const notes = [...new Set(reports.flatMap((r) => r.notes))].map((n) => `  ${painter(o.colour)("dim", "note")} ${plain(n)}`);
  return `${terminalTable(reports, o)}${notes.length > 0 ? `\n${notes.join("\n")}\n` : ""}`;
}
