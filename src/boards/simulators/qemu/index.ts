/** Runs a program on an emulated machine of QEMU: one process for all rows, instructions counted exactly by our plugin. */

import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CoincellError, fail } from "../../../ir/diagnostics.js";
import type { Board } from "../../board.js";
import { symbolAddress, type Elf } from "../../elf.js";
import { type Ended, execute } from "../process.js";
import { FunctionMap, profileOf } from "../profile.js";
import type { Runnable, RunOptions, RunResult, Simulator } from "../simulator.js";
import { thumbCosts, type InstructionCost } from "../thumb-cycles.js";
import { type Machine, machineOf } from "./machines.js";
import { pluginFor } from "./plugin.js";
import { type BadEnd, type Count, faultError, readRecord, type Record, trapError } from "./record.js";

const DEFAULT_INSTRUCTION_LIMIT = 1_000_000_000;
/** The harness appends two words to every output row: bytes of its paint that were overwritten, and SP at the call. */
const STACK_BYTES = 8;
const PROGRESS_MS = 250;
/** Free bytes that must remain: one exception frame with the FPU's registers. A stack that jumped over them would go unseen. */
const GUARD_BYTES = 104;

type Costs = ReadonlyMap<number, InstructionCost> | null;

const imageEnd = (elf: Elf): number => Math.max(...elf.segments.filter((s) => s.content.length > 0).map((s) => s.physicalAddress + s.content.length));

function checkMachine(board: Board, machine: Machine, elf: Elf): void {
  const flash = imageEnd(elf) - (board.memory?.flashStart ?? 0);
  if (flash > machine.flashBytes) {
    fail("board/does-not-fit", board.name, `the program needs ${flash} bytes, the emulated machine ${board.machine ?? ""} has ${machine.flashBytes}`, "Use a smaller model: the chip itself has room, its stand-in has not");
  }
}

function pluginArguments(program: Runnable, machine: Machine, limit: number, costs: Costs): string[] {
  const { board, elf } = program;
  const { memory } = board;
  if (memory === null) return fail("board/no-memory-map", board.name, "the board has no memory map", "Add `memory` to its facts");
  const values = {
    start: symbolAddress(elf, "cell_mark_start"),
    stop: symbolAddress(elf, "cell_mark_stop"),
    end: symbolAddress(elf, "cell_mark_end"),
    fault: symbolAddress(elf, "cell_fault"),
    flash: memory.flashStart ?? 0,
    flashend: imageEnd(elf),
    ram: memory.ramStart,
    free: symbolAddress(elf, "cell_free_start"),
    ramend: Math.min(memory.ramEnd + 1, memory.ramStart + machine.ramBytes),
    limit,
    align: machine.aligned ? 1 : 0,
  };
  return [...Object.entries(values).map(([name, value]) => `${name}=${value}`), ...(costs === null ? [] : ["costs=costs"]), "out=record"];
}

async function writeInputs(folder: string, program: Runnable, rows: Uint8Array, costs: Costs): Promise<void> {
  await writeFile(join(folder, "program.elf"), program.elf.file);
  await writeFile(join(folder, "rows"), rows);
  if (costs === null) return;
  await writeFile(join(folder, "costs"), [...costs].map(([pc, { cost, taken }]) => `${pc} ${cost[1]} ${taken[1]}\n`).join(""));
}

/** Tells progress by the length of the file that the harness writes. */
function watchProgress(folder: string, program: Runnable, total: number, options: RunOptions): () => void {
  const { onProgress } = options;
  if (onProgress === undefined) return () => {};
  const look = (): void => {
    stat(join(folder, "outputs")).then((s) => onProgress(Math.floor(s.size / (program.outBytes + STACK_BYTES)), total), () => {});
  };
  const timer = setInterval(look, PROGRESS_MS);
  return () => clearInterval(timer);
}

interface Files {
  readonly ended: Ended;
  readonly record: Record;
  readonly outputs: Uint8Array;
  readonly fault: Uint8Array | null;
}

