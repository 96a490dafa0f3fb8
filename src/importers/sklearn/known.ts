/**
 * What REDUCE, NEWOBJ and BUILD mean for the few globals that carry data (numpy, joblib, builtins); all others stay inert.
 * Source of truth: `numpy.ndarray.__reduce__`, `numpy.dtype.__reduce__`, `joblib/numpy_pickle.py`, `copyreg.py`.
 */
import { fail } from "../../ir/diagnostics.js";
import { type Cursor, latin1Bytes } from "./cursor.js";
import { type Dtype, parseTypeString, type RecordField, recordType, type ScalarType } from "./dtype.js";
import { type Budget, damaged, LIMITS } from "./limits.js";
import { countElements, decodeArray, decodeScalar } from "./ndarray.js";
import { array, dict, isNode, itemsOf, lookUp, object, type PyArray, type PyDict, type PyDtype, type PyObject, type PyValue, sequence } from "./values.js";

/** A copied reference costs about this many decoded numbers. */
const COPY_COST = 8;

/** Where the machine stands (worded only when an error needs it) and what it may still spend. */
export interface At {
  readonly where: string;
  readonly budget: Budget;
}

type Call = (args: readonly PyValue[], at: At) => PyValue;

function asBytes(v: PyValue | undefined, at: At): Uint8Array {
  if (v instanceof Uint8Array) return v;
  if (typeof v !== "string") return damaged(at.where, "an array has no data");
  at.budget.spend(v.length);
  return latin1Bytes(v, at.where);
}

const asDtype = (v: PyValue | undefined, at: At): Dtype =>
  isNode(v) && v.py === "dtype" ? v.type : damaged(at.where, "an array has no dtype");

function asShape(v: PyValue | undefined, at: At): number[] {
  const items = typeof v === "number" ? [v] : itemsOf(v);
  if (items === undefined || items.length > LIMITS.rank) return damaged(at.where, "an array has no valid shape");
  return items.map((n) => (typeof n === "number" ? n : damaged(at.where, "an array has no valid shape")));
}

function scalar([type, data]: readonly PyValue[], at: At): PyValue {
  const t = asDtype(type, at);
  if (t.kind === "record") return array("numpy", decodeArray({ bytes: asBytes(data, at), type: t, shape: [], fortran: false }, at.budget, at.where));
  return t.code === "O" ? data ?? null : decodeScalar(t, asBytes(data, at), at.budget, at.where);
}

function frombuffer([data, type, shape, order]: readonly PyValue[], at: At): PyValue {
  const raw = { bytes: asBytes(data, at), type: asDtype(type, at), shape: asShape(shape, at), fortran: order === "F" };
  return array("numpy", decodeArray(raw, at.budget, at.where));
}

function dtype([text]: readonly PyValue[], at: At): PyDtype {
  if (typeof text !== "string") return damaged(at.where, "a numpy dtype has no type string");
  return { py: "dtype", type: parseTypeString(text, at.where), built: false };
}

function collect(kind: "set" | "list" | "tuple"): Call {
  return ([items], at) => {
    const given = items === undefined ? [] : itemsOf(items) ?? damaged(at.where, `a ${kind} is made from something that is not a list`);
    at.budget.spend(given.length * COPY_COST);
    return sequence(kind, [...given]);
  };
}

function orderedDict([pairs]: readonly PyValue[], at: At): PyDict {
  const d = dict();
  const given = pairs === undefined ? [] : itemsOf(pairs) ?? damaged(at.where, "a dict is made from something that is not a list of pairs");
  at.budget.spend(given.length * COPY_COST);
  for (const pair of given) {
    const [k, v] = itemsOf(pair) ?? [];
    if (k === undefined || v === undefined) return damaged(at.where, "a dict is made from something that is not a list of pairs");
    d.keys.push(k);
    d.values.push(v);
  }
  return d;
}

function bytesFrom([v, encoding]: readonly PyValue[], at: At): Uint8Array {
  if (v === undefined) return new Uint8Array();
  if (typeof v === "string" && encoding !== "latin1" && encoding !== "latin-1") return damaged(at.where, "binary data has an encoding other than latin-1");
  return asBytes(v, at);
}

/** `copyreg._reconstructor(cls, base, state)` and `newObj(cls)`: an object of `cls`. */
const ofFirst: Call = ([type, ...rest], at) =>
  isNode(type) && type.py === "global" ? create(type.name, rest.length > 1 && rest[1] !== null ? rest.slice(1) : [], at)
    : damaged(at.where, "an object is made from something that is not a class");

