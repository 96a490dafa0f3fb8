/**
 * A minimal reader of HDF5 files as h5py writes them: groups, attributes (text of any length), datasets (contiguous, compact,
 * chunked with gzip). Source of truth: HDF5 File Format Specification 3.0.
 */
import { fail } from "../../../ir/diagnostics.js";
import { clip, damaged, LIMITS } from "../limits.js";
import { Cursor, createSource, text, UNDEFINED, type Source } from "./cursor.js";
import { readFilters, readStored } from "./dataset.js";
import { readMessages, type Message } from "./objects.js";
import { numbersOf, readDataType, readShape, textsOf } from "./types.js";

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const [SPACE, LINK_INFO, TYPE, LINK, LAYOUT, FILTERS, ATTRIBUTE, SYMBOLS, ATTRIBUTES] = [0x01, 0x02, 0x03, 0x06, 0x08, 0x0b, 0x0c, 0x11, 0x15];

export const isHdf5 = (bytes: Uint8Array): boolean => SIGNATURE.every((b, i) => bytes[i] === b);

export interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface H5Object {
  /** Names of what a group holds, in the order of the file. */
  names(): readonly string[];
  /** What stands under a path; null where there is nothing. */
  at(path: string): H5Object | null;
  /** Texts of an attribute; null where there is none. */
  texts(name: string): readonly string[] | null;
  /** The numbers of a dataset; null where this is a group. */
  values(): Values | null;
}

const dense = (where: string, what: string): never => fail("keras/hdf5", where, `${what} in the newer HDF5 form`, "Supported: files as h5py writes them by default (libver \"earliest\"). Save the model with model.save.");

const find = (messages: readonly Message[], type: number): Message | undefined => messages.find((m) => m.type === type);
const again = (m: Message): Cursor => new Cursor(m.body.source, m.body.at, m.body.left);

/** Object `index` of the heap at `at`, where texts of any length stand. */
function heapObject(source: Source, at: number, index: number): Uint8Array {
  const head = new Cursor(source, at).expect("GCOL").skip(4);
  const c = new Cursor(source, at, head.u64()).skip(16);
  while (c.left >= 16) {
    source.spend();
    const [id, size] = [c.u16(), c.skip(6).u64()];
    if (id === index && id !== 0) return c.bytes(size);
    if (id === 0) break;
    c.skip(Math.min(c.left, Math.ceil(size / 8) * 8));
  }
  return damaged(source.where, "a text of the HDF5 file is missing from its heap");
}

function attribute(m: Message, wanted: string): readonly string[] | null {
  const c = again(m);
  const version = c.u8();
  const [nameSize, typeSize, spaceSize] = [c.skip(1).u16(), c.u16(), c.u16()];
  const padded = (n: number): number => (version === 1 ? Math.ceil(n / 8) * 8 : n);
  if (version === 3) c.skip(1);
  const name = text(c.part(padded(nameSize)).bytes(nameSize));
  if (name !== wanted) return null;
  const [type, space] = [c.part(padded(typeSize)), c.part(padded(spaceSize))];
  const n = readShape(space).reduce((p, d) => p * d, 1);
  return textsOf(readDataType(type), c, n, (at, index) => heapObject(c.source, at, index));
}

/** Links of an old group: a B-tree of symbol nodes, names in a heap of their own. */
function symbolLinks(m: Message, links: Map<string, number>): void {
  const c = again(m);
  const { source } = c;
  const [root, heap] = [c.u64(), c.u64()];
  const names = new Cursor(source, heap).expect("HEAP").skip(4);
  const size = names.u64();
  const data = names.skip(8).u64();
  const nodes = [root];
  for (let at = nodes.pop(); at !== undefined; at = nodes.pop()) {
    source.spend();
    const node = new Cursor(source, at);
    if (String.fromCharCode(...new Cursor(source, at).bytes(4)) === "SNOD") {
      const n = node.skip(6).u16();
      for (let k = 0; k < n; k++) {
        source.spend();
        const [name, object] = [node.u64(), node.u64()];
        node.skip(24);
        const from = new Cursor(source, data, size).skip(name);
        const key = from.name();
        if (!links.has(key)) links.set(key, object);
      }
      continue;
    }
    const [type, , n] = [node.expect("TREE").u8(), node.u8(), node.u16()];
    if (type !== 0) damaged(source.where, "a group of the HDF5 file is named by another tree");
    node.skip(16);
    for (let k = 0; k < n; k++) nodes.push(node.skip(8).u64());
  }
}

