/**
 * The pickle machine, protocols 0 to 5: bytes to Python values, without ever calling anything.
 * Source of truth: CPython's `pickle.py` and `pickletools.py`; what known globals mean stands in `known.ts`.
 */
import { fail } from "../../ir/diagnostics.js";
import { Cursor, decodeUtf8, latin1 } from "./cursor.js";
import { build, call, readJoblibArray } from "./known.js";
import { type LineKind, parseLine } from "./literals.js";
import { type Budget, clip, damaged, LIMITS, tooLarge } from "./limits.js";
import { dict, isNode, object, type PyDict, type PyGlobal, type PyValue, sequence } from "./values.js";

/** Stack, marks and memo of one running pickle. */
class Machine {
  readonly stack: PyValue[] = [];
  readonly marks: number[] = [];
  readonly memo = new Map<number, PyValue>();

  constructor(readonly cursor: Cursor, readonly budget: Budget, readonly nesting: number) {}

  get where(): string {
    return `${this.cursor.where}, byte ${this.cursor.at}`;
  }

  push(v: PyValue): void {
    if (typeof v === "object" && v !== null) this.budget.spend(LIMITS.nodeCost);
    this.stack.push(v);
  }

  /** The height below which only marks may reach. */
  #floor(): number {
    return this.marks.at(-1) ?? 0;
  }

  pop(): PyValue {
    if (this.stack.length <= this.#floor()) damaged(this.where, "the pickle takes from an empty stack");
    return this.stack.pop() as PyValue;
  }

  top(): PyValue {
    if (this.stack.length <= this.#floor()) damaged(this.where, "the pickle reads an empty stack");
    return this.stack.at(-1) as PyValue;
  }

  popMark(): PyValue[] {
    const height = this.marks.pop();
    return height === undefined ? damaged(this.where, "the pickle closes a group that it did not open") : this.stack.splice(height);
  }

  put(index: number): void {
    this.memo.set(index, this.top());
  }

  get(index: number): void {
    const v = this.memo.get(index);
    if (v === undefined) damaged(this.where, "the pickle refers to a value that it did not store");
    else this.stack.push(v);
  }

  global(name: PyValue): PyGlobal {
    return isNode(name) && name.py === "global" ? name : damaged(this.where, "the pickle calls something that is not a class or function");
  }
}

type Op = (m: Machine) => void;

const OLD_MODULES: Readonly<Record<string, string>> = { __builtin__: "builtins", copy_reg: "copyreg" };

function makeGlobal(m: Machine, module: PyValue, name: PyValue): PyGlobal {
  if (typeof module !== "string" || typeof name !== "string") return damaged(m.where, "the pickle names a class with something other than text");
  if (module.length + name.length > LIMITS.nameChars) return damaged(m.where, "the pickle names a class with an absurdly long name");
  const home = Object.hasOwn(OLD_MODULES, module) ? OLD_MODULES[module] : module;
  return { py: "global", name: `${home}.${name}` };
}

/** Integers beyond 64 bits and escapes cost about this much a character. */
const TEXT_COST = 8;

/** The argument of a text opcode. */
function line(m: Machine, kind: LineKind): PyValue {
  const text = m.cursor.line(kind === "string" || kind === "unicode" ? LIMITS.lineChars : LIMITS.longBytes);
  m.budget.spend(text.length * TEXT_COST);
  return parseLine(kind, text, m.where);
}

function long(m: Machine, length: number): PyValue {
  if (length < 0 || length > LIMITS.longBytes) return damaged(m.where, `an integer has ${length} bytes`);
  m.budget.spend(length * TEXT_COST);
  const bytes = m.cursor.take(length);
  if (length === 0) return 0;
  const v = BigInt.asIntN(length * 8, BigInt(`0x${Buffer.from(bytes.toReversed()).toString("hex")}`));
  return v >= -(2n ** 53n) && v <= 2n ** 53n ? Number(v) : v;
}

function append(m: Machine, target: PyValue, added: readonly PyValue[]): void {
  const to = !isNode(target) ? undefined : target.py === "list" || target.py === "set" ? target.items : target.py === "object" ? (target.items ??= []) : undefined;
  if (to === undefined) damaged(m.where, "the pickle appends to something that is not a list");
  else for (const v of added) to.push(v);
}

function setItems(m: Machine, target: PyValue, pairs: readonly PyValue[]): void {
  const to: PyDict | undefined = !isNode(target) ? undefined : target.py === "dict" ? target : target.py === "object" ? (target.entries ??= dict()) : undefined;
  if (to === undefined || pairs.length % 2 !== 0) damaged(m.where, "the pickle sets entries of something that is not a dict");
  else for (let i = 0; i < pairs.length; i += 2) {
    to.keys.push(pairs[i] as PyValue);
    to.values.push(pairs[i + 1] as PyValue);
  }
}

function newDict(m: Machine): PyDict {
  const d = dict();
  setItems(m, d, m.popMark());
  return d;
}

function buildTop(m: Machine): void {
  const state = m.pop();
  const target = m.top();
  if (isNode(target) && target.py === "array" && target.source === "joblib") {
    readJoblibArray(target, state, m.cursor, m, () => nested(m));
  } else build(target, state, m);
}

/** joblib puts a whole pickle behind the wrapper of an object array. */
function nested(m: Machine): PyValue {
  if (m.nesting >= LIMITS.nestedPickles) return tooLarge(m.where, "pickles are nested too deeply");
  return execute(new Machine(m.cursor, m.budget, m.nesting + 1));
}

function refuse(what: string): Op {
  return (m) => fail("sklearn/unsupported-pickle", m.where, what, "Save the model with pickle.dump or joblib.dump to one plain file, without custom picklers.");
}

function tuple(size: number): Op {
  return (m) => {
    const items: PyValue[] = [];
    for (let i = 0; i < size; i++) items.push(m.pop());
    m.push(sequence("tuple", items.toReversed()));
  };
}

/** NEWOBJ and NEWOBJ_EX call `cls.__new__(cls, *args, **kwargs)`. */
function newObject(m: Machine, hasKeywords: boolean): void {
  const keywords = hasKeywords ? m.pop() : undefined;
  const args = m.pop();
  const type = m.global(m.pop());
  const made = call(type.name, args, m);
  const bare = keywords === undefined || (isNode(keywords) && keywords.py === "dict" && keywords.keys.length === 0);
  m.push(bare ? made : object(type.name, sequence("tuple", [args, keywords])));
}

const OPS: Readonly<Record<number, Op>> = {
  0x80: (m) => { const v = m.cursor.u8(); if (v > 5) refuse(`the pickle has protocol ${v}; 0 to 5 are known`)(m); },
  0x95: (m) => { m.cursor.u64(); },
  0x28: (m) => { m.marks.push(m.stack.length); },
  0x30: (m) => { if (m.stack.length === m.marks.at(-1)) m.marks.pop(); else m.pop(); },
  0x31: (m) => { m.popMark(); },
  0x32: (m) => m.push(m.top()),
  // Constants and numbers.
  0x4e: (m) => m.push(null),
  0x88: (m) => m.push(true),
  0x89: (m) => m.push(false),
  0x49: (m) => m.push(line(m, "int")),
  0x4c: (m) => m.push(line(m, "long")),
  0x46: (m) => m.push(line(m, "float")),
  0x4a: (m) => m.push(m.cursor.i32()),
  0x4b: (m) => m.push(m.cursor.u8()),
  0x4d: (m) => m.push(m.cursor.u16()),
  0x47: (m) => m.push(m.cursor.f64BigEndian()),
  0x8a: (m) => m.push(long(m, m.cursor.u8())),
  0x8b: (m) => m.push(long(m, m.cursor.i32())),
  // Text and bytes; Python 2's str is read as latin-1.
  0x53: (m) => m.push(line(m, "string")),
  0x56: (m) => m.push(line(m, "unicode")),
  0x54: (m) => m.push(latin1(m.cursor.string(m.cursor.i32()))),
  0x55: (m) => m.push(latin1(m.cursor.string(m.cursor.u8()))),
  0x58: (m) => m.push(decodeUtf8(m.cursor.string(m.cursor.u32()), m.where)),
  0x8c: (m) => m.push(decodeUtf8(m.cursor.string(m.cursor.u8()), m.where)),
  0x8d: (m) => m.push(decodeUtf8(m.cursor.string(m.cursor.u64()), m.where)),
  0x42: (m) => m.push(m.cursor.take(m.cursor.u32())),
  0x43: (m) => m.push(m.cursor.take(m.cursor.u8())),
  0x8e: (m) => m.push(m.cursor.take(m.cursor.u64())),
  0x96: (m) => m.push(m.cursor.take(m.cursor.u64())),
  // Containers.
  0x5d: (m) => m.push(sequence("list", [])),
  0x7d: (m) => m.push(dict()),
  0x29: (m) => m.push(sequence("tuple", [])),
  0x8f: (m) => m.push(sequence("set", [])),
  0x6c: (m) => m.push(sequence("list", m.popMark())),
  0x74: (m) => m.push(sequence("tuple", m.popMark())),
  0x64: (m) => m.push(newDict(m)),
  0x85: tuple(1),
  0x86: tuple(2),
  0x87: tuple(3),
  0x61: (m) => { const v = m.pop(); append(m, m.top(), [v]); },
  0x65: (m) => { const added = m.popMark(); append(m, m.top(), added); },
  0x73: (m) => { const v = m.pop(); const k = m.pop(); setItems(m, m.top(), [k, v]); },
  0x75: (m) => { const pairs = m.popMark(); setItems(m, m.top(), pairs); },
  0x90: (m) => { const added = m.popMark(); append(m, m.top(), added); },
  0x91: (m) => m.push(sequence("set", m.popMark())),
  // Memo.
  0x70: (m) => m.put(Number(line(m, "int"))),
  0x71: (m) => m.put(m.cursor.u8()),
  0x72: (m) => m.put(m.cursor.u32()),
  0x94: (m) => m.put(m.memo.size),
  0x67: (m) => m.get(Number(line(m, "int"))),
  0x68: (m) => m.get(m.cursor.u8()),
  0x6a: (m) => m.get(m.cursor.u32()),
  // Objects, all inert.
  0x63: (m) => m.push(makeGlobal(m, m.cursor.line(LIMITS.nameChars), m.cursor.line(LIMITS.nameChars))),
  0x93: (m) => { const name = m.pop(); m.push(makeGlobal(m, m.pop(), name)); },
  0x52: (m) => { const args = m.pop(); m.push(call(m.global(m.pop()).name, args, m)); },
  0x81: (m) => newObject(m, false),
  0x92: (m) => newObject(m, true),
  0x6f: (m) => { const [type, ...args] = m.popMark(); m.push(object(m.global(type ?? null).name, sequence("tuple", args))); },
  0x69: (m) => {
    const type = makeGlobal(m, m.cursor.line(LIMITS.nameChars), m.cursor.line(LIMITS.nameChars));
    m.push(object(type.name, sequence("tuple", m.popMark())));
  },
  0x62: buildTop,
  // What would need something outside the file.
  0x50: refuse("the pickle refers to a persistent object outside the file"),
  0x51: refuse("the pickle refers to a persistent object outside the file"),
  0x82: refuse("the pickle uses the extension registry"),
  0x83: refuse("the pickle uses the extension registry"),
  0x84: refuse("the pickle uses the extension registry"),
  0x97: refuse("the pickle keeps its arrays in buffers outside the file"),
  0x98: refuse("the pickle keeps its arrays in buffers outside the file"),
};

const OP_TABLE: readonly (Op | undefined)[] = Array.from({ length: 256 }, (_, code) => OPS[code]);
const STOP = 0x2e;

function execute(m: Machine): PyValue {
  for (;;) {
    const code = m.cursor.u8();
    if (code === STOP) return m.pop();
    m.budget.opcode();
    const op = OP_TABLE[code];
    if (op === undefined) return damaged(m.where, `0x${code.toString(16)} is not a pickle opcode`);
    op(m);
  }
}

/** Reads one pickle (bytes after its end are ignored, as Python does). */
export function readPickle(bytes: Uint8Array, file: string, budget: Budget): PyValue {
  return execute(new Machine(new Cursor(bytes, clip(file, 200)), budget, 0));
}
