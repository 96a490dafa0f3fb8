/** The forms a program can take on a board: each is really compiled, and the measurement chooses. */
import { kernelSource, runtimeHeader } from "../assets.js";
import { buildProgram, features, runProgram, type Board, type Program as Built, type RunOptions } from "../boards/index.js";
import { emitC, entry, inPlace, type Form, type Glue, type Measured } from "../emit/index.js";
import { unrolledOf } from "../emit/step.js";
import { fail } from "../ir/diagnostics.js";
import type { Branch } from "../ir/op.js";
import type { TypedArray } from "../ir/types.js";
import { forFlash, withKernels } from "../passes/kernels.js";
import { placeTensors } from "./arena.js";
import type { Compiled } from "./compile.js";

export const goals = ["size", "speed", "auto"] as const;
/** `size`: least flash; `speed`: least cycles; `auto`: least cycles among what fits, else least flash. */
export type Goal = (typeof goals)[number];

export const parseGoal = (text: string): Goal =>
  goals.find((g) => g === text) ?? fail("cli/bad-goal", "--optimise", `"${text}"`, `Supported: ${goals.join(", ")}.`);

export interface Candidate {
  /** What was emitted: for this board it may have other kernels, and so another arena, than what was asked for. */
  readonly compiled: Compiled;
  readonly form: Form;
  readonly optimise: string;
  readonly built: Built;
}

/** The model's C files, by path. */
export const emit = (c: Compiled, form: Form, measured: Measured | null = null): ReadonlyMap<string, string> =>
  emitC({ program: c.program, labelProgram: c.labelProgram, form, sources: c.sources ?? kernelSource, runtime: runtimeHeader(), measured, arena: c.placed?.arena ?? null });

/** Compiles the emitted C for a board, with the harness that feeds it rows. */
export async function build(c: Compiled, board: Board, form: Form, optimise: string, what: Glue = "answer", sanitize = false): Promise<Candidate> {
  const glue = entry(c.program, what, c.placed !== null);
  const request = { board, inBytes: glue.inBytes, outBytes: glue.outBytes, optimise, sanitize };
  const files = emit(c, form);
  const built = await buildProgram(c.placed && c.program.moreInputs.length === 0
    ? { ...request, files: inPlace(c.program, c.placed.arena, files, glue.text), ownBuffers: true }
    : { ...request, files: new Map([...files, ["entry.c", glue.text]]) });
  return { compiled: c, form, optimise, built };
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

/** Rows on which the candidates' cycles are compared; a network takes about as long for every row. */
const PROBE_ROWS = 24;
const NETWORK_PROBE_ROWS = 1;

async function meanCycles(c: Candidate, rows: Uint8Array, options: RunOptions): Promise<number> {
  const { cycles, instructions } = await runProgram(c.built, rows.subarray(0, (c.compiled.placed ? NETWORK_PROBE_ROWS : PROBE_ROWS) * c.built.inBytes), options);
  const costs = cycles ?? instructions;
  return costs ? costs.reduce((a, b) => a + b, 0) / costs.length : 0;
}

/** Largest array avr-gcc can hold: its `int` counts elements. */
const MAX_ARRAY_BYTES = 32767;

/** Constants that no compiler for the board would take: said with numbers instead of a compiler's message. */
function checkConstants(c: Compiled, board: Board): void {
  const limit = board.flashBytes;
  if (limit === null) return;
  const arrays = c.program.steps.flatMap((s) => Object.values(s.params).filter((v): v is TypedArray => ArrayBuffer.isView(v)).map((v) => v.byteLength));
  const bytes = arrays.reduce((a, b) => a + b, 0);
  // 16-bit addresses: what a network reads from flash by pointer ends there, however small its arrays are.
  const longest = c.placed ? bytes : Math.max(...arrays);
  if (bytes <= limit || longest <= MAX_ARRAY_BYTES) return;
  fail("fit/does-not-fit", `${c.graph.name} on ${board.name}`, `its constants alone take ${bytes} bytes, ${bytes - limit} more than the ${limit} bytes of flash`, "Train a smaller model (fewer support vectors, neighbours or trees), or choose a larger board.");
}

/** A network's answer is one of its outputs, so that one run gives both. */
export const glueOf = (c: Compiled): Glue => (c.placed ? (c.fresh ? "fresh" : "all") : "answer");

/** The same network with the kernels of the board's CPU that suit the goal, its memory planned anew; null where none does. */
function forCpu(c: Compiled, board: Board, goal: Goal): Compiled | null {
  if (!c.placed) return null;
  const program = withKernels(c.program, features(board.core), ...(goal === "size" ? [forFlash] : []));
  return program.steps.some((s) => s.variant !== undefined) ? { ...c, program, placed: placeTensors(program) } : null;
}

/** Builds every sensible form and keeps the one the goal prefers. `rows` are device inputs, one after the other. */
export async function chooseCandidate(c: Compiled, board: Board, goal: Goal, rows: Uint8Array, options: RunOptions = {}): Promise<Candidate> {
  checkConstants(c, board);
  const forms: readonly Form[] = c.placed !== null || hasInlineForm(c) ? ["table", "inline"] : ["table"];
  const levels = goal === "size" ? ["-Os"] : ["-Os", "-O2"];
  const fast = forCpu(c, board, goal);
  const ways = forms.flatMap((f) => levels.map((o) => [f, o] as const));
  // Beside kernels for the CPU the plain ones can only be smaller.
  const plain = build(c, board, "table", "-Os", glueOf(c));
  const all = await Promise.all(fast ? [plain, ...ways.map(([f, o]) => build(fast, board, f, o, glueOf(c)))] : ways.map(([f, o]) => (f === "table" && o === "-Os" ? plain : build(c, board, f, o, glueOf(c)))));
  const bySize = [...all].sort((a, b) => a.built.sizes.flash.model - b.built.sizes.flash.model);
  const fitting = bySize.filter((k) => k.built.sizes.fits);
  const smallest = bySize[0] as Candidate;
  if (goal === "size" || fitting.length === 0) return smallest;
  const timed = await Promise.all(fitting.map(async (k) => ({ k, cycles: await meanCycles(k, rows, options).catch(() => Infinity) })));
  const least = Math.min(...timed.map((t) => t.cycles));
  // Smallest first: among equally fast ones (within a percent) the smaller program wins.
  return timed.find((t) => t.cycles <= least * 1.01)?.k ?? smallest;
}
