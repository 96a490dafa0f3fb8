/** What run and verify say in words when something is not as it should be. */
import { plain } from "../report/format.js";
import type { RunReport } from "../report/types.js";
import { layerText } from "../report/words.js";

const bytes = (n: number): string => `${n.toLocaleString("en-GB")} byte${n === 1 ? "" : "s"}`;

/** The first difference by row (counted from 1) and element, or null; in a network with the layer it begins in. */
export function differenceText({ difference: d, board }: Pick<RunReport, "difference" | "board">): string | null {
  if (d === null) return null;
  if (d.what === "golden") return `${board}: the reference differs from the golden outputs first in row ${d.row + 1}: element ${d.index} is ${d.device} in the reference, ${d.reference} in the golden file`;
  const what = d.what === "answer" ? "the answer" : `score ${d.index}`;
  const text = `${board}: the answer differs from the reference first in row ${d.row + 1}: ${what} is ${d.device} on the board, ${d.reference} in the reference`;
  return d.layer ? `${text}\n  it begins in ${plain(layerText(d.layer))}` : text;
}

/** By how much a program is too large, or null. */
export function overText({ fits, over, board, flash, ram }: Pick<RunReport, "fits" | "over" | "board" | "flash" | "ram">): string | null {
  if (fits) return null;
  const parts = [
    ...(over.flash > 0 ? [`${bytes(over.flash)} of flash too many (${bytes(flash.total)} of ${bytes(flash.limit ?? 0)})`] : []),
    ...(over.ram > 0 ? [`${bytes(over.ram)} of RAM too many (${bytes(ram.total)} of ${bytes(ram.limit ?? 0)})`] : []),
  ];
  return `${board}: does not fit: ${parts.join(", ")}`;
}
