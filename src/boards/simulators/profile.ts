/** Which function an instruction belongs to, and what each function took. */

import type { Elf, ElfSymbol } from "../elf.js";
import type { FunctionCost } from "./simulator.js";

/** What ran at one instruction address, over all rows. */
export interface PlaceCost {
  readonly address: number;
  readonly instructions: number;
  readonly cycles: number | null;
}

const OUTSIDE = "?";

const rank = (s: ElfSymbol): number => (s.kind === "function" ? 1 : 0);
const costOf = (c: FunctionCost): number => c.cycles ?? c.instructions;

/** Finds the function of a code address: by its extent, else (hand-written assembler without sizes) the nearest label before it. */
export class FunctionMap {
  private readonly starts: readonly ElfSymbol[];

  constructor(elf: Elf) {
    const code = new Set(elf.sections.filter((s) => s.allocated && !s.writable && !s.empty).map((s) => s.name));
    // labels of the compiler ($t, .L) and of our harness are no functions
    const named = elf.symbols.filter((s) => code.has(s.section) && s.kind !== "object" && /^[A-Za-z_]/.test(s.name) && !s.name.startsWith("cell_mark_"));
    this.starts = named.toSorted((a, b) => a.address - b.address || rank(a) - rank(b));
  }

  /** Name of the function, or "?". */
  of(address: number): string {
    let [low, high] = [0, this.starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle]!.address <= address) low = middle + 1;
      else high = middle;
    }
    // a label inside a function is nearer than the function's own start
    for (let i = low - 1; i >= Math.max(0, low - 16); i--) {
      const s = this.starts[i]!;
      if (s.kind === "function" && address < s.address + s.bytes) return s.name;
    }
    const nearest = this.starts[low - 1];
    return nearest === undefined || nearest.kind === "function" && nearest.bytes > 0 ? OUTSIDE : nearest.name;
  }
}

/** Sums by function, costliest first. */
export function profileOf(functions: FunctionMap, places: Iterable<PlaceCost>): readonly FunctionCost[] {
  const sums = new Map<string, { instructions: number; cycles: number | null }>();
  for (const { address, instructions, cycles } of places) {
    const name = functions.of(address);
    const sum = sums.get(name) ?? { instructions: 0, cycles: cycles === null ? null : 0 };
    sum.instructions += instructions;
    if (sum.cycles !== null) sum.cycles += cycles ?? 0;
    sums.set(name, sum);
  }
  return [...sums].map(([name, sum]) => ({ function: name, ...sum })).toSorted((a, b) => costOf(b) - costOf(a) || (a.function < b.function ? -1 : 1));
}
