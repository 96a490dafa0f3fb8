/** A linked program as data: reads ELF files of 32 and 64 bits, little endian; source: System V ABI, chapter 4 "Object files". */

import { fail } from "../ir/diagnostics.js";

/** A part of the file that is loaded into memory. */
export interface ElfSegment {
  readonly virtualAddress: number;
  readonly physicalAddress: number;
  readonly memoryBytes: number;
  readonly content: Uint8Array;
}

export interface ElfSection {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
  /** Has space in the running program's memory. */
  readonly allocated: boolean;
  readonly writable: boolean;
  /** Has no bytes in the file (.bss, .noinit). */
  readonly empty: boolean;
}

export interface ElfSymbol {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
  readonly kind: "object" | "function" | "other";
  readonly section: string;
}

export interface Elf {
  /** The whole file, for simulators that run it as it is. */
  readonly file: Uint8Array;
  readonly machine: number;
  readonly segments: readonly ElfSegment[];
  readonly sections: readonly ElfSection[];
  readonly symbols: readonly ElfSymbol[];
}

/** Bytes a program takes, from its sections. */
export interface ElfSizes {
  /** Code, tables and the load image of .data. */
  readonly flash: number;
  /** .data + .bss + .noinit. */
  readonly ram: number;
}

/** One table of the file: where it starts, bytes per entry, number of entries. */
interface Table {
  readonly offset: number;
  readonly entry: number;
  readonly count: number;
}

/** Reads fields by offset, whose places differ between the two widths. */
interface Reader {
  readonly wide: boolean;
  u8(at: number): number;
  u16(at: number): number;
  u32(at: number): number;
  /** An address or size: 4 bytes in ELF32, 8 in ELF64. */
  word(at: number): number;
  text(at: number): string;
  slice(at: number, bytes: number): Uint8Array;
}

const LOADED_SEGMENT = 1;
const SYMBOL_TABLE = 2;
const NO_BITS = 8;
const FLAG_WRITE = 1;
const FLAG_ALLOC = 2;
const MACHINE_ARM = 40;

function bad(what: string): never {
  return fail("board/bad-elf", "ELF file", what, "Supported: complete little-endian ELF32 and ELF64 executables");
}

function makeReader(file: Uint8Array): Reader {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const within = (at: number, bytes: number): number => {
    if (!(at >= 0 && bytes >= 0 && at + bytes <= file.length)) bad(`points ${at + bytes - file.length} bytes past its end`);
    return at;
  };
  const wide = file[4] === 2;
  const u32 = (at: number): number => view.getUint32(within(at, 4), true);
  return {
    wide,
    u8: (at) => view.getUint8(within(at, 1)),
    u16: (at) => view.getUint16(within(at, 2), true),
    u32,
    word: (at) => (wide ? u32(at) + u32(at + 4) * 2 ** 32 : u32(at)),
    text: (at) => {
      const end = file.indexOf(0, within(at, 1));
      if (end < 0) bad("ends inside a name");
      return Buffer.from(file.subarray(at, end)).toString("latin1");
    },
    slice: (at, bytes) => file.subarray(within(at, bytes), at + bytes),
  };
}

function entries<T>(table: Table, read: (at: number) => T): T[] {
  return Array.from({ length: table.count }, (_, i) => read(table.offset + i * table.entry));
}

function readSegments(r: Reader, table: Table): ElfSegment[] {
  const loaded = entries(table, (at) => at).filter((at) => r.u32(at) === LOADED_SEGMENT);
  return loaded.map((at) => {
    const [offset, virtual, physical, fileBytes, memory] = r.wide ? [8, 16, 24, 32, 40] : [4, 8, 12, 16, 20];
    return {
      virtualAddress: r.word(at + virtual!),
      physicalAddress: r.word(at + physical!),
      memoryBytes: r.word(at + memory!),
      content: r.slice(r.word(at + offset!), r.word(at + fileBytes!)),
    };
  });
}

/** Section header with what only the reader needs besides. */
interface RawSection extends ElfSection {
  readonly type: number;
  readonly offset: number;
  readonly link: number;
}

