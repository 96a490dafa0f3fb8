/**
 * Which kernel each layer gets: the least cost within bytes of RAM and of constants. A layer's kernel decides alone how many bytes
 * are alive while it runs, so that a limit on the arena is a limit on each layer; the planner then proves every choice.
 */
import type { Program } from "../ir/op.js";
import { placeTensors, type Placed } from "./arena.js";
import { UNKNOWN, type CostTable, type KernelCost } from "./kernel-costs.js";

/** Bytes that tensors and scratch, and arrays in flash, may take. */
export interface Room {
  readonly arena: number;
  readonly constants: number;
}

export const allRoom: Room = { arena: Infinity, constants: Infinity };

export interface Choice {
  /** Index of its kernel for each layer. */
  readonly kernels: readonly number[];
  readonly program: Program;
  readonly placed: Placed;
  readonly cost: number;
  readonly constants: number;
}

/** What is to be least. */
export type Weight = (k: KernelCost) => number;

export const byCost: Weight = (k) => k.cost;
export const byConstants: Weight = (k) => k.constants;

export interface Search {
  readonly table: CostTable;
  /** Arenas below which some layer has one kernel less to choose from, ascending. */
  readonly levels: readonly number[];
  readonly choice: (kernels: readonly number[]) => Choice;
  readonly plain: () => Choice;
  /** The least weight within the room; null where nothing was found. */
  readonly within: (room: Room, weight?: Weight) => Choice | null;
  /** The least arena, and among all that have it the least cost. */
  readonly leastRam: () => Choice;
}

const sum = (table: CostTable, kernels: readonly number[], of: Weight): number => kernels.reduce((n, i, k) => n + of(table[k]?.[i] as KernelCost), 0);

/** For each layer the index of the best kernel among those allowed; null where some layer has none. */
function pick(table: CostTable, allowed: (k: KernelCost) => boolean, keys: readonly Weight[]): readonly number[] | null {
  const better = (a: KernelCost, b: KernelCost): number => keys.reduce((d, key) => d || key(a) - key(b), 0);
  const made = table.map((layer) => layer.map((k, i) => [k, i] as const).filter(([k]) => allowed(k)).sort((a, b) => better(a[0], b[0]) || a[1] - b[1])[0]?.[1] ?? -1);
  return made.includes(-1) ? null : made;
}

const ramOf: Weight = (k) => k.ram;
/** Of rows that many layers keep at once the bound says little: less scratch is still less. */
const scratchOf: Weight = (k) => k.scratch;
const lightest = (table: CostTable, arena: number, weight: Weight): readonly number[] | null => pick(table, (k) => k.ram <= arena, [weight, ramOf]);
const leanest = (table: CostTable): readonly number[] => pick(table, () => true, [ramOf, scratchOf, byCost]) ?? [];

/** They share most bytes, which bounds of single layers cannot say. */
const allPlain = (table: CostTable): readonly number[] => table.map(() => 0);

type Wish = readonly [layer: number, kernel: number];

/** Layers in which a change of kernel alters the weight, the best change first. */
function wishes(table: CostTable, kernels: readonly number[], worth: (now: KernelCost, then: KernelCost) => number): readonly Wish[] {
  return table.flatMap((layer, k) => {
    const now = layer[kernels[k] ?? 0] as KernelCost;
    return layer.map((then, i) => ({ k, i, worth: worth(now, then) })).filter((w) => w.worth > 0);
  }).sort((a, b) => b.worth - a.worth || a.k - b.k || a.i - b.i).map(({ k, i }) => [k, i]);
}

/** Placements that one repair may try. */
const TRIES = 40;

/**
 * Where the planner missed the bound and layers had to take slower kernels than their room allows: those that fit after all are
 * given back, by halves, since mostly a few layers are in the way of all.
 */
function restored(s: Pick<Search, "table" | "choice">, from: Choice, arena: number, weight: Weight): Choice {
  let best = from;
  let tries = TRIES;
  const give = (group: readonly Wish[]): void => {
    if (group.length === 0 || tries-- <= 0) return;
    const kernels = group.reduce((all, [k, i]) => all.with(k, i), best.kernels);
    const made = s.choice(kernels);
    if (made.placed.arena.bytes <= arena) { best = made; return; }
    if (group.length === 1) return;
    const half = Math.ceil(group.length / 2);
    give(group.slice(0, half));
    give(group.slice(half));
  };
  const all = wishes(s.table, from.kernels, (now, then) => (then.ram <= arena ? weight(now) - weight(then) : 0));
  // Of each layer the fastest kernel only.
  give(all.filter(([k], at) => all.findIndex(([other]) => other === k) === at));
  return best;
}

