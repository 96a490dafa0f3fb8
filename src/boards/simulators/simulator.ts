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
  /** Cycles one row may take before it counts as stuck; default 200 million. Simulated chips only. */
  readonly cycleLimit?: number;
  /** Milliseconds the whole run may take before it counts as stuck; default 60,000. Host only. */
  readonly timeoutMs?: number;
  /** Called now and then with the number of finished rows. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
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
}

export interface Simulator {
  readonly name: string;
  /** `rows` holds n rows of inBytes each. @throws CoincellError board/… when the program misbehaves. */
  run(program: Runnable, rows: Uint8Array, options: RunOptions): Promise<RunResult>;
}
