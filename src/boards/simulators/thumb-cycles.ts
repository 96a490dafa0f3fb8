/**
 * Cycles of Thumb instructions by published tables, with no wait states: `reference/boards.md`, section 7 (ARM DDI0484 for M0+,
 * DDI0337 table 3.1 for M3, 100166 table 3-1 for M4); the FPU's rows are 100166's table of its FPU. Not checked on silicon.
 */

import type { Core } from "../board.js";
import type { Elf } from "../elf.js";

/** Lowest, middle and highest figure of the table: a pipeline refill takes 1 to 3 cycles, a division 2 to 12. */
export type Range = readonly [low: number, mid: number, high: number];

export interface InstructionCost {
  readonly cost: Range;
  /** On top, each time the instruction branches. */
  readonly taken: Range;
  readonly load: boolean;
}

type Table = "m0plus" | "m3" | "m4";
const tables: Partial<Record<Core, Table>> = { "cortex-m0plus": "m0plus", "cortex-m3": "m3", "cortex-m4": "m4" };

const NONE: Range = [0, 0, 0];
const exactly = (n: number): Range => [n, n, n];
const plain = (cost: Range): InstructionCost => ({ cost, taken: NONE, load: false });
const ONE = plain(exactly(1));
const bits = (n: number): number => (n === 0 ? 0 : (n & 1) + bits(n >>> 1));

const branch = (t: Table): InstructionCost => ({ cost: exactly(1), taken: t === "m0plus" ? exactly(1) : [1, 2, 3], load: false });
const call = (t: Table): InstructionCost => plain(t === "m0plus" ? exactly(3) : [2, 3, 4]);
const indirect = (t: Table): InstructionCost => plain(t === "m0plus" ? exactly(2) : [2, 3, 4]);
const store = (t: Table): InstructionCost => plain(t === "m0plus" ? exactly(2) : [1, 1, 2]);
/** The second of two loads in a row overlaps with the first, but on the M0+. */
const load = (t: Table, afterLoad: boolean): InstructionCost => ({ cost: t !== "m0plus" && afterLoad ? [1, 1, 2] : exactly(2), taken: NONE, load: true });
const multiple = (registers: number): InstructionCost => plain(exactly(1 + registers));
const popPc = (t: Table, registers: number): InstructionCost => plain(t === "m0plus" ? exactly(registers + 3) : [registers + 2, registers + 3, registers + 4]);

function narrow(op: number, t: Table, afterLoad: boolean): InstructionCost {
  const top = op >> 12;
  if ((op & 0xff80) === 0x4700) return indirect(t); // BX
  if ((op & 0xff80) === 0x4780) return t === "m0plus" ? indirect(t) : call(t); // BLX
  if ((op & 0xfc00) === 0x4400) return (op & 0x0300) !== 0x0100 && (op & 0x87) === 0x87 ? indirect(t) : ONE; // ADD, MOV to pc
  if ((op & 0xf800) === 0x4800) return load(t, afterLoad);
  if (top === 5) return (op & 0x0e00) < 0x0600 ? store(t) : load(t, afterLoad);
  if (top >= 6 && top <= 9) return (op & 0x0800) !== 0 ? load(t, afterLoad) : store(t);
  if ((op & 0xfe00) === 0xb400) return multiple(bits(op & 0x1ff));
  if ((op & 0xff00) === 0xbd00) return popPc(t, bits(op & 0x1ff));
  if ((op & 0xff00) === 0xbc00 || top === 12) return multiple(bits(op & 0xff));
  if ((op & 0xf500) === 0xb100) return branch(t); // CBZ, CBNZ
  if ((op & 0xff00) === 0xbf00 && (op & 15) !== 0) return plain([0, 1, 1]); // IT folds into its neighbour
  if (top === 13) return branch(t);
  return (op & 0xf800) === 0xe000 ? branch(t) : ONE;
}

/** Loads, stores and arithmetic of the single-precision FPU. */
function float(op: number, op2: number): InstructionCost {
  if ((op & 0xfe00) === 0xec00) {
    if ((op & 0xffe0) === 0xec40) return plain(exactly(2)); // two registers
    if ((op & 0xff20) === 0xed00) return plain(exactly((op2 & 0x0100) === 0 ? 2 : 3)); // VLDR, VSTR
    return multiple(op2 & 0xff);
  }
  if ((op2 & 0x10) !== 0) return ONE; // between the register files
  const kind = ((op >> 5) & 4) | ((op >> 4) & 3);
  if (kind <= 1 || kind === 5 || kind === 6) return plain(exactly(3)); // VMLA, VFMA and their negations
  const root = kind === 7 && (op & 15) === 1 && (op2 & 0xc0) === 0xc0;
  return kind === 4 || root ? plain(exactly(14)) : ONE;
}

