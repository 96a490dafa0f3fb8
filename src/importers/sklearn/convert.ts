/** Python values to the immutable {@link Foreign} tree, in one pass that refuses cycles, depth and explosion through sharing. */
import type { Foreign, ForeignValue } from "../../ir/foreign.js";
import { typeString } from "./dtype.js";
import { type Budget, clip, damaged, LIMITS, tooLarge } from "./limits.js";
import { isNode, itemsOf, type PyDict, type PyNode, type PyObject, type PyValue } from "./values.js";

/** A finished value with what a consumer that does not remember shared parts will meet below it. */
interface Done {
  readonly value: ForeignValue;
  readonly size: number;
  readonly height: number;
}

interface Walk {
  readonly file: string;
  readonly budget: Budget;
  readonly done: Map<PyNode | Uint8Array, Done>;
  readonly open: Set<PyNode>;
}

/** Copying one attribute costs about this many decoded numbers. */
const FIELD_COST = 16;

/** Adds up what the children of one node cost. */
interface Tally {
  size: number;
  height: number;
}

const placeOf = (w: Walk, path: string): string => (path === "" ? w.file : `${w.file}: ${path}`);

function child(w: Walk, v: PyValue, path: string, tally: Tally): ForeignValue {
  if (typeof v !== "object" || v === null) {
    tally.size++;
    return v;
  }
  const d = freeze(w, v, path);
  tally.size += d.size;
  tally.height = Math.max(tally.height, d.height + 1);
  if (tally.size > LIMITS.expandedValues) tooLarge(placeOf(w, path), "shared parts of the file expand to too many values");
  if (tally.height > LIMITS.depth) tooLarge(placeOf(w, path), `values are nested more than ${LIMITS.depth} deep`);
  return d.value;
}

const children = (w: Walk, items: readonly PyValue[], path: string, tally: Tally): ForeignValue[] =>
  items.map((v, i) => child(w, v, isNode(v) ? `${path}[${i}]` : path, tally));

const keyText = (k: PyValue): string => (typeof k === "string" ? `"${clip(k, 40)}"` : typeof k === "number" ? `${k}` : "...");

function mapOf(w: Walk, d: PyDict, path: string, tally: Tally): Map<ForeignValue, ForeignValue> {
  const out = new Map<ForeignValue, ForeignValue>();
  d.keys.forEach((k, i) => {
    const at = `${path}[${keyText(k)}]`;
    out.set(child(w, k, at, tally), child(w, d.values[i] ?? null, at, tally));
  });
  return out;
}

/** Text keys become fields; a dict with any other key is no attribute table. */
function addFields(w: Walk, d: PyDict, path: string, tally: Tally, fields: Map<string, ForeignValue>): void {
  // Objects may share one state, and each gets its own table.
  w.budget.spend(d.keys.length * FIELD_COST);
  d.keys.forEach((k, i) => {
    if (typeof k !== "string") return damaged(placeOf(w, path), "an object has an attribute whose name is not text");
    fields.set(k, child(w, d.values[i] ?? null, path === "" ? clip(k, 40) : `${path}.${clip(k, 40)}`, tally));
  });
}

const isTable = (v: PyValue | undefined): v is PyDict => isNode(v) && v.py === "dict" && v.keys.every((k) => typeof k === "string");

/** State is a dict, or (dict or None, dict of slots), or whatever the class's own `__setstate__` takes. */
function stateDicts(state: PyValue | undefined): readonly PyDict[] | undefined {
  if (isTable(state)) return [state];
  const [main, slots, ...rest] = (isNode(state) && state.py === "tuple" ? itemsOf(state) : undefined) ?? [];
  if (rest.length > 0 || !isTable(slots)) return undefined;
  return main === null ? [slots] : isTable(main) ? [main, slots] : undefined;
}

function foreignOf(w: Walk, o: PyObject, path: string, tally: Tally): Foreign {
  const fields = new Map<string, ForeignValue>();
  const under = (name: string): string => (path === "" ? name : `${path}.${name}`);
  if (o.args !== undefined && itemsOf(o.args)?.length !== 0) fields.set("__args__", child(w, o.args, under("__args__"), tally));
  if (o.items !== undefined) fields.set("__items__", children(w, o.items, path, tally));
  if (o.entries !== undefined) fields.set("__entries__", mapOf(w, o.entries, path, tally));
  const tables = stateDicts(o.state);
  if (tables !== undefined) for (const d of tables) addFields(w, d, path, tally, fields);
  else if (o.state !== undefined && o.state !== null) fields.set("__state__", child(w, o.state, under("__state__"), tally));
  return { kind: "foreign", type: o.type, where: placeOf(w, path), fields };
}

const mark = (w: Walk, type: string, path: string, field: string, value: ForeignValue): Foreign =>
  ({ kind: "foreign", type, where: placeOf(w, path), fields: new Map([[field, value]]) });

function freezeNode(w: Walk, v: PyNode, path: string, tally: Tally): ForeignValue {
  switch (v.py) {
    case "list": case "tuple": case "set": return children(w, v.items, path, tally);
    case "dict": return mapOf(w, v, path, tally);
    case "global": return mark(w, v.name, path, "__global__", true);
    case "dtype": return mark(w, "numpy.dtype", path, "__args__", [typeString(v.type)]);
    case "object": return foreignOf(w, v, path, tally);
    case "objects": return { kind: "objects", shape: v.shape, data: children(w, v.items, path, tally) };
    case "array": {
      const a = v.value ?? damaged(placeOf(w, path), "an array has no content");
      if ("py" in a) return child(w, a, path, tally);
      if (a.kind === "records") for (const c of a.columns.values()) tally.size += c.data.length;
      else tally.size += a.data.length;
      return a;
    }
  }
}

function freeze(w: Walk, v: PyNode | Uint8Array, path: string): Done {
  const known = w.done.get(v);
  if (known !== undefined) return known;
  if (v instanceof Uint8Array) {
    // A copy: the file's buffer must not live on behind a few bytes.
    const done = { value: v.slice(), size: 1, height: 0 };
    w.done.set(v, done);
    return done;
  }
  if (w.open.has(v)) return damaged(placeOf(w, path), "a value contains itself");
  if (w.open.size > LIMITS.depth) return tooLarge(placeOf(w, path), `values are nested more than ${LIMITS.depth} deep`);
  w.open.add(v);
  const tally: Tally = { size: 1, height: 0 };
  const value = freezeNode(w, v, path, tally);
  w.open.delete(v);
  const done = { value, size: tally.size, height: tally.height };
  w.done.set(v, done);
  return done;
}

/** Freezes the value a file holds; `file` starts every `where`. */
export function toForeign(v: PyValue, file: string, budget: Budget): ForeignValue {
  const walk: Walk = { file: clip(file, 200), budget, done: new Map(), open: new Set() };
  return child(walk, v, "", { size: 0, height: 0 });
}
