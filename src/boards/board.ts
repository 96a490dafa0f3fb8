/** What a board is: readonly facts about a chip, from its data sheet and `reference/boards.md`; it holds no behaviour. */

import type { CpuFeature } from "../ir/op.js";

/** Instruction-set families; a CPU family that is not simulated yet may already be named by a board. */
export type Core =
  | "avr25"
  | "avr5"
  | "avr6"
  | "cortex-m0"
  | "cortex-m0plus"
  | "cortex-m3"
  | "cortex-m4"
  | "cortex-m7"
  | "cortex-m33"
  | "cortex-m55"
  | "rv32imc"
  | "xtensa-lx6"
  | "arc-em"
  | "host";

const dspCores: readonly Core[] = ["cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55"];
/** A multiplier, and no lanes. */
const mulCores: readonly Core[] = ["avr5", "avr6", "cortex-m0", "cortex-m0plus", "cortex-m3", "rv32imc"];
/** Those of 32 bits. */
const wordCores = mulCores.filter((c) => !c.startsWith("avr"));

/** What the compilers for a core make use of besides plain C. */
export const features = (core: Core): ReadonlySet<CpuFeature> => new Set([...(dspCores.includes(core) ? ["dsp" as const] : []), ...(core === "cortex-m55" ? ["mve" as const] : []), ...(mulCores.includes(core) ? ["mul" as const] : []), ...(wordCores.includes(core) ? ["mul32" as const] : [])]);

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
  /** Flags that choose the chip; they come before the request's own. */
  readonly compilerFlags: readonly string[];
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