/** One link of a newer group; soft and external links lead nowhere here. */
function link(m: Message, links: Map<string, number>): void {
  const c = again(m);
  const [, flags] = [c.u8(), c.u8()];
  const kind = flags & 8 ? c.u8() : 0;
  c.skip((flags & 4 ? 8 : 0) + (flags & 16 ? 1 : 0));
  const name = text(c.bytes(c.sized(1 << (flags & 3))));
  if (kind === 0) links.set(name, c.u64());
}

class ObjectAt implements H5Object {
  private readonly messages: readonly Message[];
  private links: ReadonlyMap<string, number> | null = null;

  /** @param known all objects of the file that were read, by their places */
  constructor(private readonly source: Source, private readonly known: Map<number, ObjectAt>, at: number) {
    this.messages = readMessages(source, at);
    known.set(at, this);
  }

  private children(): ReadonlyMap<string, number> {
    if (this.links) return this.links;
    const links = new Map<string, number>();
    for (const m of this.messages) {
      if (m.type === SYMBOLS) symbolLinks(m, links);
      else if (m.type === LINK) link(m, links);
      else if (m.type === LINK_INFO) {
        const c = again(m);
        const flags = c.skip(1).u8();
        if (c.skip(flags & 1 ? 8 : 0).u64() !== UNDEFINED) dense(this.source.where, "a group");
      }
    }
    return (this.links = links);
  }

  names(): readonly string[] {
    return [...this.children().keys()];
  }

  at(path: string): H5Object | null {
    const names = path.split("/").filter((p) => p !== "" && p !== ".");
    if (names.length > LIMITS.path) return damaged(this.source.where, `a path of ${names.length} names`);
    return names.reduce<ObjectAt | null>((o, name) => o?.child(name) ?? null, this);
  }

  private child(name: string): ObjectAt | null {
    const at = this.children().get(name);
    return at === undefined ? null : (this.known.get(at) ?? new ObjectAt(this.source, this.known, at));
  }

  texts(name: string): readonly string[] | null {
    for (const m of this.messages) {
      const found = m.type === ATTRIBUTE ? attribute(m, name) : null;
      if (found) return found;
    }
    const info = find(this.messages, ATTRIBUTES);
    if (info) {
      const c = again(info);
      const flags = c.skip(1).u8();
      if (c.skip(flags & 1 ? 2 : 0).u64() !== UNDEFINED) dense(this.source.where, "attributes");
    }
    return null;
  }

  values(): Values | null {
    const [space, type, layout, filters] = [SPACE, TYPE, LAYOUT, FILTERS].map((t) => find(this.messages, t));
    if (!space || !type || !layout) return null;
    if (type.shared) dense(this.source.where, "a named data type");
    const shape = readShape(again(space));
    const kind = readDataType(again(type));
    if (kind.size < 1) damaged(this.source.where, "a dataset with elements of no bytes");
    const bytes = readStored(this.source, { shape, size: kind.size, layout: layout.body, filters: filters ? readFilters(again(filters)) : [] });
    return { shape, data: numbersOf(kind, bytes, this.source.where) };
  }
}

/** The root group of a file. */
export function openHdf5(bytes: Uint8Array, where: string): H5Object {
  if (!isHdf5(bytes)) damaged(where, "it is no HDF5 file");
  const source = createSource(bytes, clip(where, 200));
  const c = new Cursor(source, 8);
  const version = c.u8();
  if (version > 3) dense(source.where, `superblock ${version}`);
  const sizes = version < 2 ? [c.skip(4).u8(), c.u8()] : [c.u8(), c.u8()];
  if (sizes.some((s) => s !== 8)) fail("keras/hdf5", source.where, `addresses of ${sizes.join(" and ")} bytes`, "Supported: 8 bytes, as h5py writes them.");
  const root = version < 2 ? c.skip(version === 1 ? 45 : 41).skip(8).u64() : c.skip(25).u64();
  return new ObjectAt(source, new Map(), root);
}
