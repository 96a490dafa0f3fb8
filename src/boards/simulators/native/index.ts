/** Runs a host program as one process for all rows, and turns hangs, crashes and sanitizer findings into errors. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fail } from "../../../ir/diagnostics.js";
import { type Ended, execute } from "../process.js";
import type { Runnable, RunOptions, RunResult, Simulator } from "../simulator.js";

const DEFAULT_TIMEOUT_MS = 60_000;
/** The harness appends a uint64_t of nanoseconds to every output row. */
const TIME_BYTES = 8;

const BUSY_TRIES = 40;
const BUSY_WAIT_MS = 25;

/**
 * Starts the program once nobody holds it open for writing. A compiler forked while the file was being written inherits that
 * descriptor until its own exec; in that moment the kernel answers ETXTBSY. It passes by itself.
 */
export async function executeWhenFree(path: string, input: Uint8Array, options: RunOptions): Promise<Ended> {
  for (let tries = 1; ; tries++) {
    try {
      const { timeoutMs = DEFAULT_TIMEOUT_MS, signal } = options;
      return await execute(path, [], { input, timeoutMs, signal, env: { UBSAN_OPTIONS: "print_stacktrace=1" } });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ETXTBSY" || tries === BUSY_TRIES) throw error;
      await setTimeout(BUSY_WAIT_MS);
    }
  }
}

/** Sanitizers print rulers and blank lines around what matters. */
function summary(errors: string): string {
  const lines = errors.split("\n").filter((line) => line.trim() !== "" && !/^=+$/.test(line.trim()));
  return lines.slice(0, 8).join("\n");
}

function judge(ended: Ended, program: Runnable, count: number, options: RunOptions): void {
  const where = `${program.board.name}, row ${Math.floor(ended.output.length / (program.outBytes + TIME_BYTES))} or later`;
  const cure = "This is a fault in the generated C or its kernels: please report it";
  if (ended.timedOut) {
    fail("board/stuck", where, `did not end within ${options.timeoutMs ?? DEFAULT_TIMEOUT_MS} ms`, "Raise the time limit if the model is meant to be this slow");
  }
  if (/AddressSanitizer|runtime error|LeakSanitizer/.test(ended.errors)) {
    fail("board/sanitizer", where, `a sanitizer stopped the program:\n${summary(ended.errors)}`, cure);
  }
  if (ended.signal !== null || ended.code !== 0) {
    const how = ended.signal === null ? `exit status ${ended.code}` : `signal ${ended.signal}`;
    fail("board/crashed", where, `the program ended with ${how}\n${summary(ended.errors)}`.trim(), cure);
  }
  const expected = count * (program.outBytes + TIME_BYTES);
  if (ended.output.length !== expected) {
    fail("board/bad-output", where, `the program wrote ${ended.output.length} bytes, expected ${expected}`, "A model must not print");
  }
}

async function run(program: Runnable, rows: Uint8Array, options: RunOptions): Promise<RunResult> {
  const count = rows.length / program.inBytes;
  const folder = await mkdtemp(join(tmpdir(), "coincell-"));
  let ended: Ended;
  try {
    const path = join(folder, "program");
    await writeFile(path, program.elf.file, { mode: 0o700 });
    ended = await executeWhenFree(path, rows, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  options.signal?.throwIfAborted();
  judge(ended, program, count, options);
  const stride = program.outBytes + TIME_BYTES;
  const outputs = Array.from({ length: count }, (_, i) => new Uint8Array(ended.output.subarray(i * stride, i * stride + program.outBytes)));
  const nanoseconds = Float64Array.from({ length: count }, (_, i) => Number(ended.output.readBigUInt64LE(i * stride + program.outBytes)));
  options.onProgress?.(count, count);
  return { outputs, cycles: null, instructions: null, stackBytes: null, nanoseconds };
}

export const simulator: Simulator = { name: "native", programs: [], run };
