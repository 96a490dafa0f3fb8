/** What a board is: readonly facts about a chip, from its data sheet and `reference/boards.md`; it holds no behaviour. */

import { cores, type Core } from "./cores.js";

export type { Core } from "./cores.js";

/** How far the cycle counts of this board can be trusted: simulated exactly, from a table, instructions only, nothing. */
export type CycleTrust = "exact" | "modelled" | "instructions" | "none";

/** One measured or published current, so that an energy estimate can name where it comes from. */
export interface CurrentFigure {
  readonly mode: "active" | "power-down" | "power-down-watchdog";
  /** Typical current in mA. */
  readonly milliamps: number;
  /** Supply in V; null where the source names none. */
  readonly volts: number | null;
  /** Clock in Hz in active mode; null when asleep. */
  readonly clockHz: number | null;
  readonly source: string;
  readonly confidence: string;
}

/**
 * Where a microcontroller's memories lie for the linker; null for a host computer. A board that runs on another machine (`machine`)
 * has that machine's addresses here, and its own chip's sizes.
 */
export interface MemoryMap {
  /** First address of the program; 0 where absent. */
  readonly flashStart?: number;
  /** First SRAM address in the data space. */
  readonly ramStart: number;
  /** Last SRAM address, inclusive (RAMEND in the data sheets). */
  readonly ramEnd: number;
  /** Added to a data address by the linker (AVR: 0x800000), subtracted by the simulators. */
  readonly dataOffset: number;
}

export interface Board {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly title: string;
  readonly chip: string;
  readonly core: Core;
  /** Hz; null for a host computer. */
  readonly clockHz: number | null;
  /** Flash a program may use (without the boot loader) in bytes; null means no limit. */
  readonly flashBytes: number | null;
  /** Flash on the chip in bytes; null means no limit. */
  readonly chipFlashBytes: number | null;
  /** SRAM in bytes; null means no limit. */
  readonly ramBytes: number | null;
  readonly memory: MemoryMap | null;
  readonly fpu: boolean;
  readonly hardwareMultiply: boolean;
  readonly toolchain: string;
  /** Flags that choose the chip, where the core is not enough (`compilerFlags`). */
  readonly chipFlags?: readonly string[];
  /** Optimisation used where the request names none. */
  readonly optimise: string;
  readonly simulator: string;
  /** The machine that an emulator of several boards shows to the program. */
  readonly machine?: string;
  readonly cycles: CycleTrust;
  /** Typical supply in V; null for a host computer. */
  readonly supplyVolts: number | null;
  readonly currents: readonly CurrentFigure[];
  readonly note: string;
}

/** What the compiler must know of the chip; these flags come before a request's own. */
export const compilerFlags = (b: Board): readonly string[] => [...cores[b.core].flags, ...(b.chipFlags ?? [])];
