/**
 * skops files (a zip of `schema.json` and `.npy` entries) to the same values a pickle gives.
 * Source of truth: `skops/io/_general.py`, `_numpy.py`, `_sklearn.py` (protocols 0 to 2, skops 0.9 to 0.16).
 */
import { fail } from "../../ir/diagnostics.js";
import { decodeUtf8 } from "./cursor.js";
import { type Budget, clip, damaged, LIMITS, tooLarge } from "./limits.js";
import { decodeArray, decodeScalar } from "./ndarray.js";
import { splitNpy } from "./npy.js";
import { array, dict, object, type PyDict, type PyValue, sequence } from "./values.js";
import { unzip } from "./zip.js";

const SCHEMA = "schema.json";
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Node = { readonly [key: string]: Json };

interface Context {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly where: string;
  readonly budget: Budget;
  readonly seen: Map<number, PyValue>;
  readonly arrays: Map<string, PyValue>;
  depth: number;
}

/** Whether a zip lists a `schema.json`; the list of names stands at its end. */
export function isSkops(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).lastIndexOf(SCHEMA) > 0;
}

const isNode = (v: Json | undefined): v is Node => typeof v === "object" && v !== null && !Array.isArray(v);
const own = (n: Node, key: string): Json | undefined => (Object.hasOwn(n, key) ? n[key] : undefined);

function node(c: Context, v: Json | undefined): Node {
  return isNode(v) ? v : damaged(c.where, "the schema lacks a node");
}

function list(c: Context, v: Json | undefined): readonly Json[] {
  return Array.isArray(v) ? v : damaged(c.where, "the schema lacks a list");
}

function text(c: Context, n: Node, key: string): string {
  const v = own(n, key);
  return typeof v === "string" && v.length <= LIMITS.stringBytes ? v : damaged(c.where, `a node of the schema has no text "${key}"`);
}

const typeName = (c: Context, n: Node): string => clip(`${text(c, n, "__module__")}.${text(c, n, "__class__")}`, LIMITS.nameChars);

/** A JSON literal; Python also writes NaN and infinities, and integers of any length. */
function literal(c: Context, source: string): PyValue {
  if (/^-?\d+$/.test(source)) {
    if (source.length > 2 * LIMITS.longBytes) return damaged(c.where, "an integer of the schema is too long");
    const v = BigInt(source);
    return v >= -(2n ** 53n) && v <= 2n ** 53n ? Number(v) : v;
  }
  if (source === "NaN") return NaN;
  if (source === "Infinity" || source === "-Infinity") return source === "Infinity" ? Infinity : -Infinity;
  const v = parseJson(c.where, source);
  return typeof v === "object" && v !== null ? damaged(c.where, "a plain value of the schema is none") : v;
}

function parseJson(where: string, source: string): Json {
  try {
    return JSON.parse(source) as Json;
  } catch {
    return damaged(where, "the schema is not valid JSON");
  }
}

/** Keys of a JSON object are text; `key_types` tells what they were. */
function keyOf(c: Context, key: string, type: Json | undefined): PyValue {
  const name = isNode(type) ? own(type, "__class__") : undefined;
  if (typeof name !== "string" || name === "str" || name === "str_") return key;
  if (/^(int|uint|float)\d*$|^(intp|long|longlong)$/.test(name)) return literal(c, key);
  if (name === "bool" || name === "bool_") return key === "True" || key === "true";
  return name === "NoneType" ? null : key;
}

function dictOf(c: Context, n: Node): PyDict {
  const out = dict();
  const types = own(n, "key_types");
  const kinds = isNode(types) ? list(c, own(types, "content")) : [];
  Object.entries(node(c, own(n, "content"))).forEach(([key, v], i) => {
    out.keys.push(keyOf(c, key, kinds[i]));
    out.values.push(value(c, v));
  });
  return out;
}

const items = (c: Context, v: Json | undefined): PyValue[] => list(c, v).map((x) => value(c, x));

/** Items of an object array of any rank, row by row: inner lists are rows only as deep as the shape goes. */
function flatten(c: Context, v: readonly Json[], shape: readonly number[], out: PyValue[]): void {
  const [count, ...inner] = shape;
  if (v.length !== count) damaged(c.where, "an array of Python objects has a list of another length");
  for (const x of v) {
    if (inner.length === 0) out.push(value(c, x));
    else flatten(c, list(c, own(node(c, x), "content")), inner, out);
  }
}

function ndarray(c: Context, n: Node): PyValue {
  if (own(n, "type") === "json") {
    const shape = list(c, own(node(c, own(n, "shape")), "content")).map((x) => value(c, x));
    if (shape.length === 0 || shape.length > LIMITS.rank) return damaged(c.where, "an array of Python objects has no valid shape");
    const dims = shape.map((x) => (typeof x === "number" ? x : damaged(c.where, "an array of Python objects has no valid shape")));
    const out: PyValue[] = [];
    flatten(c, list(c, own(n, "content")), dims, out);
    return { py: "objects", shape: dims, items: out };
  }
  const name = text(c, n, "file");
  const known = c.arrays.get(name);
  if (known !== undefined) return known;
  const raw = splitNpy(c.files.get(name) ?? damaged(c.where, `the file lacks its entry "${clip(name)}"`), `${c.where}: ${clip(name)}`);
  // A numpy scalar is stored as an array without dimensions.
  const isScalar = text(c, n, "__class__") !== "ndarray" && raw.shape.length === 0 && raw.type.kind === "scalar";
  const made = isScalar ? decodeScalar(raw.type, raw.bytes, c.budget, c.where) : array("numpy", decodeArray(raw, c.budget, c.where));
  c.arrays.set(name, made);
  return made;
}

