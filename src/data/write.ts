/** A dataset as CSV text that reads back to the same float32 values. */
import Papa from "papaparse";
import type { Dataset } from "./dataset.js";

/** Fewest digits that give the same float32 again. */
function single(v: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = String(Number(v.toPrecision(digits)));
    if (Math.fround(Number(text)) === v) return text;
  }
  return Number.isNaN(v) ? "" : String(Number(v.toPrecision(9)));
}

/** Features, then the group, then the label as the last column. */
export function writeCsv(d: Dataset): string {
  const width = d.features.length;
  const header = [...d.features, ...(d.groups ? ["group"] : []), ...(d.labels ? [d.label ?? "label"] : [])];
  const rows = Array.from({ length: d.rows }, (_, r) => [
    ...Array.from(d.x.subarray(r * width, (r + 1) * width), single), ...(d.groups ? [d.groups[r] ?? ""] : []), ...(d.labels ? [d.labels[r] ?? ""] : []),
  ]);
  return `${Papa.unparse([header, ...rows], { newline: "\n" })}\n`;
}
