/** Predictions as CSV: `label,score_0,score_1,…`, or `value` in a regression; a row per sample, in the order of the test rows. */
import Papa from "papaparse";
import type { Prediction } from "../report/types.js";

/** `labels`: whether the answers are labels. Numbers keep every digit. */
export function predictionsCsv(predictions: readonly Prediction[], labels: boolean): string {
  const width = predictions[0]?.scores.length ?? 0;
  const scores = Array.from({ length: width }, (_, i) => `score_${i}`);
  const lone = !labels && width <= 1;
  const header = lone ? ["value"] : labels ? ["label", ...scores] : ["value", ...scores];
  const rows = predictions.map((p) => (lone ? [p.answer] : [p.answer, ...p.scores]).map(String));
  return `${Papa.unparse([header, ...rows], { newline: "\n" })}\n`;
}