/** The dtype of an empty array stands for a dtype itself. */
function dtypeOf(c: Context, n: Node): PyValue {
  const name = text(c, node(c, own(n, "content")), "file");
  const { type } = splitNpy(c.files.get(name) ?? damaged(c.where, `the file lacks its entry "${clip(name)}"`), c.where);
  return { py: "dtype", type, built: true };
}

/** Nodes with `__reduce__` (trees, losses) carry constructor arguments beside their state. */
function reduced(c: Context, n: Node): PyValue {
  const args = own(node(c, own(n, "__reduce__")), "args");
  return object(typeName(c, n), value(c, args), value(c, own(n, "content")));
}

/** Nodes whose content is a plain table of nodes: random generators, masked arrays, partials. */
function table(c: Context, n: Node): PyValue {
  const state = dict();
  for (const [key, v] of Object.entries(node(c, own(n, "content")))) {
    if (!isNode(v)) continue;
    state.keys.push(key);
    state.values.push(value(c, v));
  }
  return object(typeName(c, n), undefined, state);
}

/** `slice(start, stop, step)`; its three parts are plain JSON. */
function slice(c: Context, n: Node): PyValue {
  const content = node(c, own(n, "content"));
  const parts = ["start", "stop", "step"].map((key): PyValue => {
    const v = own(content, key);
    return typeof v === "number" ? v : isNode(v) ? value(c, v) : null;
  });
  return object("builtins.slice", sequence("tuple", parts));
}

function bytesOf(c: Context, n: Node): Uint8Array {
  const name = text(c, n, "file");
  return c.files.get(name) ?? damaged(c.where, `the file lacks its entry "${clip(name)}"`);
}

const inner = (c: Context, n: Node): PyValue => value(c, own(node(c, own(n, "content")), "main"));
const named = (c: Context, n: Node): PyValue => ({ py: "global", name: typeName(c, n) });

const LOADERS: Readonly<Record<string, (c: Context, n: Node) => PyValue>> = {
  ObjectNode: (c, n) => object(typeName(c, n), undefined, own(n, "content") === undefined ? undefined : value(c, own(n, "content"))),
  ConstructorFromReduceNode: (c, n) => object(typeName(c, n), value(c, own(n, "content"))),
  DictNode: dictOf,
  DefaultDictNode: inner,
  _DictWithDeprecatedKeysNode: inner,
  ListNode: (c, n) => sequence("list", items(c, own(n, "content"))),
  TupleNode: (c, n) => sequence("tuple", items(c, own(n, "content"))),
  SetNode: (c, n) => sequence("set", items(c, own(n, "content"))),
  JsonNode: (c, n) => literal(c, text(c, n, "content")),
  NdArrayNode: ndarray,
  DTypeNode: dtypeOf,
  TreeNode: reduced,
  LossNode: reduced,
  SGDNode: reduced,
  QuantileForestNode: reduced,
  TypeNode: named,
  FunctionNode: named,
  OperatorFuncNode: (c, n) => object(typeName(c, n), own(n, "attrs") === undefined ? undefined : value(c, own(n, "attrs"))),
  RandomStateNode: (c, n) => object(typeName(c, n), undefined, value(c, own(n, "content"))),
  RandomGeneratorNode: table,
  MaskedArrayNode: table,
  PartialNode: table,
  MethodNode: table,
  SliceNode: slice,
  SparseMatrixNode: (c, n) => object(typeName(c, n)),
  BytesNode: bytesOf,
  BytearrayNode: bytesOf,
};

function value(c: Context, v: Json | undefined): PyValue {
  const n = node(c, v);
  const id = own(n, "__id__");
  // Python takes the first node of an id wherever the id comes again.
  const known = typeof id === "number" ? c.seen.get(id) : undefined;
  if (known !== undefined) return known;
  const loader = text(c, n, "__loader__");
  const load = Object.hasOwn(LOADERS, loader) ? LOADERS[loader] : undefined;
  if (load === undefined) {
    return fail("sklearn/unsupported-skops", c.where, `the file has a node of the unknown kind "${clip(loader)}"`, "Supported are files of skops 0.9 to 0.16; pickle.dump and joblib.dump work too.");
  }
  // A frozen node nests twice as deep in the schema: object, then its dict.
  if (c.depth > 2 * LIMITS.depth) return tooLarge(c.where, "the schema is nested too deeply");
  c.depth++;
  c.budget.spend(LIMITS.nodeCost);
  const made = load(c, n);
  c.depth--;
  if (typeof id === "number") c.seen.set(id, made);
  return made;
}

/** Refuses depth before JSON.parse meets it: millions of open brackets cost it seconds. */
function checkDepth(json: Uint8Array, where: string): void {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < json.length; i++) {
    const b = json[i];
    if (b === 0x22) quoted = !quoted;
    else if (quoted) i += b === 0x5c ? 1 : 0;
    else if (b === 0x5b || b === 0x7b) {
      // Object, its dict, the dict's content, a list: each value takes at most four brackets.
      if (++depth > 4 * LIMITS.depth) tooLarge(where, "the schema is nested too deeply");
    } else if (b === 0x5d || b === 0x7d) depth--;
  }
}

/** Reads a skops file. */
export function readSkops(bytes: Uint8Array, where: string, budget: Budget): PyValue {
  const files = unzip(bytes, where);
  const schema = files.get(SCHEMA);
  if (schema === undefined) {
    return fail("sklearn/unknown-container", where, "the zip file has no schema.json", "Supported zip files are those of skops.io.dump.");
  }
  if (schema.length > LIMITS.schemaBytes) return tooLarge(where, `its schema has ${schema.length} bytes`);
  checkDepth(schema, where);
  return value({ files, where, budget, seen: new Map(), arrays: new Map(), depth: 0 }, parseJson(where, decodeUtf8(schema, where)));
}
