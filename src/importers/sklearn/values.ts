/** Python values while a file is being read: mutable, possibly shared or cyclic, never handed out (`convert.ts` freezes them). */
import type { NdArray, ObjectArray, RecordArray } from "../../ir/foreign.js";
import type { Dtype } from "./dtype.js";

/** Lists, tuples and sets. */
export interface PySequence {
  readonly py: "list" | "tuple" | "set";
  readonly items: PyValue[];
}

/** A dict as two columns: keys may be unhashable here, and later entries win only at conversion. */
export interface PyDict {
  readonly py: "dict";
  readonly keys: PyValue[];
  readonly values: PyValue[];
}

/** A class or function of some Python module: a name, never resolved. */
export interface PyGlobal {
  readonly py: "global";
  readonly name: string;
}

/** What Python would have made by calling something; here only the recipe. */
export interface PyObject {
  readonly py: "object";
  readonly type: string;
  readonly args: PyValue | undefined;
  state: PyValue | undefined;
  /** From APPEND(S) and SETITEM(S) on a list or dict subclass. */
  items: PyValue[] | undefined;
  entries: PyDict | undefined;
}

/** A numpy dtype; BUILD completes it with byte order and fields. */
export interface PyDtype {
  readonly py: "dtype";
  type: Dtype;
  built: boolean;
}

/** A numpy array of Python objects. */
export interface PyObjects {
  readonly py: "objects";
  readonly shape: readonly number[];
  readonly items: PyValue[];
}

/** A numpy array between its creation and the BUILD that brings its content. */
export interface PyArray {
  readonly py: "array";
  readonly source: "numpy" | "joblib";
  value: NdArray | RecordArray | ObjectArray | PyObjects | undefined;
}

export type PyNode = PySequence | PyDict | PyGlobal | PyObject | PyDtype | PyObjects | PyArray;
export type PyValue = null | boolean | number | bigint | string | Uint8Array | PyNode;

export const isNode = (v: PyValue | undefined): v is PyNode =>
  typeof v === "object" && v !== null && !(v instanceof Uint8Array);

export const sequence = (py: PySequence["py"], items: PyValue[]): PySequence => ({ py, items });
export const dict = (): PyDict => ({ py: "dict", keys: [], values: [] });
export const object = (type: string, args?: PyValue, state?: PyValue): PyObject =>
  ({ py: "object", type, args, state, items: undefined, entries: undefined });
export const array = (source: PyArray["source"], value?: PyArray["value"]): PyArray => ({ py: "array", source, value });

/** The items of a list, tuple or set, else undefined. */
export const itemsOf = (v: PyValue | undefined): readonly PyValue[] | undefined =>
  isNode(v) && (v.py === "list" || v.py === "tuple" || v.py === "set") ? v.items : undefined;

/** Looks a string key up; for the small dicts of wrappers and dtypes only (linear). */
export function lookUp(d: PyDict, key: string): PyValue | undefined {
  const at = d.keys.lastIndexOf(key);
  return at < 0 ? undefined : d.values[at];
}
