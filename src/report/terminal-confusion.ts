/** The confusion matrix of up to twelve classes as text: rows are true labels, columns the device's answers. */
import type { Paint } from "./ansi.js";
import { percent } from "./format.js";
import { className } from "./words.js";
import type { RunReport } from "./types.js";

const MAX_CLASSES = 12;

function recall(row: readonly number[], i: number): string {
  const sum = row.reduce((a, b) => a + b, 0);
  return sum === 0 ? "-" : percent((row[i] ?? 0) / sum, 1);
}

export function confusionTable(r: Pick<RunReport, "confusion" | "labels">, paint: Paint): readonly string[] {
  const table = r.confusion;
  if (table === null || table.length === 0 || table.length > MAX_CLASSES) return [];
  const names = r.labels.map((l) => className(l).slice(0, 12));
  const first = Math.max(...names.map((n) => n.length), 4);
  const widths = names.map((n, k) => Math.max(Math.min(n.length, 7), ...table.map((row) => String(row[k] ?? 0).length)));
  const cell = (n: number, i: number, k: number): string => {
    const text = (n === 0 ? "·" : String(n)).padStart(widths[k] ?? 0);
    return n === 0 ? paint("grey", text) : i === k ? paint("green", text) : paint("red", text);
  };
  const head = names.map((n, k) => n.slice(0, widths[k]).padStart(widths[k] ?? 0)).join("  ");
  return [
    "", `  ${paint("dim", "true \\ answer".padEnd(first))}`,
    `  ${" ".repeat(first)}  ${paint("dim", head)}  ${paint("dim", "  recall")}`,
    ...table.map((row, i) => `  ${(names[i] ?? "").padEnd(first)}  ${row.map((n, k) => cell(n, i, k)).join("  ")}  ${recall(row, i).padStart(8)}`),
  ];
}
