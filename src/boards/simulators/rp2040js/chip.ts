/** One Cortex-M0+ of rp2040js that sees nothing but its program's flash and SRAM, and stops at the first thing the chip would fault on
 * or do wrong in silence: rp2040js itself only warns of wild addresses and unknown instructions. */

import { RP2040 } from "rp2040js";
import { fail } from "../../../ir/diagnostics.js";
import type { Board, MemoryMap } from "../../board.js";
import { type Elf, symbolAddress } from "../../elf.js";
import { FunctionMap, type PlaceCost } from "../profile.js";
import { type PlaceCounts, placesIn, type SteppedChip } from "../stepped.js";

const OURS = "This is a fault in the generated C or its kernels: please report it";
/** What SRAM holds at power-up: anything but zero, so that a program which relies on zero is found. */
const POWER_UP = 0xa5;
/** push {.., lr} and pop {.., pc}: rp2040js leaves a cycle away that ARM's table (DDI0484) counts. */
const FORGOTTEN = new Set([0xb5, 0xbd]);
const SP = 13;
const PC = 15;

const hex = (n: number): string => `0x${(n >>> 0).toString(16)}`;

export class Chip extends RP2040 implements SteppedChip {
  instructions = 0;
  profile: PlaceCounts | null = null;
  private minimumSp = 0;
  private markedSp = 0;
  private here = 0;
  /** RP2040's own constructor reads and writes already. */
  private readonly guarded: boolean;
  private readonly flashStart: number;
  private readonly flashEnd: number;
  private readonly staticEnd: number;
  private readonly functions: FunctionMap;
  /** Cycles to add, by half-word of the program. */
  private readonly extra: Uint8Array;
  private readonly ramStart: number;
  // undefined, so that no address lies below it, while RP2040's own constructor reads and writes
  private readonly ramBytes: number;
  private readonly flashBytes: number;
  /** The program and the SRAM as the core reads them. */
  private readonly code: Uint16Array;
  private readonly words: Uint32Array;

  constructor(
    private readonly board: Board,
    private readonly memory: MemoryMap,
    elf: Elf,
  ) {
    super();
    this.flashStart = memory.flashStart ?? 0;
    this.flashEnd = this.load(elf);
    this.staticEnd = symbolAddress(elf, "cell_free_start");
    this.functions = new FunctionMap(elf);
    this.extra = Uint8Array.from({ length: (this.flashEnd - this.flashStart) >> 1 }, (_, i) => (FORGOTTEN.has(this.flash[2 * i + 1]!) ? 1 : 0));
    this.sram.fill(POWER_UP);
    const refuse = (_: string, text: string): never => this.trapOpcode(text);
    this.logger = { debug: () => {}, info: () => {}, warn: refuse, error: refuse };
    this.onBreak = (code) => this.trapOpcode(`breakpoint ${code}`);
    this.code = new Uint16Array(this.flash.buffer);
    this.words = new Uint32Array(this.sram.buffer);
    this.ramStart = memory.ramStart;
    this.ramBytes = memory.ramEnd + 1 - memory.ramStart;
    this.flashBytes = this.flashEnd - this.flashStart;
    this.core.VTOR = this.flashStart;
    this.guarded = true;
    this.core.reset();
  }

  get cycles(): number {
    return this.core.cycles;
  }

  runTo(stop: number, cycleLimit: number): boolean {
    const { core, flashStart, flashEnd, extra } = this;
    const { registers } = core;
    while (registers[PC] !== stop && core.cycles < cycleLimit) {
      const pc = registers[PC]!;
      const before = core.cycles;
      if (pc < flashStart || pc >= flashEnd || core.IPSR !== 0 || core.waiting) this.refuse(pc);
      this.here = pc;
      core.executeInstruction();
      core.cycles += extra[(pc - flashStart) >> 1]!;
      this.instructions++;
      const sp = registers[SP]!;
      if (sp < this.minimumSp) this.sink(sp);
      if (this.profile !== null) this.count(this.profile, pc, core.cycles - before);
    }
    return registers[PC] === stop;
  }

  private count(profile: PlaceCounts, pc: number, cycles: number): void {
    const place = (pc - this.flashStart) >> 1;
    profile.instructions[place]! += 1;
    profile.cycles[place]! += cycles;
  }

  poke(address: number, bytes: Uint8Array): void {
    this.sram.set(bytes, address - this.memory.ramStart);
  }

  peek(address: number, bytes: number): Uint8Array {
    const from = address - this.memory.ramStart;
    return this.sram.slice(from, from + bytes);
  }

