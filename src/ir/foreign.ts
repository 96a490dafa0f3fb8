/**
 * What every importer hands to the operator registry: a file's objects as plain, inert data.
 * A scikit-learn estimator, an ONNX node and an XGBoost booster all become a {@link Foreign}; operators claim them by `type`.
 */
import { fail } from "./diagnostics.js";

export type NumericArray =
  | Float64Array | Float32Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array;

/** A dense array in C (row-major) order. 64-bit integers arrive as Float64Array when exact, else the importer fails. */
export interface NdArray {
  readonly kind: "ndarray";
  readonly shape: readonly number[];
  readonly data: NumericArray;
}

/** An array of strings or mixed Python objects (class labels of strings). */
export interface ObjectArray {
  readonly kind: "objects";
  readonly shape: readonly number[];
  readonly data: readonly ForeignValue[];
}

/** A numpy structured array, split into one column per field (shape is that of the records). */
export interface RecordArray {
  readonly kind: "records";
  readonly shape: readonly number[];
  readonly columns: ReadonlyMap<string, NdArray>;
}

/** An object of the file: `type` is its full foreign name, e.g. `sklearn.tree._classes.DecisionTreeClassifier`. */
export interface Foreign {
  readonly kind: "foreign";
  readonly type: string;
  /** Where it stands in the file, for error texts, e.g. `model.pkl: steps[1]`. */
  readonly where: string;
  readonly fields: ReadonlyMap<string, ForeignValue>;
}

export type ForeignValue =
  | null | boolean | number | bigint | string | Uint8Array
  | NdArray | ObjectArray | RecordArray | Foreign
  | readonly ForeignValue[]
  | ReadonlyMap<ForeignValue, ForeignValue>;

export const isForeign = (v: ForeignValue | undefined): v is Foreign =>
  typeof v === "object" && v !== null && "kind" in v && v.kind === "foreign";
export const isNdArray = (v: ForeignValue | undefined): v is NdArray =>
  typeof v === "object" && v !== null && "kind" in v && v.kind === "ndarray";
export const isObjectArray = (v: ForeignValue | undefined): v is ObjectArray =>
  typeof v === "object" && v !== null && "kind" in v && v.kind === "objects";
export const isRecordArray = (v: ForeignValue | undefined): v is RecordArray =>
  typeof v === "object" && v !== null && "kind" in v && v.kind === "records";

function wrong(f: Foreign, name: string, wanted: string): never {
  return fail(
    "import/bad-field", `${f.where} (${f.type})`, `field "${name}" is ${f.fields.has(name) ? "not " + wanted : "missing"}`,
    "The file is damaged or written by a version whose layout is not known; save the model again with a released version.",
  );
}

/** The last part of the dotted type: `DecisionTreeClassifier`. */
export const shortType = (f: Foreign): string => f.type.slice(f.type.lastIndexOf(".") + 1);

export const hasField = (f: Foreign, name: string): boolean => f.fields.has(name) && f.fields.get(name) !== null;

/** A finite number (numpy scalars and 0-d or 1-element arrays included). */
export function numberField(f: Foreign, name: string, fallback?: number): number {
  const v = f.fields.get(name);
  if (v === undefined && fallback !== undefined) return fallback;
  const n = typeof v === "bigint" ? Number(v) : isNdArray(v) && v.data.length === 1 ? v.data[0] : v === true ? 1 : v === false ? 0 : v;
  return typeof n === "number" && Number.isFinite(n) ? n : wrong(f, name, "a finite number");
}

export function stringField(f: Foreign, name: string, fallback?: string): string {
  const v = f.fields.get(name);
  if (v === undefined && fallback !== undefined) return fallback;
  return typeof v === "string" ? v : wrong(f, name, "a string");
}

export function boolField(f: Foreign, name: string, fallback?: boolean): boolean {
  const v = f.fields.get(name);
  if (v === undefined && fallback !== undefined) return fallback;
  if (typeof v === "boolean") return v;
  return isNdArray(v) && v.data.length === 1 ? v.data[0] !== 0 : wrong(f, name, "true or false");
}

/** A numeric array of finite values; `rank` is checked when given. */
export function arrayField(f: Foreign, name: string, rank?: number): NdArray {
  const v = f.fields.get(name);
  if (!isNdArray(v)) return wrong(f, name, "a numeric array");
  if (rank !== undefined && v.shape.length !== rank) return wrong(f, name, `an array of ${rank} dimensions`);
  for (const x of v.data) if (!Number.isFinite(x)) return wrong(f, name, "an array of finite numbers");
  return v;
}

export function foreignField(f: Foreign, name: string): Foreign {
  const v = f.fields.get(name);
  return isForeign(v) ? v : wrong(f, name, "an object");
}

export function listField(f: Foreign, name: string): readonly ForeignValue[] {
  const v = f.fields.get(name);
  if (Array.isArray(v)) return v;
  return isObjectArray(v) ? v.data : wrong(f, name, "a list");
}

/** Class labels: strings, or numbers, in class order. */
export function labelsField(f: Foreign, name: string): readonly (string | number)[] {
  const v = f.fields.get(name);
  if (isNdArray(v) && v.shape.length === 1) return [...v.data];
  const list = isObjectArray(v) ? v.data : Array.isArray(v) ? v : wrong(f, name, "a list of labels");
  return list.map((x: ForeignValue) => (typeof x === "string" || typeof x === "number" ? x : typeof x === "boolean" ? String(x) : wrong(f, name, "a list of strings or numbers")));
}

/** Refuses counts that no real model has: guards every allocation that follows from a number in the file. */
export function checkCount(f: Foreign, what: string, n: number, max: number): number {
  if (Number.isInteger(n) && n >= 1 && n <= max) return n;
  return fail("import/bad-count", `${f.where} (${f.type})`, `${what} is ${n}`, `Supported: 1 to ${max}. The file is probably damaged.`);
}