/** Fewer bytes of constants, at the least cost for each byte; null where the kernels cannot save as much. */
function lighter(s: Pick<Search, "table" | "choice">, from: Choice, room: Room, weight: Weight): Choice | null {
  let best = from;
  while (best.constants > room.constants) {
    const change = wishes(s.table, best.kernels, (now, then) => (then.ram > room.arena || then.constants >= now.constants ? 0 : (now.constants - then.constants) / Math.max(1, weight(then) - weight(now))))
      .map(([k, i]) => s.choice(best.kernels.with(k, i))).find((c) => c.placed.arena.bytes <= room.arena);
    if (!change) return null;
    best = change;
  }
  return best;
}

function withinRoom(s: Pick<Search, "table" | "choice" | "levels">, room: Room, weight: Weight): Choice | null {
  const tried = [room.arena, ...s.levels.filter((l) => l < room.arena).toReversed()].map((level) => lightest(s.table, level, weight));
  for (const [i, kernels] of [...tried, leanest(s.table), allPlain(s.table)].entries()) {
    const made = kernels && s.choice(kernels);
    if (!made || made.placed.arena.bytes > room.arena) continue;
    return lighter(s, i === 0 ? made : restored(s, made, room.arena, weight), room, weight);
  }
  return null;
}

function leastArena(s: Pick<Search, "table" | "choice" | "levels">): Choice {
  const [lean, plain] = [s.choice(leanest(s.table)), s.choice(allPlain(s.table))];
  let best = plain.placed.arena.bytes < lean.placed.arena.bytes ? plain : lean;
  for (const level of s.levels) {
    // At a level the arena is no less than the level.
    if (level >= best.placed.arena.bytes) break;
    const kernels = lightest(s.table, level, byCost);
    const made = kernels && s.choice(kernels);
    if (made && made.placed.arena.bytes < best.placed.arena.bytes) best = made;
  }
  // Bounds of layers say little of rows that many layers keep at once: what is below them is tried for.
  for (let tries = TRIES; tries > 0; tries--) {
    const less = withinRoom(s, { ...allRoom, arena: best.placed.arena.bytes - 1 }, byCost);
    if (!less) break;
    best = less;
  }
  return withinRoom(s, { ...allRoom, arena: best.placed.arena.bytes }, byCost) ?? best;
}

/** @param p with plain kernels @param table of this very program */
export function searchOf(p: Program, table: CostTable): Search {
  const known = new Map<string, Choice>();
  const choice = (kernels: readonly number[]): Choice => {
    const key = kernels.join();
    const old = known.get(key);
    if (old) return old;
    const program = { ...p, steps: p.steps.map((s, k) => table[k]?.[kernels[k] ?? 0]?.step ?? s) };
    const made = { kernels, program, placed: placeTensors(program), cost: sum(table, kernels, byCost), constants: sum(table, kernels, byConstants) };
    known.set(key, made);
    return made;
  };
  const floor = Math.max(0, ...table.map((layer) => Math.min(...layer.map(ramOf))));
  const levels = [...new Set(table.flatMap((layer) => layer.map((k) => Math.max(floor, k.ram))))].sort((a, b) => a - b);
  const s = { table, levels, choice };
  return { ...s, plain: () => choice(allPlain(table)), within: (room, weight = byCost) => withinRoom(s, room, weight), leastRam: () => leastArena(s) };
}

/** What counts as equally fast. */
export const TIE = 1.01;

/** Within a percent of the least cost, the smallest arena. */
export function slimmest(s: Search, room: Room): Choice | null {
  const least = s.within(room);
  if (!least || least.cost >= UNKNOWN) return least;
  for (const level of s.levels.filter((l) => l < least.placed.arena.bytes)) {
    const kernels = lightest(s.table, level, byCost);
    if (!kernels || sum(s.table, kernels, byCost) > least.cost * TIE) continue;
    const made = s.choice(kernels);
    if (made.placed.arena.bytes < least.placed.arena.bytes && made.constants <= room.constants) return made;
  }
  return least;
}
