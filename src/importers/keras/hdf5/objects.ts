/** Object headers (versions 1 and 2) and what their messages say; source: HDF5 File Format Specification 3.0, IV.A.1. */
import { damaged } from "../limits.js";
import { Cursor, type Source } from "./cursor.js";

export interface Message {
  readonly type: number;
  readonly body: Cursor;
  /** The message stands elsewhere in the file (a type that has a name). */
  readonly shared: boolean;
}

/** Blocks still to be read: place and length. */
type Blocks = { readonly at: number; readonly length: number }[];

const CONTINUATION = 0x10;

function take(out: Message[], blocks: Blocks, type: number, body: Cursor, flags: number): void {
  body.source.spend();
  if (type === CONTINUATION) blocks.push({ at: body.u64(), length: body.u64() });
  else if (type !== 0) out.push({ type, body, shared: (flags & 2) !== 0 });
}

function versionOne(c: Cursor): readonly Message[] {
  const count = c.skip(2).u16();
  const length = c.skip(4).u32();
  const blocks: Blocks = [{ at: c.at + 4, length }];
  const out: Message[] = [];
  let seen = 0;
  for (let block = blocks.shift(); block; block = blocks.shift()) {
    c.source.spend();
    const b = new Cursor(c.source, block.at, block.length);
    while (b.left >= 8 && seen++ < count) {
      const [type, size, flags] = [b.u16(), b.u16(), b.u8()];
      take(out, blocks, type, b.skip(3).part(size), flags);
    }
  }
  return out;
}

function versionTwo(c: Cursor): readonly Message[] {
  const { source } = c;
  const [version, flags] = [c.u8(), c.u8()];
  if (version !== 2) damaged(source.where, `an object header of version ${version}`);
  c.skip((flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0));
  const length = c.sized(1 << (flags & 3));
  const blocks: Blocks = [{ at: c.at, length }];
  const out: Message[] = [];
  for (let first = true, block = blocks.shift(); block; first = false, block = blocks.shift()) {
    source.spend();
    const b = new Cursor(source, block.at, block.length);
    // Further blocks have a mark in front and a checksum behind.
    const end = first ? b.end : b.expect("OCHK").end - 4;
    const head = flags & 4 ? 6 : 4;
    while (end - b.at >= head) {
      const [type, size, kind] = [b.u8(), b.u16(), b.u8()];
      take(out, blocks, type, b.skip(head - 4).part(size), kind);
    }
  }
  return out;
}

/** All messages of the object at a place. */
export function readMessages(source: Source, at: number): readonly Message[] {
  const c = new Cursor(source, at);
  const version = c.u8();
  if (version === 1) return versionOne(new Cursor(source, at));
  if (version !== 0x4f) return damaged(source.where, "an HDF5 object has no header");
  return versionTwo(new Cursor(source, at).expect("OHDR"));
}
