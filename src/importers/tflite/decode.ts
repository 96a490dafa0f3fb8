/** A described table at a place of a file → its plain data. */
import { absent, SIZES, slots, type Field, type Table, type TableData, type UnionField } from "./codec.js";
import type { FlatReader, TableAt } from "./flatbuffer.js";

function readUnion(r: FlatReader, t: TableAt, members: UnionField["list"], slot: number): unknown {
  const kindAt = r.field(t, slot, 1);
  const kind = kindAt === 0 ? 0 : r.scalar(kindAt, "u8");
  const at = r.field(t, slot + 1, 4);
  if (kind === 0 || at === 0) return null;
  const member = members[kind - 1];
  if (member === undefined) return r.broken(`options of kind ${kind}, of which ${members.length} are known`, kindAt);
  return { type: member[0], value: decode(r, member[1], r.target(at)) };
}

function readField(r: FlatReader, t: TableAt, field: Field, slot: number): unknown {
  if (field.kind === "union") return readUnion(r, t, field.list, slot);
  const size = field.kind === "scalar" || field.kind === "enum" ? SIZES[field.as] : field.kind === "flag" ? 1 : 4;
  const at = r.field(t, slot, size);
  if (at === 0) return absent(field);
  switch (field.kind) {
    case "scalar": return r.scalar(at, field.as);
    case "flag": return r.scalar(at, "bool") !== 0;
    case "enum": {
      const code = r.scalar(at, field.as);
      return field.names[code] ?? r.broken(`${code} where one of 0 to ${field.names.length - 1} is due (${field.names.join(", ")})`, at);
    }
    case "text": return r.text(r.target(at));
    case "numbers": return r.numbers(r.target(at), field.as);
    case "bytes": {
      const chunk = r.byteVector(r.target(at));
      return chunk.length === 0 ? null : chunk;
    }
    case "table": return decode(r, field.of, r.target(at));
    case "tables": {
      const { start, count } = r.vector(r.target(at), 4);
      // Each table is charged as it is read; this is for the list itself, which is allocated first.
      r.charge(count, at);
      return Array.from({ length: count }, (_, i) => decode(r, field.of, r.target(start + 4 * i)));
    }
    default: return null;
  }
}

/** @throws CoincellError `tflite/damaged` on everything that does not fit the description. */
export function decode<T extends Table>(r: FlatReader, table: T, at: number): TableData<T> {
  const t = r.table(at);
  const out: Record<string, unknown> = {};
  let fields = 4;
  for (const [name, field, slot] of slots(table)) {
    fields++;
    if (field.kind !== "gap") out[name] = readField(r, t, field, slot);
  }
  r.charge(fields, at);
  return out as TableData<T>;
}
