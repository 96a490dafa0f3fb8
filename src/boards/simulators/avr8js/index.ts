/** Runs an AVR program row by row in avr8js, cycle-exact, and measures cycles and stack between the harness's labels. */

import { setImmediate } from "node:timers/promises";
import { fail } from "../../../ir/diagnostics.js";
import type { MemoryMap } from "../../board.js";
import { type Elf, symbolAddress } from "../../elf.js";
import type { Runnable, RunOptions, RunResult, Simulator } from "../simulator.js";
import { Chip, loadImage } from "./chip.js";

const DEFAULT_CYCLE_LIMIT = 200_000_000;
/** Cycles between two visits to the event loop: some tens of milliseconds. */
const SLICE = 1_000_000;

/** The harness's labels as word addresses and its buffers as data addresses. */
interface Marks {
  readonly ready: number;
  readonly start: number;
  readonly stop: number;
  readonly input: number;
  readonly output: number;
}

function findMarks(elf: Elf, memory: MemoryMap): Marks {
  return {
    ready: symbolAddress(elf, "cell_mark_ready") >> 1,
    start: symbolAddress(elf, "cell_mark_start") >> 1,
    stop: symbolAddress(elf, "cell_mark_stop") >> 1,
    input: symbolAddress(elf, "cell_in") - memory.dataOffset,
    output: symbolAddress(elf, "cell_out") - memory.dataOffset,
  };
}

/** Runs to `stop` in slices, so that timers, progress bars and Ctrl-C live. */
async function runSliced(chip: Chip, stop: number, limit: number, beat: Heartbeat): Promise<void> {
  const end = chip.cycles + limit;
  while (!chip.runTo(stop, Math.min(end, chip.cycles + beat.left(chip.cycles)))) {
    if (chip.cycles >= end) {
      chip.trap("board/stuck", `did not come back within ${limit} cycles`, "Raise the cycle limit if the model is meant to be this slow");
    }
    await beat.pause(chip.cycles);
  }
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

async function run(program: Runnable, rows: Uint8Array, options: RunOptions): Promise<RunResult> {
  const { board, elf, inBytes, outBytes } = program;
  const memory = board.memory ?? fail("board/no-memory-map", board.name, "the board has no memory map", "Add `memory` to its facts");
  const chip = new Chip(board, memory, elf, loadImage(board, memory, elf));
  const marks = findMarks(elf, memory);
  const count = rows.length / inBytes;
  const limit = options.cycleLimit ?? DEFAULT_CYCLE_LIMIT;
  const beat = new Heartbeat(options, count);
  const outputs: Uint8Array[] = [];
  const cycles = new Float64Array(count);
  const instructions = new Float64Array(count);
  let stackBytes = 0;
  for (let row = 0; row < count; row++) {
    await runSliced(chip, marks.ready, limit, beat);
    chip.data.set(rows.subarray(row * inBytes, (row + 1) * inBytes), marks.input);
    await runSliced(chip, marks.start, limit, beat);
    const [cycle, instruction, sp] = [chip.cycles, chip.instructions, chip.SP];
    chip.minimumSp = sp;
    await runSliced(chip, marks.stop, limit, beat);
    cycles[row] = chip.cycles - cycle;
    instructions[row] = chip.instructions - instruction;
    stackBytes = Math.max(stackBytes, sp - chip.minimumSp);
    outputs.push(chip.data.slice(marks.output, marks.output + outBytes));
    await beat.rowDone(chip.cycles);
  }
  options.onProgress?.(count, count);
  return { outputs, cycles, instructions, stackBytes, nanoseconds: null };
}

export const simulator: Simulator = { name: "avr8js", run };
