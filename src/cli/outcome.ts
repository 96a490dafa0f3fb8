/** What run and verify say in words when something is not as it should be. */
import type { RunReport } from "../report/types.js";

const bytes = (n: number): string => `${n.toLocaleString("en-GB")} byte${n === 1 ? "" : "s"}`;

/** The first difference by row (counted from 1) and element, or null. */
export function differenceText({ difference: d, board }: Pick<RunReport, "difference" | "board">): string | null {
  if (d === null) return null;
  const what = d.what === "answer" ? "the answer" : `score ${d.index}`;
  return `${board}: the answer differs from the reference first in row ${d.row + 1}: ${what} is ${d.device} on the board, ${d.reference} in the reference`;
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
