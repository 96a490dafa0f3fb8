/** Plain data of a described table → bytes: the mirror of `decode.ts`. */
import type { Entry, FlatBuilder } from "./builder.js";
import { SIZES, slots, type Field, type Member, type Table, type TableData } from "./codec.js";

/** Fields that stand in the table itself; null where the value is what an absent field means. */
function inline(b: FlatBuilder, field: Field, slot: number, value: unknown): Entry | null {
  if (field.kind === "scalar") {
    const n = Number(value);
    return Object.is(n, field.fallback) ? null : { slot, size: SIZES[field.as], put: (at) => b.scalar(at, field.as, n) };
  }
  if (field.kind === "flag") return value === field.fallback ? null : { slot, size: 1, put: (at) => b.scalar(at, "bool", value === true ? 1 : 0) };
  if (field.kind !== "enum" || value === field.fallback) return null;
  const code = field.names.findIndex((n) => n === value);
  if (code < 0) throw new Error(`${String(value)} is none of ${field.names.join(", ")}`);
  return { slot, size: SIZES[field.as], put: (at) => b.scalar(at, field.as, code) };
}

/** Writes what a field refers to and tells where; null where nothing needs to be written. */
function target(b: FlatBuilder, field: Field, value: unknown): (() => number) | null {
  switch (field.kind) {
    case "text": return value === "" ? null : () => b.text(String(value));
    case "numbers": {
      const list = (value as readonly (number | boolean)[]).map(Number);
      return list.length === 0 && !field.present ? null : () => b.numbers(list, field.as);
    }
    case "bytes": return value === null ? null : () => b.byteVector(value as Uint8Array, field.align);
    case "table": return value === null ? null : () => write(b, field.of, value as TableData<Table>);
    case "tables": return () => {
      const list = value as readonly TableData<Table>[];
      const at = b.references(list.length);
      list.forEach((item, i) => b.refer(at + 4 + 4 * i, write(b, field.of, item)));
      return at;
    };
    default: return null;
  }
}

type Later = (() => number);

function unionTarget(b: FlatBuilder, members: ReadonlyMap<string, Table>, m: Member): readonly [number, Later] {
  const table = members.get(m.type);
  if (table === undefined) throw new Error(`${m.type} is none of ${[...members.keys()].join(", ")}`);
  return [[...members.keys()].indexOf(m.type) + 1, () => write(b, table, m.value as TableData<Table>)];
}

/** Writes one table and everything below it; gives its place. */
export function write<T extends Table>(b: FlatBuilder, table: T, data: TableData<T>): number {
  const values: Readonly<Record<string, unknown>> = data;
  const entries: Entry[] = [];
  const later: (() => void)[] = [];
  const reference = (slot: number, make: Later): void => {
    entries.push({ slot, size: 4, put: (at) => later.push(() => b.refer(at, make())) });
  };
  for (const [name, field, slot] of slots(table)) {
    const value = values[name];
    if (field.kind === "union") {
      if (value === null || value === undefined) continue;
      const [kind, make] = unionTarget(b, field.members, value as Member);
      entries.push({ slot, size: 1, put: (at) => b.scalar(at, "u8", kind) });
      reference(slot + 1, make);
    } else if (field.kind !== "gap") {
      if (value === undefined) throw new Error(`field "${name}" is missing`);
      const here = inline(b, field, slot, value);
      const there = target(b, field, value);
      if (here) entries.push(here);
      if (there) reference(slot, there);
    }
  }
  const at = b.table(entries);
  for (const fill of later) fill();
  return at;
}