function wideMultiply(op: number, op2: number, t: Table): InstructionCost {
  const long = (op & 0xff80) === 0xfb80;
  if (long && (op & 0x0010) !== 0 && (op & 0x0040) === 0) return plain([2, 7, 12]); // SDIV, UDIV
  if (t !== "m3") return ONE;
  if (long) return plain([3, 4, 5]);
  return (op2 >> 12) === 15 ? ONE : plain(exactly(2)); // MLA, MLS
}

function wideMemory(op: number, op2: number, t: Table, afterLoad: boolean): InstructionCost | null {
  if ((op & 0xfe40) === 0xe800) {
    const registers = bits(op2);
    return (op & 0x10) !== 0 && (op2 & 0x8000) !== 0 ? popPc(t, registers) : multiple(registers);
  }
  if ((op & 0xfff0) === 0xe8d0 && (op2 & 0xffe0) === 0xf000) return plain([3, 3, 5]); // TBB, TBH
  if ((op & 0xfe40) === 0xe840) return { cost: exactly(3), taken: NONE, load: (op & 0x10) !== 0 }; // LDRD, STRD
  if ((op & 0xfe00) !== 0xf800) return null;
  if ((op & 0x10) === 0) return store(t);
  return (op2 >> 12) === 15 ? ((op & 0x60) === 0x40 ? popPc(t, 1) : ONE) : load(t, afterLoad); // into pc; preload
}

function wide(op: number, op2: number, t: Table, afterLoad: boolean): InstructionCost {
  const memory = wideMemory(op, op2, t, afterLoad);
  if (memory !== null) return memory;
  if ((op & 0xec00) === 0xec00 && (op2 & 0x0e00) === 0x0a00) return float(op, op2);
  if ((op & 0xff00) === 0xfb00) return wideMultiply(op, op2, t);
  if ((op & 0xf800) === 0xf000 && (op2 & 0x8000) !== 0) {
    if ((op2 & 0x5000) === 0x5000) return call(t);
    if ((op2 & 0x5000) === 0x1000) return branch(t);
    if ((op2 & 0x5000) === 0 && (op & 0x0380) !== 0x0380) return branch(t);
  }
  return ONE;
}

const isWide = (op: number): boolean => op >> 11 >= 0x1d;

/** Cost of the instruction `op` (and its second half `op2`), by the table of a core. */
export function costOf(core: Core, op: number, op2: number, afterLoad: boolean): InstructionCost {
  const table = tables[core] ?? "m4";
  return isWide(op) ? wide(op, op2, table, afterLoad) : narrow(op, table, afterLoad);
}

/** Address to cost of every instruction in the program; null for cores without a table. */
export function thumbCosts(core: Core, elf: Elf): ReadonlyMap<number, InstructionCost> | null {
  if (tables[core] === undefined) return null;
  const costs = new Map<number, InstructionCost>();
  const marks = elf.symbols.filter((s) => /^\$[td](\.|$)/.test(s.name)).toSorted((a, b) => a.address - b.address);
  for (const segment of elf.segments) {
    const view = new DataView(segment.content.buffer, segment.content.byteOffset, segment.content.length);
    const end = segment.virtualAddress + segment.content.length;
    marks.forEach((mark, i) => {
      const stop = Math.min(marks[i + 1]?.address ?? end, end);
      if (!mark.name.startsWith("$t") || mark.address < segment.virtualAddress) return;
      let afterLoad = false;
      for (let at = mark.address; at + 2 <= stop; ) {
        const op = view.getUint16(at - segment.virtualAddress, true);
        const long = isWide(op) && at + 4 <= end;
        const cost = costOf(core, op, long ? view.getUint16(at + 2 - segment.virtualAddress, true) : 0, afterLoad);
        costs.set(at, cost);
        afterLoad = cost.load;
        at += long ? 4 : 2;
      }
    });
  }
  return costs;
}