async function emulate(program: Runnable, rows: Uint8Array, limit: number, costs: Costs, options: RunOptions): Promise<Files> {
  const machine = machineOf(program.board);
  checkMachine(program.board, machine, program.elf);
  const plugin = await pluginFor(machine.emulator);
  const folder = await mkdtemp(join(tmpdir(), "coincell-"));
  const stop = watchProgress(folder, program, rows.length / program.inBytes, options);
  try {
    await writeInputs(folder, program, rows, costs);
    const args = [
      "-M", program.board.machine ?? "", ...machine.args, "-display", "none", "-monitor", "none", "-serial", "none", "-no-reboot",
      "-semihosting-config", "enable=on,target=native",
      "-plugin", [plugin.replaceAll(",", ",,"), ...pluginArguments(program, machine, limit, costs)].join(","),
      "-kernel", "program.elf",
    ];
    const ended = await execute(machine.emulator, args, { cwd: folder, timeoutMs: options.timeoutMs, signal: options.signal });
    const read = (name: string): Promise<Buffer | null> => readFile(join(folder, name)).catch(() => null);
    const [record, outputs, fault] = await Promise.all(["record", "outputs", "fault"].map(read));
    return { ended, record: readRecord(record?.toString("latin1") ?? ""), outputs: outputs ?? new Uint8Array(), fault: fault ?? null };
  } finally {
    stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function judge(program: Runnable, files: Files, count: number, limit: number, options: RunOptions): void {
  const { board, outBytes } = program;
  const { ended, record, outputs, fault } = files;
  const end: BadEnd = { board, functions: new FunctionMap(program.elf), row: Math.floor(outputs.length / (outBytes + STACK_BYTES)), limit };
  if (record.trap !== null) throw new CoincellError(trapError(end, record.trap));
  if (fault !== null && fault.length === 16) throw new CoincellError(faultError(end, fault, record.from));
  const where = `${board.name}, row ${end.row}`;
  if (ended.timedOut) fail("board/stuck", where, `did not end within ${options.timeoutMs} ms`, "Raise the time limit if the model is meant to be this slow");
  if (ended.code !== 0 || !record.whole || record.instructions.length !== count || outputs.length !== count * (outBytes + STACK_BYTES)) {
    const how = ended.signal === null ? `exit status ${ended.code}` : `signal ${ended.signal}`;
    fail("board/crashed", where, `QEMU ended with ${how} after ${end.row} of ${count} rows\n${ended.errors.slice(0, 600)}`.trim(), "This is a fault in the generated C, its kernels or the emulator: please report it");
  }
}

/** Deepest stack of all rows: by the paint, and where the stack is deeper than the painted window by the lowest address used. */
function stackOf(program: Runnable, outputs: Uint8Array, record: Record): number {
  const view = new DataView(outputs.buffer, outputs.byteOffset, outputs.length);
  const free = symbolAddress(program.elf, "cell_free_start");
  let deepest = 0;
  record.lowest.forEach((lowest, row) => {
    const at = row * (program.outBytes + STACK_BYTES) + program.outBytes;
    const [painted, top] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
    if (lowest < free + GUARD_BYTES || painted > top - free - GUARD_BYTES) {
      fail("board/stack-overflow", `${program.board.name}, row ${row}`, `the stack grew to ${Math.max(painted, top - lowest)} of the ${top - free} bytes above static data; ${GUARD_BYTES} must stay free`, "Use a smaller model or a chip with more RAM");
    }
    deepest = Math.max(deepest, painted, top - lowest);
  });
  return deepest;
}

/** Cycles of one address over all rows, by the low, middle or high figures of the table. */
const cyclesAt = (costs: NonNullable<Costs>, c: Count, figure: 0 | 1 | 2): number => {
  const known = costs.get(c.address);
  return known === undefined ? c.count : c.count * known.cost[figure] + c.taken * known.taken[figure];
};

async function run(program: Runnable, rows: Uint8Array, options: RunOptions): Promise<RunResult> {
  const count = rows.length / program.inBytes;
  const limit = options.cycleLimit ?? DEFAULT_INSTRUCTION_LIMIT;
  const costs = thumbCosts(program.board.core, program.elf);
  options.signal?.throwIfAborted();
  const files = await emulate(program, rows, limit, costs, options);
  options.signal?.throwIfAborted();
  judge(program, files, count, limit, options);
  const { record, outputs } = files;
  const stride = program.outBytes + STACK_BYTES;
  options.onProgress?.(count, count);
  const bound = (figure: 0 | 2): number => (costs === null ? 0 : record.counts.reduce((sum, c) => sum + cyclesAt(costs, c, figure), 0));
  const places = record.counts.map((c) => ({ address: c.address, instructions: c.count, cycles: costs === null ? null : cyclesAt(costs, c, 1) }));
  return {
    outputs: Array.from({ length: count }, (_, i) => outputs.slice(i * stride, i * stride + program.outBytes)),
    cycles: costs === null ? null : Float64Array.from(record.cycles),
    instructions: Float64Array.from(record.instructions),
    stackBytes: stackOf(program, outputs, record),
    nanoseconds: null,
    ...(costs === null ? {} : { cycleBounds: { low: bound(0), high: bound(2) } }),
    ...(options.profile === true ? { profile: profileOf(new FunctionMap(program.elf), places) } : {}),
  };
}

export const simulator: Simulator = {
  name: "qemu",
  programs: [
    { command: "qemu-system-arm", packages: ["qemu-system-arm"] },
    { command: "qemu-system-riscv32", packages: ["qemu-system-misc"] },
  ],
  run,
};
