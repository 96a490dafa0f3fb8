/** Every program worth having of a network on a board: limits are swept from what the fastest kernels take to the least there is. */
import { findBoard, limitedBoard, noLimits, type Board, type Limits } from "../boards/index.js";
import { fail } from "../ir/diagnostics.js";
import type { FrontPoint, FrontReport } from "../report/front-types.js";
import { goals, type Goal } from "./candidates.js";
import { MAX_ARRAY_BYTES } from "./choose.js";
import { allRoom, byConstants } from "./choose-kernels.js";
import { chooseNetwork, measuredFor, searchesOf, weighed, withChoice, type Chosen, type FormSearch } from "./choose-network.js";
import type { Compiled } from "./compile.js";
import { prepare, type PrepareOptions } from "./prepare.js";
import { probe } from "./probe.js";
import { tryForms, waysOf, type Tried, type Wanted } from "./try-forms.js";

/** Steps of the sweep, and choices of them that are built. */
const MAX_STEPS = 100;
const MAX_BUILT = 12;

const arenaOf = (c: Chosen): number => c.placed.arena.bytes;

/** The fastest kernels; then again and again the fastest with fewer bytes of RAM than before. */
function lessRam(search: FormSearch): readonly Chosen[] {
  const out: Chosen[] = [];
  for (let c = search.within(allRoom); c && out.length < MAX_STEPS; c = search.within({ ...allRoom, arena: c.placed.arena.bytes - 1 })) out.push({ ...c, search });
  return out;
}

/** Parts of the constants that the fastest kernels have beyond the least there are. */
const PARTS = [0.75, 0.5, 0.25, 0];

/** The same for constants in flash. */
function lessFlash(search: FormSearch): readonly Chosen[] {
  const [fast, small] = [search.within(allRoom), search.within(allRoom, byConstants)];
  if (!fast || !small || small.constants >= fast.constants) return [];
  return PARTS.flatMap((part) => { const c = search.within({ ...allRoom, constants: Math.floor(small.constants + part * (fast.constants - small.constants)) }); return c ? [{ ...c, search }] : []; });
}

/** Whether `b` is nowhere worse than `a` and somewhere better. */
export const dominates = (b: readonly number[], a: readonly number[]): boolean => b.every((v, i) => v <= (a[i] ?? 0)) && b.some((v, i) => v < (a[i] ?? 0));

const undominated = <T>(all: readonly T[], figures: (t: T) => readonly number[]): readonly T[] => all.filter((a) => !all.some((b) => dominates(figures(b), figures(a))));

/** Both ends, and the rest evenly. */
const thinned = <T>(all: readonly T[], most: number): readonly T[] => (all.length <= most ? all : Array.from({ length: most }, (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))] as T));

const worthBuilding = (searches: readonly FormSearch[]): readonly Chosen[] => {
  const all = undominated(searches.flatMap((s) => [...lessRam(s), ...lessFlash(s)]), (x) => [arenaOf(x), x.cost, x.constants]);
  return thinned(all.toSorted((a, b) => arenaOf(a) - arenaOf(b) || a.cost - b.cost), MAX_BUILT);
};

const figuresOf = (t: Tried): readonly number[] => [t.ram.total, t.flash.total, t.cost];

const keyOf = ({ candidate: k }: Tried): string => [k.programForm, k.form, k.optimise, ...k.compiled.program.steps.map((s) => s.variant ?? "")].join();

/** The same program for several goals is one. */
function merged(all: readonly (readonly [Tried, Goal | null])[]): readonly { readonly tried: Tried; readonly goals: readonly Goal[] }[] {
  const byKey = new Map<string, { readonly tried: Tried; readonly goals: readonly Goal[] }>();
  for (const [tried, goal] of all) {
    const known = byKey.get(keyOf(tried)) ?? { tried, goals: [] };
    byKey.set(keyOf(tried), { ...known, goals: [...known.goals, ...(goal ? [goal] : [])] });
  }
  return [...byKey.values()];
}

function pointsOf(all: readonly (readonly [Tried, Goal | null])[]): readonly FrontPoint[] {
  const list = merged(all).toSorted((a, b) => a.tried.ram.total - b.tried.ram.total || a.tried.cost - b.tried.cost || a.tried.flash.total - b.tried.flash.total);
  const fitting = list.filter(({ tried }) => tried.fits);
  return list.map(({ tried: t, goals: chosenFor }, i): FrontPoint => ({
    id: `p${i + 1}`, program: t.candidate.programForm ?? "", form: t.candidate.form, optimise: t.candidate.optimise, kernels: t.candidate.compiled.program.steps.map((s) => s.variant ?? null),
    activations: t.candidate.compiled.placed?.arena.bytes ?? 0, ram: t.ram.total, flash: t.flash.total, instructions: t.instructions, cycles: t.cycles, fits: t.fits,
    front: t.fits && !fitting.some((o) => dominates(figuresOf(o.tried), figuresOf(t))), goals: chosenFor,
  }));
}

/**
 * @param rows device input; one row is run
 * @throws CoincellError front/not-a-network for classical models
 */
export async function front(c: Compiled, board: Board, rows: Uint8Array, limits: Limits = noLimits): Promise<FrontReport> {
  if (!c.placed) fail("front/not-a-network", c.graph.name, "a classical model has no kernels to choose from", "Give a network; coincell fit searches classical models for the front.");
  const searches = searchesOf(c, board, await measuredFor(c, board, rows), true);
  const wanted: Wanted = { board: limitedBoard(board, limits), goal: "auto", rows, known: new WeakMap() };
  const all: (readonly [Tried, Goal | null])[] = [];
  // One after the other: each is built in several forms at once.
  for (const choice of worthBuilding(searches)) {
    const made = withChoice(c, choice);
    for (const t of await tryForms(made, wanted, waysOf(made, "auto"), true)) all.push([weighed(t, choice), null]);
  }
  for (const goal of goals) all.push([await chooseNetwork(c, searches, { ...wanted, goal }, MAX_ARRAY_BYTES), goal]);
  const layers = searches[0]?.table.map((l) => ({ name: l[0]?.step.name ?? "", op: l[0]?.step.op ?? "", kernels: l.map(({ step: _step, cost: _cost, ...k }) => k) })) ?? [];
  return { model: c.graph.name, board: board.name, limits: { flash: wanted.board.flashBytes, ram: wanted.board.ramBytes }, layers, points: pointsOf(all) };
}

/** `coincell check --pareto` as one call. */
export async function frontOfFile(model: string, o: PrepareOptions & { readonly board: string; readonly limits?: Limits }): Promise<FrontReport> {
  const board = findBoard(o.board);
  const { compiled, table, calibration } = await prepare(model, o);
  return front(compiled, board, probe(compiled, (table ?? calibration)?.rows ?? []), o.limits);
}
