/** One AVR chip in avr8js that stops at the first thing the real chip would do wrong in silence: avr8js itself skips unknown
 * opcodes, runs MUL on an ATtiny and ignores wild addresses (`reference/boards.md`, section 5). */

import { createRequire } from "node:module";
import { fail } from "../../../ir/diagnostics.js";
import type { Board, MemoryMap } from "../../board.js";
import type { Elf } from "../../elf.js";
import type { PlaceCost } from "../profile.js";
import { type PlaceCounts, placesIn, type SteppedChip } from "../stepped.js";
import { classifyFlash, Kind, longTarget } from "./opcodes.js";

// The ESM build of avr8js does not resolve in plain Node.
const { CPU, avrInstruction } = createRequire(import.meta.url)("avr8js") as typeof import("avr8js");

const FIRST_IO = 0x20;
const SPL = 0x5d;
const RAMPZ = 0x5b;
const EIND = 0x5c;
/** 0x9409 IJMP, 0x9509 ICALL against 0x9419 EIJMP, 0x9519 EICALL; 0x95c8 LPM against 0x95d8 ELPM. */
const EXTENDED = 0x10;
/** What SRAM and registers hold at power-up: anything but zero, so that a program which relies on zero is found. */
const POWER_UP = 0xa5;

export interface Image {
  /** The whole flash, erased words as 0xffff. */
  readonly words: Uint16Array;
  readonly imageWords: number;
  /** First data address above .data, .bss and .noinit: the stack must stay above. */
  readonly staticEnd: number;
}

/** Lays the ELF's segments into a flash of the chip's size. @throws CoincellError board/does-not-fit. */
export function loadImage(board: Board, memory: MemoryMap, elf: Elf): Image {
  const flash = new Uint8Array(board.chipFlashBytes ?? 0).fill(0xff);
  let end = 0;
  for (const segment of elf.segments) {
    const after = segment.physicalAddress + segment.content.length;
    if (segment.content.length === 0) continue;
    if (after > flash.length) {
      fail("board/does-not-fit", board.name, `the program needs ${after} bytes of flash, the chip has ${flash.length}`, "Use a smaller model or a larger chip");
    }
    flash.set(segment.content, segment.physicalAddress);
    end = Math.max(end, after);
  }
  const data = elf.sections.filter((section) => section.allocated && section.writable && section.bytes > 0);
  const staticEnd = Math.max(memory.ramStart, ...data.map((s) => s.address - memory.dataOffset + s.bytes));
  if (staticEnd - 1 > memory.ramEnd) {
    fail("board/does-not-fit", board.name, `static RAM ends at 0x${staticEnd.toString(16)}, the SRAM at 0x${memory.ramEnd.toString(16)}`, "Use a smaller model or a larger chip");
  }
  return { words: new Uint16Array(flash.buffer), imageWords: Math.ceil(end / 2), staticEnd };
}

export class Chip extends CPU implements SteppedChip {
  instructions = 0;
  profile: PlaceCounts | null = null;
  private minimumSp = 0xffff;
  private markedSp = 0xffff;
  private readonly kinds: Uint8Array;
  private readonly flashBytes: number;
  private readonly ramEnd: number;
  private readonly freeStart: number;

  constructor(
    private readonly board: Board,
    private readonly memory: MemoryMap,
    private readonly elf: Elf,
    private readonly image: Image,
  ) {
    // avr8js counts 0x100 bytes of registers and I/O, the ATtiny has 0x60
    super(image.words, memory.ramEnd + 1 - 0x100);
    this.kinds = classifyFlash(image.words, image.imageWords, board.core);
    this.flashBytes = image.imageWords * 2;
    this.ramEnd = memory.ramEnd;
    // avr-libc's malloc takes its heap from the free part
    const hasHeap = elf.symbols.some((symbol) => symbol.name === "__brkval");
    this.freeStart = hasHeap ? Infinity : image.staticEnd;
    this.data.fill(POWER_UP, 0, FIRST_IO);
    this.data.fill(POWER_UP, memory.ramStart);
  }

  runTo(address: number, cycleLimit: number): boolean {
    const stop = address >> 1;
    const { kinds } = this;
    if (this.profile !== null) return this.runProfiled(stop, cycleLimit, this.profile);
    let count = 0;
    while (this.pc !== stop && this.cycles < cycleLimit) {
      const kind = kinds[this.pc];
      if (kind === Kind.plain) avrInstruction(this);
      else this.guard(kind);
      count++;
    }
    this.instructions += count;
    return this.pc === stop;
  }

  poke(address: number, bytes: Uint8Array): void {
    this.data.set(bytes, address - this.memory.dataOffset);
  }

  peek(address: number, bytes: number): Uint8Array {
    const from = address - this.memory.dataOffset;
    return this.data.slice(from, from + bytes);
  }

  markStack(): void {
    this.markedSp = this.minimumSp = this.SP;
  }

  stackBytes(): number {
    return this.markedSp - this.minimumSp;
  }

  newProfile(): PlaceCounts {
    const words = this.progMem.length;
    return { instructions: new Float64Array(words), cycles: new Float64Array(words) };
  }

  placesOf(profile: PlaceCounts): Iterable<PlaceCost> {
    return placesIn(profile, 0, 2);
  }

  private runProfiled(stop: number, cycleLimit: number, profile: PlaceCounts): boolean {
    const { kinds } = this;
    while (this.pc !== stop && this.cycles < cycleLimit) {
      const [pc, before, known] = [this.pc, this.cycles, this.instructions];
      const kind = kinds[pc];
      if (kind === Kind.plain) avrInstruction(this);
      else this.guard(kind);
      this.instructions++;
      if (this.instructions === known) continue; // only the program counter came around
      profile.instructions[pc]! += 1;
      profile.cycles[pc]! += this.cycles - before;
    }
    return this.pc === stop;
  }

