/** A search as a terminal shows it: the choice, why nothing better fits, and the candidates best to worst. */
import { painter, type Paint } from "./ansi.js";
import { figure, percent, plain, plural, short, time, whole } from "./format.js";
import { measures, type FitCandidate, type FitLimits, type FitReport, type FitTask } from "./pareto-types.js";
import type { TerminalOptions } from "./terminal.js";

export const hyperText = (h: FitCandidate["hyper"]): string => Object.entries(h).map(([k, v]) => `${k} ${v}`).join(", ");

const digits = 4;

/** Always two decimals, so that a column of them lines up; only what is all of it reads 100. */
const aligned = (share: number): string => `${parseFloat(percent(share)).toFixed(2)} %`;

/** A figure with the name of its measure where that is no share. */
export const scoreText = (task: FitTask, score: number | null): string => (score === null ? "-" : task === "classification" ? aligned(score) : `${measures[task]} ${score.toFixed(digits)}`);

/** What else was measured on the rows kept apart. */
export const figureTexts = (c: FitCandidate): readonly string[] => c.figures.map((f) => `${f.name} ${f.unit === "share" ? percent(f.value) : figure(f.value)}`);

/** What the choice was made by, and how far from the best. */
export const validatedText = (c: FitCandidate): string =>
  `${scoreText(c.task, c.validated)} cross-validated${c.behind > 0 ? `, ${scoreText(c.task, c.behind)} behind the best with a standard error of ${scoreText(c.task, c.doubt)}` : ""}`;

export const energyText = (c: FitCandidate): string => (c.energy === null ? "-" : `${figure(c.energy.microjoules.typical)} µJ`);

export const daysText = (days: number): string => (days < 60 ? `${figure(days)} days` : days < 730 ? `${figure(days / 30.44)} months` : `${figure(days / 365.25)} years`);

export function limitTexts(l: FitLimits): readonly string[] {
  return [
    ...(l.flash === null ? [] : [`flash ${whole(l.flash)} bytes`]), ...(l.ram === null ? [] : [`RAM ${whole(l.ram)} bytes`]), ...(l.stack === null ? [] : [`stack ${whole(l.stack)} bytes`]),
    ...(l.latency === null ? [] : [`latency ${time(l.latency)}`]), ...(l.battery === null ? [] : [`${l.battery.name} for ${daysText(l.battery.days)} at ${figure(l.battery.perSecond)} per second`]),
  ];
}

/** `fits`, or the first limit it breaks and by how much. */
export function verdictText(c: FitCandidate): string {
  const [b] = c.binds;
  if (c.fits) return c.front ? "fits, on the front" : "fits";
  if (!b) return c.difference === null ? "did not run" : "differs from the reference";
  if (b.limit === "battery") return `battery ${daysText(b.value)} of ${daysText(b.allowed)}`;
  return `${b.limit === "ram" ? "RAM" : b.limit} ${b.unit === "bytes" ? `${whole(b.over)} bytes` : time(b.over)} over`;
}

/** Rows of the table beyond these are only in the page and in the JSON. */
const SHOWN = 20;

function table(r: FitReport, o: TerminalOptions, paint: Paint): readonly string[] {
  const head = ["", "family", "validated", "tested", "flash", "RAM", "stack", "cycles", "energy", "inputs", "", "hyper-parameters"];
  const rows = r.candidates.slice(0, SHOWN).map((c, i) => [
    `${i + 1}`, short(c.family, 18), scoreText(r.task, c.validated), scoreText(r.task, c.tested), whole(c.flash.total), whole(c.ram.total), c.ram.stack === null ? "-" : whole(c.ram.stack),
    c.cycles ? whole(c.cycles.mean) : "-", energyText(c), `${c.choice.inputType} ${c.goal}`, verdictText(c), short(hyperText(c.hyper), 200),
  ]);
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((x) => (x[i] ?? "").length)));
  const left = new Set([1, 9, 10, 11]);
  const lines = [head, ...rows].map((x) => x.map((t, i) => (left.has(i) ? t.padEnd(widths[i] ?? 0) : t.padStart(widths[i] ?? 0))).join("  ").trimEnd());
  const cut = (t: string): string => (t.length > o.columns - 2 ? `${t.slice(0, Math.max(40, o.columns - 3))}…` : t);
  return lines.map((t, i) => {
    const c = r.candidates[i - 1];
    const text = `  ${cut(t)}`;
    return i === 0 ? paint("dim", text) : c && c.id === r.best?.id ? paint("bold", text) : c?.fits === false ? paint("grey", text) : text;
  });
}

