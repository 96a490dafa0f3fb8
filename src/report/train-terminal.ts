/** A training as the terminal shows it: the integer model's figures first, the float model's beside them. */
import type { ClassificationQuality, Interval, Quality, RocPoint } from "../ir/evaluation.js";
import { painter, type Paint } from "./ansi.js";
import { figure, percent, plain, plural, short, whole } from "./format.js";
import { terminalReport, type TerminalOptions } from "./terminal.js";
import { confusionTable } from "./terminal-confusion.js";
import { foldText, headlines, hyperText, learntText } from "./train-words.js";
import type { TrainReport } from "./train-types.js";
import { className } from "./words.js";

const MAX_CLASSES = 24;

const line = (name: string, value: string, paint: Paint): string => `  ${paint("dim", name.padEnd(11))} ${value}`;

const share = (v: number | null): string => (v === null ? "-" : percent(v, 1)).padStart(9);

function classTable(q: ClassificationQuality, paint: Paint): readonly string[] {
  if (q.labels.length > MAX_CLASSES) return [];
  const width = Math.max(5, ...q.classes.map((c) => className(c.label).length));
  return [
    "", `  ${paint("dim", `${"class".padEnd(width)} ${["precision", "recall", "F1"].map((t) => t.padStart(9)).join(" ")} ${"rows".padStart(6)}`)}`,
    ...q.classes.map((c) => `  ${className(c.label).padEnd(width)} ${share(c.precision)} ${share(c.recall)} ${share(c.f1)} ${whole(c.rows).padStart(6)}`),
  ];
}

const at = (p: RocPoint): string => `finds ${percent(p.truePositive, 1)}, false alarms ${percent(p.falsePositive, 1)}${Number.isFinite(p.threshold) ? ` (score above ${figure(p.threshold)})` : ""}`;

function rocLines(q: ClassificationQuality, paint: Paint): readonly string[] {
  const r = q.roc;
  if (!r) return [];
  return ["", line("as it is", at(r.own), paint), ...r.choices.map((c) => line("threshold", `${at(c)}: ${c.why}`, paint))];
}

const interval = (i: Interval, show: (v: number) => string): string => `${show(i.value)} (${show(i.low)} to ${show(i.high)})`;

function figures(q: Quality, other: Quality | null, paint: Paint): readonly string[] {
  return headlines(q).map((h, i) => {
    const show = (v: number): string => (h.kind === "share" ? percent(v, 1) : figure(v));
    const beside = other && headlines(other)[i];
    const float = beside ? paint("dim", `  float model ${show(beside.value)}`) : "";
    return line(h.name, `${h.interval ? interval(h.interval, show) : show(h.value)}${float}`, paint);
  });
}

const agreement = (r: TrainReport, paint: Paint): string => line("agreement", `${percent(r.agreement)} ${paint("dim", r.integer.kind === "regression" ? "of values within 0.5 % of the float model's range" : "of answers equal to the float model's")}`, paint);

function counts(q: Quality, paint: Paint): readonly string[] {
  if (q.kind !== "counts" || q.labels.length === 0) return [];
  return [line("answers", q.labels.slice(0, MAX_CLASSES).map((l, i) => `${className(l)} ${whole(q.answers[i] ?? 0)}`).join(", "), paint)];
}

/** @returns text ending in a newline */
export function terminalTraining(r: TrainReport, o: TerminalOptions): string {
  const paint = painter(o.colour);
  const q = r.integer;
  const matrix = q.kind === "classification" ? [...classTable(q, paint), ...rocLines(q, paint), ...confusionTable(q, paint)] : [];
  return [
    `${paint("bold", short(r.title))} ${paint("dim", `(${r.task}) of ${short(r.data.file, 60)}`)}`,
    "",
    line("learnt from", `${learntText(r)}${r.data.classes.length > 0 ? `, ${r.data.classes.length} classes` : ""}`, paint),
    line("judged on", `${plural(r.data.testRows, "row")} ${paint("dim", `(${short(r.data.test, 100)})`)}`, paint),
    line("options", `${hyperText(r)}; seed ${r.seed}`, paint),
    line("device", `${r.inputType} inputs, ${whole(r.constants)} bytes of constants`, paint),
    "",
    paint("dim", "  The integer model, as the device runs it:"),
    ...figures(q, r.float, paint), ...counts(q, paint), agreement(r, paint),
    ...figures(r.training, null, paint).slice(0, 1).map((t) => `${t}  ${paint("dim", "on the rows it learnt from")}`),
    ...(r.folds ? [line("folds", `${r.folds.figure} ${foldText(r.folds)} over ${r.folds.values.length} folds`, paint)] : []),
    ...matrix,
    ...(r.notes.length > 0 ? ["", ...r.notes.map((n) => line("note", plain(n), paint))] : []),
    "",
    ...(r.run ? [terminalReport([{ ...r.run, confusion: null, notes: [] }], o)] : []),
  ].join("\n");
}
