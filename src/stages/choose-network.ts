/** A network's kernels for a board and a goal: chosen by measured costs, built, and chosen again with less room while the linked program is too large. */
import type { Board } from "../boards/index.js";
import { entry } from "../emit/index.js";
import { fail } from "../ir/diagnostics.js";
import { glueOf, type Goal } from "./candidates.js";
import { byConstants, searchOf, slimmest, type Choice, type Room, type Search } from "./choose-kernels.js";
import type { Compiled } from "./compile.js";
import { costTable, measureKernels, type KernelCost, type Measured } from "./kernel-costs.js";
import { programForms } from "./program-forms.js";
import { bestOf, nearest, tryForms, waysOf, type Tried, type Wanted } from "./try-forms.js";

/** The kernels of one form of the program, to choose from. */
export interface FormSearch extends Search {
  readonly form: string;
}

/** A choice with the form it belongs to. */
export interface Chosen extends Choice {
  readonly search: FormSearch;
}

/** @param board as it is: a user's limits keep nothing from being measured @param rows null: bytes are counted, nothing is measured */
export const measuredFor = async (c: Compiled, board: Board, rows: Uint8Array | null): Promise<Measured> =>
  rows ? measureKernels(c, board, rows.subarray(0, entry(c.program, glueOf(c), true).inBytes)) : [];

/** @param wide with the forms that trade cycles for RAM */
export const searchesOf = (c: Compiled, board: Board, measured: Measured, wide: boolean): readonly FormSearch[] =>
  programForms(c, wide).map(({ name, program }) => ({ ...searchOf(program, costTable(program, board, measured)), form: name }));

const arenaOf = (c: Choice): number => c.placed.arena.bytes;

function found(goal: Goal, s: Search, room: Room): Choice | null {
  if (goal === "auto") return slimmest(s, room);
  if (goal !== "ram") return s.within(room);
  const least = s.leastRam();
  const fits = arenaOf(least) <= room.arena && least.constants <= room.constants;
  return s.within({ ...room, arena: Math.min(room.arena, arenaOf(least)) }) ?? (fits ? least : null);
}

/** The best choice of all forms by what is known before building; the first form wins among equals. */
function pick(goal: Goal, searches: readonly FormSearch[], room: Room): Chosen | null {
  const all = searches.flatMap((search): Chosen[] => { const c = found(goal, search, room); return c ? [{ ...c, search }] : []; });
  return all.toSorted((a, b) => (goal === "ram" ? arenaOf(a) - arenaOf(b) : 0) || a.cost - b.cost)[0] ?? null;
}

export const withChoice = (c: Compiled, { program, placed }: Choice): Compiled => ({ ...c, program, placed });

/** With the costs it was chosen by. */
export const weighed = (t: Tried, { search }: Chosen): Tried => ({ ...t, candidate: { ...t.candidate, weighed: search.table, programForm: search.form } });

async function built(c: Compiled, choice: Chosen, w: Wanted, run: boolean): Promise<Tried> {
  const made = withChoice(c, choice);
  return weighed(bestOf(w.goal, await tryForms(made, w, waysOf(made, w.goal), run)), choice);
}

const kindOf = (k: KernelCost): string => `${k.step.op} ${k.kernel ?? ""}`;

/** Kernels that need fewer bytes of constants than the plain ones of their layers, what saves most first. */
function savers(s: Search): readonly string[] {
  const saved = new Map<string, number>();
  for (const [plain, ...others] of s.table) for (const k of others) saved.set(kindOf(k), (saved.get(kindOf(k)) ?? 0) + Math.max(0, (plain?.constants ?? 0) - k.constants));
  return [...saved].filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]).map(([kind]) => kind);
}

/** The same layers with some of their kernels. */
const withKinds = (s: FormSearch, kinds: ReadonlySet<string>): FormSearch => ({ ...searchOf(s.plain().program, s.table.map((layer) => layer.filter((k) => k.kernel === null || kinds.has(kindOf(k))))), form: s.form });