function bestLines(r: FitReport, paint: Paint): readonly string[] {
  const b = r.best;
  if (!b) return [`  ${paint("red", "✘ nothing fits")}  ${plain(r.why[0] ?? "")}`];
  const line = (name: string, value: string): string => `  ${paint("dim", name.padEnd(11))} ${value}`;
  const life = b.energy?.battery;
  return [
    `  ${paint("green", "✔ best")}      ${paint("bold", short(b.family))} ${paint("dim", plain(hyperText(b.hyper)))}`,
    line(r.measure, `${[scoreText(r.task, b.tested), ...figureTexts(b)].join(", ")} on ${plural(b.testRows, "row")} kept apart (integer model, ${whole(b.samples)} of them on the board, ${b.equal ? "every byte equal" : "differs"}); ${validatedText(b)}`),
    line("flash", `${whole(b.flash.total)}${b.flash.limit === null ? "" : ` of ${whole(b.flash.limit)}`} bytes, model ${whole(b.flash.model)}`),
    line("RAM", `${whole(b.ram.total)}${b.ram.limit === null ? "" : ` of ${whole(b.ram.limit)}`} bytes, input ${b.ram.input} and stack ${b.ram.stack ?? "?"} included`),
    ...(b.cycles ? [line("cycles", `mean ${whole(b.cycles.mean)}, at most ${whole(b.cycles.max)}${b.microseconds ? ` (${time(b.microseconds.max)})` : ""}`)] : []),
    ...(b.energy ? [line("energy", `about ${figure(b.energy.microjoules.typical)} µJ per inference (${figure(b.energy.microjoules.low)} to ${figure(b.energy.microjoules.high)})`)] : []),
    ...(life ? [line("battery", `${life.name} at ${figure(life.perSecond)} per second: about ${daysText(life.days.typical)} (${daysText(life.days.low)} to ${daysText(life.days.high)}), ${figure(life.microamps.typical)} µA on average`)] : []),
  ];
}

export function paretoText(r: FitReport, o: TerminalOptions): string {
  const paint = painter(o.colour);
  const limits = limitTexts(r.limits);
  const why = r.best ? r.why : r.why.slice(1);
  const more = r.candidates.length - SHOWN;
  return [
    `${paint("bold", short(r.data, 60))} on ${paint("bold", short(r.board))} ${paint("dim", `(${r.task}, ${whole(r.rows.train)} rows to learn, ${whole(r.rows.test)} kept apart${limits.length > 0 ? `; limits: ${limits.join(", ")}` : ""})`)}`,
    "", ...bestLines(r, paint), "",
    ...why.map((w, i) => `  ${paint("dim", (i === 0 && r.best ? "why not better" : "").padEnd(14))} ${plain(w)}`),
    ...r.also.map((w, i) => `  ${paint("dim", (i === 0 ? "also" : "").padEnd(14))} ${plain(w)}`), "",
    ...(r.candidates.length > 0 ? table(r, o, paint) : []), ...(more > 0 ? [paint("dim", `  and ${more} more in the page`)] : []), "",
    `  ${paint("dim", `${r.counts.trained} trained, ${r.counts.measured} compiled and run, ${r.pruned.length} ruled out before that, ${r.counts.fromStore} from the store; ${figure(r.seconds)} s${r.stopped === null ? "" : ` (${r.stopped})`}`)}`,
    ...r.energyBasis.map((t) => `  ${paint("dim", `energy: ${plain(t)}`)}`), ...r.notes.map((t) => `  ${paint("dim", `note: ${plain(t)}`)}`), "",
  ].join("\n");
}