function readSections(r: Reader, table: Table, namesIndex: number): RawSection[] {
  const [flags, address, offset, size, link] = r.wide ? [8, 16, 24, 32, 40] : [8, 12, 16, 20, 24];
  const names = r.word(table.offset + namesIndex * table.entry + offset!);
  const sections = entries(table, (at) => ({
    name: r.text(names + r.u32(at)),
    address: r.word(at + address!),
    bytes: r.word(at + size!),
    allocated: (r.word(at + flags!) & FLAG_ALLOC) !== 0,
    writable: (r.word(at + flags!) & FLAG_WRITE) !== 0,
    empty: r.u32(at + 4) === NO_BITS,
    type: r.u32(at + 4),
    offset: r.word(at + offset!),
    link: r.u32(at + link!),
  }));
  for (const section of sections) if (!section.empty) r.slice(section.offset, section.bytes);
  return sections;
}

function readSymbols(r: Reader, sections: readonly RawSection[]): ElfSymbol[] {
  const kinds = ["other", "object", "function"] as const;
  // on ARM the lowest bit of a function's address says Thumb; it is no part of the address
  const thumb = r.u16(18) === MACHINE_ARM;
  const [info, index, value, size] = r.wide ? [4, 6, 8, 16] : [12, 14, 4, 8];
  return sections
    .filter((section) => section.type === SYMBOL_TABLE)
    .flatMap((section) => {
      const entry = r.wide ? 24 : 16;
      const strings = sections[section.link]?.offset ?? bad("has a symbol table without names");
      const table = { offset: section.offset, entry, count: Math.floor(section.bytes / entry) };
      return entries(table, (at) => {
        const kind = kinds[r.u8(at + info!) & 15] ?? "other";
        const address = r.word(at + value!);
        return {
          name: r.text(strings + r.u32(at)),
          address: thumb && kind === "function" ? address - (address % 2) : address,
          bytes: r.word(at + size!),
          kind,
          section: sections[r.u16(at + index!)]?.name ?? "",
        };
      });
    })
    .filter((symbol) => symbol.name !== "");
}

/** @throws CoincellError board/bad-elf when the bytes are not a whole little-endian ELF file. */
export function readElf(file: Uint8Array): Elf {
  if (file.length < 52 || file[0] !== 0x7f || file[1] !== 0x45 || file[2] !== 0x4c || file[3] !== 0x46) bad("has no ELF header");
  if ((file[4] !== 1 && file[4] !== 2) || file[5] !== 1) bad("is neither a 32-bit nor a 64-bit little-endian file");
  const r = makeReader(file);
  const counts = r.wide ? 54 : 42;
  const programs = { offset: r.word(r.wide ? 32 : 28), entry: r.u16(counts), count: r.u16(counts + 2) };
  const headers = { offset: r.word(r.wide ? 40 : 32), entry: r.u16(counts + 4), count: r.u16(counts + 6) };
  for (const table of [programs, headers]) r.slice(table.offset, table.entry * table.count);
  const sections = headers.count === 0 ? [] : readSections(r, headers, r.u16(counts + 8));
  return {
    file,
    machine: r.u16(18),
    segments: readSegments(r, programs),
    sections,
    symbols: readSymbols(r, sections),
  };
}

const totalBytes = (list: readonly ElfSection[]): number => list.reduce((total, section) => total + section.bytes, 0);

/** Flash and static RAM, as `avr-size` counts them: .text + .data, .data + .bss + .noinit. */
export function measureElf(elf: Elf): ElfSizes {
  const used = elf.sections.filter((section) => section.allocated);
  return { flash: totalBytes(used.filter((s) => !s.empty)), ram: totalBytes(used.filter((s) => s.writable)) };
}

/** The address of a symbol that our own harness defines. */
export function symbolAddress(elf: Elf, name: string): number {
  const found = elf.symbols.find((symbol) => symbol.name === name);
  return found?.address ?? fail("board/no-symbol", "ELF file", `has no symbol ${name}`, "Link the program with our harness");
}