  markStack(): void {
    this.markedSp = this.minimumSp = this.core.registers[SP]!;
  }

  stackBytes(): number {
    return this.markedSp - this.minimumSp;
  }

  newProfile(): PlaceCounts {
    const halves = (this.flashEnd - this.flashStart + 1) >> 1;
    return { instructions: new Float64Array(halves), cycles: new Float64Array(halves) };
  }

  placesOf(profile: PlaceCounts): Iterable<PlaceCost> {
    return placesIn(profile, this.flashStart, 2);
  }

  // The fast ways first: every instruction comes through readUint16. All that is odd goes on to `check`, which refuses it.
  override readUint32(address: number): number {
    const at = (address - this.ramStart) >>> 0;
    if (at < this.ramBytes && (at & 3) === 0) return this.words[at >> 2]!;
    this.check("reads", address, 4);
    return super.readUint32(address);
  }

  override readUint16(address: number): number {
    const at = (address - this.flashStart) >>> 0;
    if (at < this.flashBytes && (at & 1) === 0) return this.code[at >> 1]!;
    this.check("reads", address, 2);
    return super.readUint16(address);
  }

  override readUint8(address: number): number {
    const at = (address - this.flashStart) >>> 0;
    if (at < this.flashBytes) return this.flash[at]!;
    this.check("reads", address, 1);
    return super.readUint8(address);
  }

  override writeUint32(address: number, value: number): void {
    const at = (address - this.ramStart) >>> 0;
    if (at < this.ramBytes && (at & 3) === 0) {
      this.words[at >> 2] = value;
      return;
    }
    this.check("writes", address, 4);
    super.writeUint32(address, value);
  }

  override writeUint16(address: number, value: number): void {
    this.check("writes", address, 2);
    super.writeUint16(address, value);
  }

  override writeUint8(address: number, value: number): void {
    this.check("writes", address, 1);
    super.writeUint8(address, value);
  }

  /** The program and the SRAM are all there is; the core reads its own instructions through here, too. */
  private check(verb: "reads" | "writes", signed: number, bytes: number): void {
    if (this.guarded !== true) return;
    const address = signed >>> 0;
    const { ramStart, ramEnd } = this.memory;
    if ((address & (bytes - 1)) !== 0) {
      this.trap("board/misaligned", `${verb} ${bytes} bytes at ${hex(address)}, which is no multiple of ${bytes}`, OURS);
    }
    if (address >= ramStart && address <= ramEnd) return;
    if (verb === "reads" && address >= this.flashStart && address < this.flashEnd) return;
    this.trap("board/ram-out-of-range", `${verb} ${bytes} bytes at ${hex(address)}: RAM is ${hex(ramStart)} to ${hex(ramEnd)}, and flash can only be read`, OURS);
  }

  /** Copies the program into flash; returns the address behind it. */
  private load(elf: Elf): number {
    let end = 0;
    for (const segment of elf.segments.filter((s) => s.content.length > 0)) {
      const after = segment.physicalAddress + segment.content.length;
      if (after - this.flashStart > this.flash.length) {
        fail("board/does-not-fit", this.board.name, `the program ends at ${hex(after)}, behind the flash`, "Use a smaller model or a larger board");
      }
      this.flash.set(segment.content, segment.physicalAddress - this.flashStart);
      end = Math.max(end, after);
    }
    return end;
  }

  /** A new deepest stack. */
  private sink(sp: number): void {
    this.minimumSp = sp;
    if (sp >= this.staticEnd) return;
    const end = this.memory.ramEnd + 1;
    this.trap("board/stack-overflow", `the stack grew to ${end - sp} bytes, ${end - this.staticEnd} are free above static data`, "Use a smaller model or a chip with more RAM");
  }

  /** The program counter is where it must not be. */
  private refuse(pc: number): void {
    if (this.core.waiting) this.trap("board/stuck", "waits, and no interrupt can wake it", "Remove the wait from the model");
    if (this.core.IPSR !== 0) this.trap("board/hard-fault", `exception ${this.core.IPSR} was taken`, OURS);
    this.trap("board/pc-out-of-range", `jumps to ${hex(pc)}, outside the program`, OURS);
  }

  private trapOpcode(text: string): never {
    return this.trap("board/illegal-opcode", `the core does not execute this instruction: ${text}`, `Build for ${this.board.chip} with its own compiler flags`);
  }

  trap(code: string, what: string, cure: string): never {
    return fail(code, `${this.board.name}, address ${hex(this.here)} in ${this.functions.of(this.here)}`, what, cure);
  }
}
