/** What a simulator does: runs one linked program over rows of input and says what came out and what it cost. */

import type { Board } from "../board.js";
import type { Elf } from "../elf.js";

/** A linked program with the sizes of its rows. */
export interface Runnable {
  readonly board: Board;
  readonly elf: Elf;
  readonly inBytes: number;
  readonly outBytes: number;
}

export interface RunOptions {
  /** Cycles (emulated boards: instructions) one row may take before it counts as stuck; default 200 million, emulated 1000 million. */
  readonly cycleLimit?: number;
  /** Milliseconds the whole run may take before it counts as stuck; default on the host 60,000, elsewhere no limit. */
  readonly timeoutMs?: number;
  /** Also say which function took how much. */
  readonly profile?: boolean;
  /** Called now and then with the number of finished rows. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** What one function took itself, without those it called, over all rows. */
export interface FunctionCost {
  readonly function: string;
  readonly instructions: number;
  /** Null where the board has no cycle count. */
  readonly cycles: number | null;
}

export interface RunResult {
  /** One entry per row, in order; state in the model's static RAM lives on from row to row. */
  readonly outputs: readonly Uint8Array[];
  /** Per row, from the call of cell_entry to its return, both included; null where the board has no cycle count. */
  readonly cycles: Float64Array | null;
  /** Executed instructions per row; null where they are not counted. */
  readonly instructions: Float64Array | null;
  /** Deepest stack of all rows in bytes, return address of cell_entry included; null where it is not measured. */
  readonly stackBytes: number | null;
  /** Wall time per row; host only, else null. */
  readonly nanoseconds: Float64Array | null;
  /** Where cycles come from a timing table: the sum over all rows by its lowest and its highest figures. */
  readonly cycleBounds?: { readonly low: number; readonly high: number };
  /** On request, costliest first; the sums equal those of `instructions` and `cycles`. */
  readonly profile?: readonly FunctionCost[];
}

/** A program outside coincell, and the Debian packages that bring it. */
export interface ForeignProgram {
  readonly command: string;
  readonly packages: readonly string[];
}

export interface Simulator {
  readonly name: string;
  /** What has to be installed for it; nothing for those that are part of coincell. */
  readonly programs: readonly ForeignProgram[];
  /** `rows` holds n rows of inBytes each. @throws CoincellError board/… when the program misbehaves. */
  run(program: Runnable, rows: Uint8Array, options: RunOptions): Promise<RunResult>;
}
