/** From a compiled model to the one program for a board: every sensible form really compiled, and the measurement chooses. */
import { limitedBoard, noLimits, type Board, type Limits } from "../boards/index.js";
import { fail } from "../ir/diagnostics.js";
import type { TypedArray } from "../ir/types.js";
import type { Candidate, Goal } from "./candidates.js";
import { chooseNetwork, measuredFor, searchesOf } from "./choose-network.js";
import type { Compiled } from "./compile.js";
import { bestOf, tryForms, waysOf, type Tried, type Wanted } from "./try-forms.js";

/** Largest array avr-gcc can hold: its `int` counts elements. */
export const MAX_ARRAY_BYTES = 32767;

/** Constants that no compiler for the board would take: said with numbers instead of a compiler's message. */
function checkConstants(c: Compiled, board: Board): void {
  const limit = board.flashBytes;
  if (limit === null) return;
  const arrays = c.program.steps.flatMap((s) => Object.values(s.params).filter((v): v is TypedArray => ArrayBuffer.isView(v)).map((v) => v.byteLength));
  const bytes = arrays.reduce((a, b) => a + b, 0);
  if (bytes <= limit || Math.max(...arrays) <= MAX_ARRAY_BYTES) return;
  fail("fit/does-not-fit", `${c.graph.name} on ${board.name}`, `its constants alone take ${bytes} bytes, ${bytes - limit} more than the ${limit} bytes of flash`, "Train a smaller model (fewer support vectors, neighbours or trees), or choose a larger board.");
}

async function chooseClassical(c: Compiled, w: Wanted): Promise<Tried> {
  checkConstants(c, w.board);
  const all = await tryForms(c, w, waysOf(c, w.goal), w.goal !== "size");
  return bestOf(w.goal, all);
}

const bytes = (n: number): string => `${n.toLocaleString("en-GB")} bytes`;

/** The form that comes nearest to the user's limits, with the figures it has on the whole board. */
async function failOver({ candidate: k }: Tried, w: Wanted, board: Board): Promise<never> {
  const { flash, ram } = (await tryForms(k.compiled, { ...w, board, known: new WeakMap() }, [[k.form, k.optimise]], true))[0] as Tried;
  const [mostFlash, mostRam] = [w.board.flashBytes ?? Infinity, w.board.ramBytes ?? Infinity];
  const over = { flash: Math.max(0, flash.total - mostFlash), ram: Math.max(0, ram.total - mostRam) };
  const kernels = [...new Set(k.compiled.program.steps.map((s) => s.variant ?? "plain"))].join(", ");
  const parts = [
    ...(over.flash > 0 ? [`${bytes(flash.total)} of flash, ${bytes(over.flash)} more than ${bytes(mostFlash)}`] : []),
    ...(over.ram > 0 ? [`${bytes(ram.total)} of RAM${ram.stack === null ? "" : " with its stack"}, ${bytes(over.ram)} more than ${bytes(mostRam)}`] : []),
  ];
  const cure = [...(over.flash > 0 ? [`--max-flash ${flash.total}`] : []), ...(over.ram > 0 ? [`--max-ram ${ram.total}`] : [])].join(" and ");
  return fail("fit/does-not-fit", `${k.compiled.graph.name} on ${k.built.board.name}`, `nothing fits the limits; the form that comes nearest (${k.form}, ${k.optimise}${k.compiled.placed ? `, kernels ${kernels}` : ""}) takes ${parts.join(", and ")}`, `Give at least ${cure} where the board has it, or train a smaller model.`);
}

/** Forms that trade cycles for RAM are looked at where RAM is the goal, or is missing. */
async function chooseForm(c: Compiled, board: Board, w: Wanted): Promise<Tried> {
  const measured = await measuredFor(c, board, w.goal === "size" ? null : w.rows);
  const choose = (wide: boolean): Promise<Tried> => chooseNetwork(c, searchesOf(c, board, measured, wide), w, MAX_ARRAY_BYTES);
  const first = await choose(w.goal === "ram");
  return first.over.ram > 0 && w.goal !== "ram" ? choose(true) : first;
}

/**
 * The program that the goal prefers among all that fit; else, within the board's own limits, the one that comes nearest.
 * @param rows device inputs, one after the other
 * @throws CoincellError fit/does-not-fit where nothing fits the limits given
 */
export async function chooseCandidate(c: Compiled, board: Board, goal: Goal, rows: Uint8Array, limits: Limits = noLimits): Promise<Candidate> {
  const w: Wanted = { board: limitedBoard(board, limits), goal, rows, known: new WeakMap() };
  const best = c.placed || c.rows ? await chooseForm(c, board, w) : await chooseClassical(c, w);
  if (!best.fits && (limits.flash !== null || limits.ram !== null)) return failOver(best, w, board);
  const { built } = best.candidate;
  // What is made of the program later, its frames for measuring above all, has the whole board.
  return { ...best.candidate, built: { ...built, board } };
}