/** Cython's `__pyx_unpickle_X(cls, checksum, state)`. */
const cythonObject: Call = ([type, , state], at) =>
  isNode(type) && type.py === "global" ? object(type.name, isNode(state) ? state : sequence("tuple", []))
    : damaged(at.where, "an object is made from something that is not a class");

/** A dict with attribute access; protocols 0 and 1 hand its content to `_reconstructor`. */
function bunch(args: readonly PyValue[], at: At): PyDict {
  const d = dict();
  const given = args.find((v) => isNode(v) && v.py === "dict");
  if (!isNode(given) || given.py !== "dict") return d;
  at.budget.spend(given.keys.length * COPY_COST);
  for (const [i, k] of given.keys.entries()) {
    d.keys.push(k);
    d.values.push(given.values[i] ?? null);
  }
  return d;
}

/** numpy names the maker of a random generator; what matters is what it makes. */
const generator = (name: string): Call => () => object(`numpy.random.${name}`);

const KNOWN: Readonly<Record<string, Call>> = {
  "numpy.dtype": dtype,
  "_codecs.encode": bytesFrom,
  "builtins.bytes": bytesFrom,
  "builtins.bytearray": bytesFrom,
  "builtins.set": collect("set"),
  "builtins.frozenset": collect("set"),
  "builtins.list": collect("list"),
  "builtins.tuple": collect("tuple"),
  "builtins.dict": orderedDict,
  "collections.OrderedDict": orderedDict,
  "collections.defaultdict": () => dict(),
  "sklearn.utils._bunch.Bunch": bunch,
  "sklearn.utils.Bunch": bunch,
  "numpy.random._pickle.__randomstate_ctor": generator("mtrand.RandomState"),
  "numpy.random.__RandomState_ctor": generator("mtrand.RandomState"),
  "numpy.random._pickle.__generator_ctor": generator("_generator.Generator"),
  "copyreg._reconstructor": ofFirst,
  "copyreg.__newobj__": ofFirst,
  "joblib.numpy_pickle.NumpyArrayWrapper": () => array("joblib"),
};

/** numpy 1.x and 2.x differ in the module, not in the function. */
const NUMPY: Readonly<Record<string, Call>> = { _reconstruct: () => array("numpy"), scalar, _frombuffer: frombuffer };
const NUMPY_NAME = /^numpy\.(?:_?core\.)(?:multiarray|numeric)\.(\w{1,20})$/;
const OLD_JOBLIB = /^(?:sklearn\.externals\.)?joblib\.numpy_pickle(?:_compat)?\.Z?NDArrayWrapper$/;

function create(name: string, args: readonly PyValue[], at: At): PyValue {
  const plain = name.startsWith("sklearn.externals.joblib.") ? name.slice("sklearn.externals.".length) : name;
  if (Object.hasOwn(KNOWN, plain)) return KNOWN[plain]?.(args, at) ?? null;
  const inNumpy = NUMPY_NAME.exec(name)?.[1] ?? "";
  if (Object.hasOwn(NUMPY, inNumpy)) return NUMPY[inNumpy]?.(args, at) ?? null;
  if (OLD_JOBLIB.test(name)) {
    return fail("sklearn/unsupported-pickle", at.where, "the arrays of this joblib file lie in other files", "Save the model again with joblib 0.10 or newer, which writes one file.");
  }
  if (name.includes(".__pyx_unpickle_")) return cythonObject(args, at);
  if (name.endsWith(".newObj")) return ofFirst(args, at);
  at.budget.spend(args.length * COPY_COST);
  return object(name, args.length === 0 ? undefined : sequence("tuple", [...args]));
}

/** The value of `name(*args)` for known names, else an inert object. */
export function call(name: string, args: PyValue, at: At): PyValue {
  const items = itemsOf(args);
  return items === undefined ? damaged(at.where, `"${name}" is called without a tuple of arguments`) : create(name, items, at);
}

