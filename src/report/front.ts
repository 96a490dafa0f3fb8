/** The programs a network can be on a board as a table, least RAM first. */
import { painter } from "./ansi.js";
import { short, whole } from "./format.js";
import type { FrontPoint, FrontReport } from "./front-types.js";
import { kernelCounts } from "./kernel-words.js";
import type { TerminalOptions } from "./terminal.js";

export const verdictOf = (p: FrontPoint): string =>
  [...(p.fits ? [] : ["does not fit"]), ...(p.front ? ["on the front"] : []), ...(p.goals.length > 0 ? [`chosen for ${p.goals.join(", ")}`] : [])].join("; ") || "another is better in everything";

export const madeOf = (p: FrontPoint): string => `${p.form} ${p.optimise}`;

/** Cycles where the board tells them. */
export const unitOf = (r: FrontReport): "cycles" | "instructions" => (r.points.some((p) => p.cycles !== null) ? "cycles" : "instructions");

const count = (n: number | null): string => (n === null ? "-" : whole(n));

export const limitTexts = ({ limits: { flash, ram } }: FrontReport): readonly string[] => [...(ram === null ? [] : [`RAM ${whole(ram)} bytes`]), ...(flash === null ? [] : [`flash ${whole(flash)} bytes`])];

/** What no other is better than in everything, and what a goal chooses; the rest is in the page and in the JSON. */
export function frontText(r: FrontReport, o: TerminalOptions): string {
  const paint = painter(o.colour);
  const shown = r.points.filter((p) => p.front || p.goals.length > 0);
  const forms = new Set(shown.map((p) => p.program)).size > 1;
  const head = ["RAM", "of it tensors", "flash", "instructions", "cycles", "made with", ...(forms ? ["program"] : []), "chosen for", "kernels"];
  const rows = shown.map((p) => [whole(p.ram), whole(p.activations), whole(p.flash), count(p.instructions), count(p.cycles), madeOf(p), ...(forms ? [p.program] : []), `${p.goals.join(", ")}${p.fits ? "" : " (does not fit)"}`, kernelCounts(p.kernels)]);
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((x) => (x[i] ?? "").length)));
  const line = (x: readonly string[]): string => `  ${x.map((t, i) => (i < 5 ? t.padStart(widths[i] ?? 0) : t.padEnd(widths[i] ?? 0))).join("  ").trimEnd()}`;
  const limits = limitTexts(r);
  const hidden = r.points.length - shown.length;
  return [
    `${paint("bold", short(r.model))} on ${paint("bold", short(r.board))}${limits.length > 0 ? paint("dim", ` (limits: ${limits.join(", ")})`) : ""}`, "",
    paint("dim", line(head)), ...rows.map((x, i) => (shown[i]?.goals.length ? paint("bold", line(x)) : line(x))), "",
    paint("dim", `  each is linked and run on one row; RAM with input and stack${hidden > 0 ? `; ${hidden} more are no better in anything` : ""}`), "",
  ].join("\n");
}