  override readData(address: number): number {
    if (address < FIRST_IO || address > this.ramEnd || this.isFree(address)) this.trapData("reads", address);
    return this.data[address]!;
  }

  override writeData(address: number, value: number): void {
    if (address < FIRST_IO || address > this.ramEnd || this.isFree(address)) this.trapData("writes", address);
    this.data[address] = value;
    // Between SPH and SPL the pointer is a mixture; compilers write SPL last.
    if (address === SPL) this.checkStack();
  }

  /** Belongs to nobody: above static data, below the stack. Touching it is an overrun that the chip would not notice. */
  private isFree(address: number): boolean {
    return address >= this.freeStart && address <= this.SP;
  }

  /** Executes a word that is not plain, with its checks. */
  private guard(kind: number | undefined): void {
    switch (kind) {
      case undefined:
        return this.wrap();
      case Kind.flashRead:
        if (this.flashPointer >= this.flashBytes) this.trapFlashRead(this.flashPointer);
        return avrInstruction(this);
      case Kind.indirect:
        this.checkTarget((this.opcode & EXTENDED) === 0 ? this.z : this.data[EIND]! * 0x10000 + this.z);
        break;
      case Kind.return:
        this.checkReturn();
        break;
      case Kind.sleep:
        return this.trap("board/stuck", "sleeps, and no interrupt can wake it", "Remove the sleep instruction from the model");
      case Kind.illegal:
        return this.trapOpcode();
      case Kind.outside:
        return this.trapTarget(this.longTarget());
    }
    avrInstruction(this);
    this.checkStack();
  }

  /** A relative jump backwards over address 0 comes out at the top of the flash, as on the chip. */
  private wrap(): void {
    this.pc += this.progMem.length;
    if (!(this.pc >= 0 && this.pc < this.progMem.length)) this.trapTarget(this.pc);
    this.instructions--;
  }

  private get z(): number {
    return this.dataView.getUint16(30, true);
  }

  private get opcode(): number {
    return this.progMem[this.pc]!;
  }

  /** Byte address that LPM or ELPM at the present place reads. */
  private get flashPointer(): number {
    const extended = this.opcode === 0x95d8 || ((this.opcode & 0xfe0e) === 0x9006);
    return extended ? this.data[RAMPZ]! * 0x10000 + this.z : this.z;
  }

  private checkStack(): void {
    const sp = this.SP;
    if (sp < this.minimumSp) this.minimumSp = sp;
    // SP names the next free byte, so the deepest byte in use is SP + 1.
    if (sp + 1 < this.image.staticEnd) {
      const room = this.memory.ramEnd + 1 - this.image.staticEnd;
      const what = `the stack grew to ${this.memory.ramEnd - sp} bytes, ${room} are free above static data`;
      this.trap("board/stack-overflow", what, "Use a smaller model or a chip with more RAM");
    }
    if (sp > this.memory.ramEnd) {
      this.trap("board/ram-out-of-range", `SP is 0x${sp.toString(16)}, above the end of RAM`, "Every pop and ret needs its push or call");
    }
  }

  private checkReturn(): void {
    const from = this.SP + 1;
    const bytes = this.pc22Bits ? 3 : 2;
    if (from + bytes - 1 > this.memory.ramEnd) return;
    this.checkTarget(this.data.subarray(from, from + bytes).reduce((word, byte) => word * 256 + byte, 0));
  }

  private checkTarget(word: number): void {
    if (word >= this.image.imageWords) this.trapTarget(word);
  }

  /** Where a word of Kind.outside leads: the target of a JMP inside the image, else the present place itself. */
  private longTarget(): number {
    return this.pc < this.image.imageWords ? longTarget(this.progMem, this.pc) : this.pc;
  }

  private trapTarget(word: number): never {
    const what = `jumps to 0x${(word * 2).toString(16)}, the program ends at 0x${this.flashBytes.toString(16)}`;
    return this.trap("board/pc-out-of-range", what, "This is a fault in the generated C or its kernels: please report it");
  }

  private trapOpcode(): never {
    const opcode = this.opcode.toString(16).padStart(4, "0");
    const what = `0x${opcode} is not an instruction of ${this.board.chip}`;
    return this.trap("board/illegal-opcode", what, `Build for ${this.board.chip} with its own compiler flags`);
  }

  private trapFlashRead(address: number): never {
    const what = `reads flash at 0x${address.toString(16)}, the program ends at 0x${this.flashBytes.toString(16)}`;
    return this.trap("board/flash-out-of-range", what, "This is a fault in the generated C or its kernels: please report it");
  }

  private trapData(verb: string, address: number): never {
    const [at, first, last] = [address & 0xffff, this.memory.ramStart, this.ramEnd].map((n) => `0x${n.toString(16)}`);
    const where = this.isFree(address) ? "between static data and the stack" : `RAM is ${first} to ${last}`;
    const what = `${verb} data at ${at}: ${where}`;
    return this.trap("board/ram-out-of-range", what, "This is a fault in the generated C or its kernels: please report it");
  }

  /** Ends the run with an error that names the place in the program. */
  trap(code: string, what: string, cure: string): never {
    const at = this.pc * 2;
    const inside = this.elf.symbols.find((s) => s.kind === "function" && at >= s.address && at < s.address + s.bytes);
    const place = inside === undefined ? "" : ` in ${inside.name}`;
    return fail(code, `${this.board.name}, address 0x${at.toString(16)}${place}`, what, cure);
  }
}
