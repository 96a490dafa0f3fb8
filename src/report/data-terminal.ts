/** A data set as the terminal shows it. */
import { painter, type Paint } from "./ansi.js";
import { figure, percent, plain, plural, short, whole } from "./format.js";
import type { TerminalOptions } from "./terminal.js";

/** What the page of a data set needs of a description; `data/describe.ts` gives it. */
export interface DataFacts {
  readonly file: string;
  readonly rows: number;
  readonly features: number;
  readonly label: string | null;
  readonly task: string | null;
  readonly classes: readonly { readonly name: string | number; readonly rows: number }[];
  readonly target: { readonly min: number; readonly max: number; readonly mean: number } | null;
  readonly groups: number | null;
  readonly columns: readonly { readonly name: string; readonly min: number; readonly max: number; readonly mean: number; readonly deviation: number; readonly missing: number; readonly distinct: number }[];
  readonly duplicates: { readonly rows: number; readonly examples: readonly string[] };
  readonly problems: { readonly counts: Readonly<Partial<Record<string, number>>>; readonly first: readonly { readonly place: string; readonly column: string | null; readonly what: string }[] };
  readonly warnings: readonly string[];
}

export interface SplitFacts {
  readonly train: number;
  readonly test: number;
  readonly by: string;
  readonly leaked: number;
}

const MOST_CLASSES = 20;
const MOST_COLUMNS = 24;
const BAR = 24;

function classLines(d: DataFacts, paint: Paint): readonly string[] {
  if (d.classes.length === 0) return [];
  const most = Math.max(...d.classes.map((c) => c.rows));
  const width = Math.max(...d.classes.map((c) => short(String(c.name), 24).length));
  const rows = d.classes.slice(0, MOST_CLASSES).map((c) => `  ${short(String(c.name), 24).padEnd(width)} ${whole(c.rows).padStart(7)} ${percent(c.rows / d.rows, 1).padStart(7)}  ${paint("cyan", "█".repeat(Math.max(1, Math.round((c.rows / most) * BAR))))}`);
  return ["", paint("dim", `  ${"class".padEnd(width)} ${"rows".padStart(7)}`), ...rows, ...(d.classes.length > MOST_CLASSES ? [`  … ${plural(d.classes.length - MOST_CLASSES, "class").replace("classs", "classes")} more`] : [])];
}

function columnLines(d: DataFacts, paint: Paint): readonly string[] {
  const width = Math.max(7, ...d.columns.slice(0, MOST_COLUMNS).map((c) => short(c.name, 24).length));
  const cells = (c: DataFacts["columns"][number]): readonly string[] => [figure(c.min), figure(c.max), figure(c.mean), figure(c.deviation), whole(c.distinct), c.missing === 0 ? "-" : whole(c.missing)];
  const head = ["least", "most", "mean", "deviation", "distinct", "missing"];
  return [
    "", paint("dim", `  ${"feature".padEnd(width)} ${head.map((h) => h.padStart(10)).join("")}`),
    ...d.columns.slice(0, MOST_COLUMNS).map((c) => `  ${short(c.name, 24).padEnd(width)} ${cells(c).map((t) => t.padStart(10)).join("")}`),
    ...(d.columns.length > MOST_COLUMNS ? [`  … ${plural(d.columns.length - MOST_COLUMNS, "feature")} more (--json shows all)`] : []),
  ];
}

/** @returns text ending in a newline */
export function terminalData(d: DataFacts, split: SplitFacts | null, o: TerminalOptions): string {
  const paint = painter(o.colour);
  const line = (name: string, value: string): string => `  ${paint("dim", name.padEnd(9))} ${value}`;
  const bad = Object.entries(d.problems.counts).map(([k, n]) => `${whole(n ?? 0)} ${k.replace("-", " ")}`).join(", ");
  return [
    `${paint("bold", short(d.file, 80))}: ${plural(d.rows, "row")} of ${plural(d.features, "feature")}`,
    ...(d.label === null ? [line("label", "none")] : [line("label", `${short(d.label)}${d.task === null ? "" : `: ${d.task}`}${d.classes.length > 0 ? `, ${whole(d.classes.length)} classes` : ""}`)]),
    ...(d.target ? [line("target", `${figure(d.target.min)} to ${figure(d.target.max)}, mean ${figure(d.target.mean)}`)] : []),
    ...(d.groups === null ? [] : [line("groups", whole(d.groups))]),
    ...(split ? [line("split", `${plural(split.train, "row")} to learn from, ${whole(split.test)} for the test (${short(split.by, 100)})${split.leaked > 0 ? paint("red", `; ${plural(split.leaked, "test row")} stand in the training rows too`) : ""}`)] : []),
    ...classLines(d, paint), ...columnLines(d, paint),
    ...(bad === "" ? [] : ["", paint("red", `  bad cells: ${bad}`), ...d.problems.first.slice(0, 8).map((p) => `    ${plain(p.place)}${p.column === null ? "" : `, column "${short(p.column)}"`}: ${plain(p.what)}`)]),
    ...(d.warnings.length > 0 ? ["", ...d.warnings.map((w) => line("warning", plain(w)))] : []),
    ...d.duplicates.examples.slice(0, 3).map((e) => line("", plain(e))),
    "",
  ].join("\n");
}