/** A further kernel brings code with it: each kind of kernel joins only where the linked program becomes smaller. */
async function leastFlash(c: Compiled, s: FormSearch, w: Wanted, room: Room): Promise<Chosen | null> {
  const flashOf = async (choice: Choice): Promise<number> => (await tryForms(withChoice(c, choice), w, [["table", "-Os"]], false))[0]?.flash.model ?? Infinity;
  const kinds = savers(s);
  const start = withKinds(s, new Set()).within(room, byConstants);
  let best = start ?? s.within(room, byConstants);
  if (!best) return null;
  let [taken, least] = [new Set<string>(), kinds.length > 0 && start ? await flashOf(best) : 0];
  for (const kind of start ? kinds : []) {
    const next = withKinds(s, new Set([...taken, kind])).within(room, byConstants);
    const flash = next ? await flashOf(next) : Infinity;
    if (next && flash < least) [best, taken, least] = [next, new Set([...taken, kind]), flash];
  }
  return { ...best, search: s };
}

async function chosen(c: Compiled, searches: readonly FormSearch[], w: Wanted, room: Room): Promise<Chosen | null> {
  if (w.goal !== "size") return pick(w.goal, searches, room);
  for (const s of searches) { const made = await leastFlash(c, s, w, room); if (made) return made; }
  return null;
}

export const keyOf = ({ search, program }: Chosen): string => `${search.form}: ${program.steps.map((s) => s.variant ?? "").join()}`;

/** How often a program that turned out too large is made with less room. */
const ATTEMPTS = 4;

const roomOf = ({ flashBytes, ramBytes }: Board): Room => ({ arena: ramBytes ?? Infinity, constants: flashBytes ?? Infinity });

/** What linking and running showed to be missing is taken off the room. */
const tighter = (room: Room, c: Choice, { over }: Tried): Room => ({
  arena: over.ram > 0 ? arenaOf(c) - over.ram : room.arena,
  constants: over.flash > 0 ? c.constants - over.flash : room.constants,
});

/** No kernels have constants as small as this flash: said with numbers instead of a compiler's message. */
function checkConstants(c: Compiled, board: Board, searches: readonly FormSearch[], most: number): void {
  const least = Math.min(...searches.map((s) => s.table.reduce((n, layer) => n + Math.min(...layer.map((k) => k.constants)), 0)));
  const limit = board.flashBytes ?? Infinity;
  if (least > limit && least > most) fail("fit/does-not-fit", `${c.graph.name} on ${board.name}`, `its constants alone take ${least} bytes, ${least - limit} more than the ${limit} bytes of flash`, "Train a smaller network, or choose a larger board.");
}

/** The smallest programs there are, where nothing fits. */
async function smallest(c: Compiled, searches: readonly FormSearch[], w: Wanted): Promise<readonly Tried[]> {
  const out: Tried[] = [];
  for (const goal of ["ram", "size"] as const) {
    const choice = await chosen(c, searches, { ...w, goal }, { arena: Infinity, constants: Infinity });
    if (choice) out.push(await built(c, choice, { ...w, goal }, true));
  }
  return out;
}

/** @param most bytes of constants that are never refused unbuilt */
export async function chooseNetwork(c: Compiled, searches: readonly FormSearch[], w: Wanted, most: number): Promise<Tried> {
  checkConstants(c, w.board, searches, most);
  const seen = new Set<string>();
  const tried: Tried[] = [];
  let room = roomOf(w.board);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const choice = await chosen(c, searches, w, room);
    if (!choice || seen.has(keyOf(choice))) break;
    seen.add(keyOf(choice));
    const made = await built(c, choice, w, w.goal !== "size" || w.board.ramBytes !== null);
    if (made.fits) return made;
    tried.push(made);
    room = tighter(room, choice, made);
  }
  const last = await smallest(c, searches, w);
  return last.some((t) => t.fits) ? bestOf(w.goal, last) : nearest([...last, ...tried]);
}
