/** A program in its forms, each really compiled and run on one row: what they take, and which one a goal prefers. */
import type { Board } from "../boards/index.js";
import type { Form } from "../emit/index.js";
import { unrolledOf } from "../emit/step.js";
import { CoincellError } from "../ir/diagnostics.js";
import type { Branch, Program } from "../ir/op.js";
import type { RunReport } from "../report/types.js";
import { build, glueOf, type Candidate, type Goal } from "./candidates.js";
import { TIE } from "./choose-kernels.js";
import type { Compiled } from "./compile.js";
import { memory } from "./measure.js";
import { callsOf, runCandidate } from "./rows.js";

/** A candidate with what it takes of its board; the stack is counted where it ran. */
export interface Tried extends Pick<RunReport, "flash" | "ram" | "fits" | "over"> {
  readonly candidate: Candidate;
  /** Mean cycles of a row, else instructions, else 0; Infinity where it did not run. */
  readonly cost: number;
  readonly instructions: number | null;
  readonly cycles: number | null;
}

/** Candidates by what they are made of, so that none is built twice. */
export type Known = WeakMap<Program, Map<string, Promise<Tried>>>;

export type FormAndLevel = readonly [Form, string];

/** What candidates are built for. */
export interface Wanted {
  readonly board: Board;
  readonly goal: Goal;
  /** Device inputs, one after the other. */
  readonly rows: Uint8Array;
  readonly known: Known;
}

/** Straight code beyond this many branches compiles slowly and fits no small chip. */
const MAX_BRANCHES = 20_000;

const splits = (b: Branch): number => (b.kind === "split" ? 1 + splits(b.yes) + splits(b.no) : 0);

function hasInlineForm(c: Compiled): boolean {
  const programs = [c.program, ...(c.labelProgram ? [c.labelProgram] : [])];
  return programs.some((p) => p.steps.some((s) => {
    const u = unrolledOf(s, p);
    return u !== null && u.branches.reduce((n, b) => n + splits(b), 0) <= MAX_BRANCHES;
  }));
}

/** Forms and levels of optimisation that can serve the goal. */
export function waysOf(c: Compiled, goal: Goal): readonly FormAndLevel[] {
  const forms: readonly Form[] = c.placed !== null || hasInlineForm(c) ? ["table", "inline"] : ["table"];
  const levels = goal === "size" ? ["-Os"] : ["-Os", "-O2"];
  return forms.flatMap((f) => levels.map((o) => [f, o] as const));
}

/** Rows on which the candidates' cycles are compared; a network takes about as long for every row. */
const PROBE_ROWS = 24;
const NETWORK_PROBE_ROWS = 1;

const mean = (v: Float64Array): number => v.reduce((a, b) => a + b, 0) / Math.max(1, v.length);

/** How a program ends on each simulator where the stack grew into its data; anything else (no simulator, say) is told when the choice is run. */
const wantsStack = (e: unknown): boolean => e instanceof CoincellError && ["board/stack-overflow", "board/hard-fault"].includes(e.diagnostic.code);

/** Bytes that a program needs besides, where it stops for want of stack: how many is not known. */
const MORE_STACK = 256;

/** Runs what fits; a program that leaves its stack too little, and so stops in a trap, does not. */
async function measured(k: Candidate, rows: Uint8Array): Promise<Tried> {
  const still = { candidate: k, ...memory(k, null), cost: Infinity, instructions: null, cycles: null };
  if (!still.fits) return still;
  const some = rows.subarray(0, (k.compiled.placed ? NETWORK_PROBE_ROWS : PROBE_ROWS) * k.built.inBytes * callsOf(k.compiled));
  let lacking = false;
  const result = await runCandidate(k, some, {}).catch((e: unknown) => { lacking = wantsStack(e); return null; });
  if (!result) return lacking ? { ...still, fits: false, over: { ...still.over, ram: still.over.ram + MORE_STACK } } : still;
  const [instructions, cycles] = [result.instructions, result.cycles].map((v) => (v ? mean(v) : null)) as [number | null, number | null];
  return { candidate: k, ...memory(k, result.stackBytes), cost: cycles ?? instructions ?? 0, instructions, cycles };
}

async function tried(c: Compiled, { board, rows }: Wanted, [form, optimise]: FormAndLevel, run: boolean): Promise<Tried> {
  const k = await build(c, board, form, optimise, glueOf(c));
  return run ? measured(k, rows) : { candidate: k, ...memory(k, null), cost: 0, instructions: null, cycles: null };
}

/** @param run whether to measure what fits: sizes alone are known without */
export function tryForms(c: Compiled, w: Wanted, ways: readonly FormAndLevel[], run: boolean): Promise<readonly Tried[]> {
  const known = w.known.get(c.program) ?? new Map<string, Promise<Tried>>();
  w.known.set(c.program, known);
  return Promise.all(ways.map((way) => {
    const key = `${way.join()} ${run}`;
    const made = known.get(key) ?? tried(c, w, way, run);
    known.set(key, made);
    return made;
  }));
}

const excess = ({ over }: Tried): number => over.flash + over.ram;

/** The one that is least beyond the limits. */
export const nearest = (all: readonly Tried[]): Tried => all.toSorted((a, b) => excess(a) - excess(b))[0] as Tried;

/** What the goal prefers; where nothing fits, what is nearest to it. Smallest first: among equally good ones the smaller program wins. */
export function bestOf(goal: Goal, all: readonly Tried[]): Tried {
  const bySize = all.toSorted((a, b) => a.flash.model - b.flash.model);
  const fitting = bySize.filter((t) => t.fits);
  if (fitting.length === 0) return nearest(bySize);
  const least = Math.min(...fitting.map((t) => t.ram.static));
  const some = goal === "ram" ? fitting.filter((t) => t.ram.static === least) : fitting;
  if (goal === "size") return some[0] as Tried;
  const fastest = Math.min(...some.map((t) => t.cost));
  const slack = goal === "speed" && all[0]?.candidate.compiled.placed ? 1 : TIE;
  return some.find((t) => t.cost <= fastest * slack) ?? (some[0] as Tried);
}
