/** Drives a chip that is simulated instruction by instruction in this process: rows poked in, answers read, costs taken between labels. */

import { setImmediate } from "node:timers/promises";
import { symbolAddress } from "../elf.js";
import { FunctionMap, type PlaceCost, profileOf } from "./profile.js";
import type { Runnable, RunOptions, RunResult } from "./simulator.js";

const DEFAULT_CYCLE_LIMIT = 200_000_000;
/** Cycles between two visits to the event loop: some tens of milliseconds. */
const SLICE = 1_000_000;

/** What ran at each instruction address (counted in units of `placeBytes`). */
export interface PlaceCounts {
  readonly instructions: Float64Array;
  readonly cycles: Float64Array;
}

export interface SteppedChip {
  readonly cycles: number;
  readonly instructions: number;
  /** Runs until the program counter is at `stop` (a byte address) or `cycleLimit` is reached; true when it got to `stop`. */
  runTo(stop: number, cycleLimit: number): boolean;
  poke(address: number, bytes: Uint8Array): void;
  peek(address: number, bytes: number): Uint8Array;
  /** From now on the depth of the stack is measured against where it is now. */
  markStack(): void;
  stackBytes(): number;
  /** Where the caller has laid out counters, they are kept. */
  profile: PlaceCounts | null;
  newProfile(): PlaceCounts;
  placesOf(profile: PlaceCounts): Iterable<PlaceCost>;
  /** Ends the run with an error that names the place in the program. */
  trap(code: string, what: string, cure: string): never;
}

/** Says when to visit the event loop, across rows and inside a long one. */
class Heartbeat {
  private next = SLICE;

  constructor(
    private readonly options: RunOptions,
    private readonly total: number,
    private done = 0,
  ) {}

  left(cycles: number): number {
    return Math.max(1, this.next - cycles);
  }

  async rowDone(cycles: number): Promise<void> {
    this.done++;
    if (cycles >= this.next) await this.pause(cycles);
  }

  async pause(cycles: number): Promise<void> {
    this.next = cycles + SLICE;
    this.options.onProgress?.(this.done, this.total);
    await setImmediate();
    this.options.signal?.throwIfAborted();
  }
}

/** Runs to `stop` in slices, so that timers, progress bars and Ctrl-C live. */
async function runSliced(chip: SteppedChip, stop: number, limit: number, beat: Heartbeat): Promise<void> {
  const end = chip.cycles + limit;
  while (!chip.runTo(stop, Math.min(end, chip.cycles + beat.left(chip.cycles)))) {
    if (chip.cycles >= end) {
      chip.trap("board/stuck", `did not come back within ${limit} cycles`, "Raise the cycle limit if the model is meant to be this slow");
    }
    await beat.pause(chip.cycles);
  }
}

export async function runStepped(chip: SteppedChip, program: Runnable, rows: Uint8Array, options: RunOptions): Promise<RunResult> {
  const { elf, inBytes, outBytes } = program;
  const [ready, start, stop] = ["cell_mark_ready", "cell_mark_start", "cell_mark_stop"].map((name) => symbolAddress(elf, name)) as [number, number, number];
  const [input, output] = [symbolAddress(elf, "cell_in"), symbolAddress(elf, "cell_out")];
  const count = rows.length / inBytes;
  const limit = options.cycleLimit ?? DEFAULT_CYCLE_LIMIT;
  const beat = new Heartbeat(options, count);
  const outputs: Uint8Array[] = [];
  const cycles = new Float64Array(count);
  const instructions = new Float64Array(count);
  const profile = options.profile === true ? chip.newProfile() : null;
  let stackBytes = 0;
  for (let row = 0; row < count; row++) {
    await runSliced(chip, ready, limit, beat);
    chip.poke(input, rows.subarray(row * inBytes, (row + 1) * inBytes));
    await runSliced(chip, start, limit, beat);
    const [cycle, instruction] = [chip.cycles, chip.instructions];
    chip.markStack();
    chip.profile = profile;
    await runSliced(chip, stop, limit, beat);
    chip.profile = null;
    cycles[row] = chip.cycles - cycle;
    instructions[row] = chip.instructions - instruction;
    stackBytes = Math.max(stackBytes, chip.stackBytes());
    outputs.push(chip.peek(output, outBytes));
    await beat.rowDone(chip.cycles);
  }
  options.onProgress?.(count, count);
  const functions = profile === null ? {} : { profile: profileOf(new FunctionMap(elf), chip.placesOf(profile)) };
  return { outputs, cycles, instructions, stackBytes, nanoseconds: null, ...functions };
}

/** The places that ran at all. */
export function* placesIn({ instructions, cycles }: PlaceCounts, first: number, bytes: number): Generator<PlaceCost> {
  for (let i = 0; i < instructions.length; i++) {
    if (instructions[i]! > 0) yield { address: first + i * bytes, instructions: instructions[i]!, cycles: cycles[i]! };
  }
}