/** dtype state: (version, byte order, subarray, names, fields, size, alignment, flags[, metadata]). */
function buildDtype(target: PyDtype, state: PyValue, at: At): void {
  const [, order, sub, names, fields, size] = itemsOf(state) ?? damaged(at.where, "a numpy dtype has no state");
  if (target.built) damaged(at.where, "a numpy dtype is completed twice");
  target.built = true;
  const base = target.type as ScalarType;
  if (sub !== null && sub !== undefined) {
    fail("sklearn/unsupported-dtype", at.where, "an array has arrays as elements", "Save it as a plain array with one more dimension.");
  }
  if (names === null || names === undefined) {
    target.type = { ...base, bigEndian: order === ">", size: base.size === 0 && typeof size === "number" && size > 0 ? size : base.size };
    return;
  }
  const list = itemsOf(names) ?? damaged(at.where, "a structured dtype has no field names");
  if (!isNode(fields) || fields.py !== "dict" || list.length > LIMITS.recordFields || fields.keys.length > 2 * LIMITS.recordFields) {
    return damaged(at.where, "a structured dtype has no valid fields");
  }
  // Each name is looked up linearly.
  at.budget.spend(list.length * (fields.keys.length + 1));
  const out = list.map((name): RecordField => {
    const [type, offset] = typeof name === "string" ? itemsOf(lookUp(fields, name)) ?? [] : [];
    const t = asDtype(type, at);
    if (typeof name !== "string" || t.kind !== "scalar" || typeof offset !== "number") return damaged(at.where, "a structured dtype has no valid fields");
    return { name, type: t, offset };
  });
  target.type = recordType(out, typeof size === "number" ? size : base.size, at.where);
}

/** ndarray state: ([version,] shape, dtype, is Fortran, bytes or list of objects). */
function buildArray(target: PyArray, state: PyValue, at: At): void {
  const items = itemsOf(state) ?? damaged(at.where, "an array has no state");
  if (target.value !== undefined) damaged(at.where, "an array is completed twice");
  const [shape, type, fortran, data] = items.length === 5 ? items.slice(1) : items;
  const t = asDtype(type, at);
  const dims = asShape(shape, at);
  if (t.kind === "scalar" && t.code === "O") {
    const given = itemsOf(data) ?? damaged(at.where, "an array of Python objects has no list");
    if (countElements(dims, at.where) !== given.length) damaged(at.where, "an array of Python objects has a list of another length");
    // numpy lists objects row by row whatever the array's order in memory.
    at.budget.spend(given.length * COPY_COST);
    target.value = { py: "objects", shape: dims, items: [...given] };
    return;
  }
  target.value = decodeArray({ bytes: asBytes(data, at), type: t, shape: dims, fortran: fortran === true }, at.budget, at.where);
}

function buildObject(target: PyObject, state: PyValue, at: At): void {
  if (target.state !== undefined) damaged(at.where, "an object is given its state twice");
  target.state = state;
}

/** BUILD: gives a made value its state. */
export function build(target: PyValue, state: PyValue, at: At): void {
  if (!isNode(target)) return damaged(at.where, "the pickle gives a state to a plain value");
  switch (target.py) {
    case "dtype": return buildDtype(target, state, at);
    case "array": return buildArray(target, state, at);
    case "object": return buildObject(target, state, at);
    // Subclasses of dict and list reach here with attributes of no interest.
    case "dict": case "list": case "set": return;
    default: return damaged(at.where, "the pickle gives a state to a value that has none");
  }
}

/** joblib writes an array's bytes into the stream, right behind the BUILD of its wrapper. */
export function readJoblibArray(
  target: PyArray, state: PyValue, cursor: Cursor, at: At, nested: () => PyValue,
): void {
  if (!isNode(state) || state.py !== "dict" || state.keys.length > 32) return damaged(at.where, "an array of joblib has no description");
  if (target.value !== undefined) damaged(at.where, "an array is completed twice");
  const type = asDtype(lookUp(state, "dtype"), at);
  const shape = asShape(lookUp(state, "shape"), at);
  if (type.kind === "scalar" && type.code === "O") {
    const inner = nested();
    if (!isNode(inner) || inner.py !== "array" || inner.value === undefined) return damaged(at.where, "an array of Python objects has no content");
    target.value = inner.value;
    return;
  }
  // Since joblib 1.3: one byte tells how many bytes of padding align the data.
  if (typeof lookUp(state, "numpy_array_alignment_bytes") === "number") cursor.take(cursor.u8());
  const bytes = cursor.take(countElements(shape, at.where) * type.size);
  target.value = decodeArray({ bytes, type, shape, fortran: lookUp(state, "order") === "F" }, at.budget, at.where);
}
