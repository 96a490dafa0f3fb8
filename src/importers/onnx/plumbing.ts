/** ONNX nodes that move, rename or select: shapes, casts, gathers, labels. */
import { hasField, isNdArray, isObjectArray, numberField, type Foreign } from "../../ir/foreign.js";
import type { Handler } from "./arithmetic.js";
import { encodeLeaves, asLeaves, leafwise } from "./leaves.js";
import { bad, opName, reshaped, sizeOf, taken, type Num } from "./numeric.js";
import { constantOf, names, numOf } from "./state.js";
import { take, type Const, type Fn, type Form, type Label, type Sym } from "./symbols.js";

const shapeOf = (s: Sym): readonly number[] | null =>
  s.kind === "form" || s.kind === "fn" || s.kind === "leaves" ? s.shape : s.kind === "const" ? s.tensor.shape : null;

/** The same elements in another shape; labels have one element, so that any shape of them is the same. */
function withShape(s: Sym, shape: (from: readonly number[]) => readonly number[]): Sym | null {
  if (s.kind === "form" || s.kind === "fn" || s.kind === "leaves") return { ...s, shape: shape(s.shape) };
  return s.kind === "label" || s.kind === "index" || s.kind === "test" ? s : null;
}

const same: Handler = (_f, [x]) => (x && x.kind !== "opaque" && x.kind !== "neighbours" ? [x] : null);

const reshape: Handler = (f, [x, wanted]) => {
  const attr = f.fields.get("shape");
  const to = numOf(wanted) ?? (isNdArray(attr) ? attr : undefined);
  const y = x && to ? withShape(x, (from) => reshaped(f, from, [...to.data])) : null;
  return y ? [y] : null;
};

const flatten: Handler = (_f, [x]) => {
  const y = x ? withShape(x, (s) => [s[0] ?? 1, sizeOf(s.slice(1))]) : null;
  return y ? [y] : null;
};

const axesList = (f: Foreign, second: Num | undefined): readonly number[] | null => {
  const attr = f.fields.get("axes");
  return isNdArray(attr) ? [...attr.data] : second ? [...second.data] : null;
};

const squeeze: Handler = (f, [x, second]) => {
  const axes = axesList(f, numOf(second));
  const y = x ? withShape(x, (s) => s.filter((d, i) => !(d === 1 && (axes === null || axes.some((a) => (a + s.length) % s.length === i))))) : null;
  return y ? [y] : null;
};

const unsqueeze: Handler = (f, [x, second]) => {
  const axes = axesList(f, numOf(second));
  const y = x && axes ? withShape(x, (s) => {
    const out = [...s];
    for (const a of axes) out.splice(a < 0 ? a + out.length + 1 : a, 0, 1);
    return out.length <= 16 ? out : bad(f, "too many dimensions");
  }) : null;
  return y ? [y] : null;
};

const STRING = 8, FLOATS = [1, 10, 11, 16];

const cast: Handler = (f, ins, state) => {
  const [x] = ins;
  const to = numberField(f, "to");
  if (x?.kind === "label") return [to === STRING ? { ...x, labels: x.labels.map(String) } : x];
  if (x?.kind === "index" || x?.kind === "test") return [x];
  if (FLOATS.includes(to)) return x?.kind === "form" || x?.kind === "fn" || x?.kind === "leaves" ? [x] : null;
  const leaves = asLeaves(state, x);
  const y = leaves ? leafwise(f, [leaves]) : null;
  return y ? [y] : null;
};

const classesOf = ({ tensor: t }: Const): readonly (string | number)[] => (isObjectArray(t) ? t.data.map((v) => (typeof v === "bigint" ? Number(v) : String(v))) : [...t.data]);

/** Class labels by index. */
function named(classes: Const, x: Sym): Label | null {
  const list = classesOf(classes);
  if (x.kind === "index") return { kind: "label", source: x, labels: list };
  if (x.kind !== "label" || x.labels.some((l) => typeof l !== "number" || list[l] === undefined)) return null;
  return { ...x, labels: x.labels.map((l) => list[Number(l)] ?? "") };
}

const select = (f: Foreign, x: Form, index: Num): Form | null => {
  const axis = opName(f) === "Gather" ? numberField(f, "axis", 0) : x.shape.length - 1;
  const at = axis < 0 ? axis + x.shape.length : axis;
  if (at !== x.shape.length - 1 || (at === 0 && x.shape.length > 1)) return null;
  const { count, from } = taken(f, x.shape, at, [...index.data]);
  return take(f, x, from, [...x.shape.slice(0, -1), count]);
};

const extract: Handler = (f, [x, index]) => {
  const at = numOf(index);
  if (x?.kind === "form" && at) {
    const y = select(f, x, at);
    return y ? [y] : null;
  }
  if (x?.kind === "const" && (index?.kind === "opaque" || index?.kind === "neighbours")) return [{ kind: "label", source: names(f, "__inputs__")[1] ?? "", labels: classesOf(x) }];
  const y = x?.kind === "const" && index && numOf(index) === undefined ? named(x, index) : null;
  return y ? [y] : null;
};

/** Parts side by side: forms of one value, or the two probabilities 1 - p and p. */
const concat: Handler = (f, ins) => {
  const fns = ins.filter((s): s is Fn => s.kind === "fn");
  const [no, yes] = fns;
  if (fns.length === 2 && ins.length === 2 && no && yes && no.name === "logistic" && yes.name === "logistic" && no.of === yes.of && no.scale === -1 && no.offset === 1 && yes.scale === 1 && yes.offset === 0) {
    return [{ ...yes, name: "logistic_pair", shape: [1, 2] }];
  }
  const forms = ins.filter((s): s is Form => s.kind === "form");
  const [first] = forms;
  if (!first || forms.length !== ins.length || forms.some((x) => x.base !== first.base || x.pick === null || sizeOf(x.shape) !== x.shape.at(-1))) return null;
  const axis = numberField(f, "axis");
  if (axis !== -1 && axis !== first.shape.length - 1) return null;
  const join = (part: (x: Form) => ArrayLike<number>): number[] => forms.flatMap((x) => Array.from(part(x)));
  const squares = forms.some((x) => x.a !== null);
  const c = Float64Array.from(join((x) => x.c));
  return [{
    ...first, shape: [...first.shape.slice(0, -1), c.length], c, w: Float64Array.from(join((x) => x.w)), pick: Int32Array.from(join((x) => x.pick ?? [])),
    a: squares ? Float64Array.from(join((x) => x.a ?? new Float64Array(x.c.length))) : null,
  }];
};

const listOf = (f: Foreign, fields: readonly string[]): readonly (string | number)[] | null => {
  for (const name of fields) {
    if (!hasField(f, name)) continue;
    const v = f.fields.get(name);
    const data = isNdArray(v) ? [...v.data] : isObjectArray(v) ? v.data : Array.isArray(v) ? v : [];
    if (data.length > 0) return data.map((x) => (typeof x === "number" ? x : String(x)));
  }
  return null;
};

/** Renames labels, or maps the leaves of a tree. */
const labelEncoder: Handler = (f, [x]) => {
  if (x?.kind === "leaves") {
    const y = encodeLeaves(f, x);
    return y ? [y] : null;
  }
  const keys = listOf(f, ["keys_int64s", "keys_strings", "keys_floats", "keys_tensor"]);
  const values = listOf(f, ["values_strings", "values_int64s", "values_floats", "values_tensor"]);
  if (!keys || !values || keys.length !== values.length) return null;
  const label: Label | null = x?.kind === "label" ? x : x?.kind === "index" ? { kind: "label", source: x, labels: keys.every((k, i) => k === i) ? [...keys.keys()] : [] } : null;
  if (label === null || label.labels.length === 0) return null;
  const table = new Map(keys.map((k, i) => [String(k), values[i] ?? ""]));
  return label.labels.every((l) => table.has(String(l))) ? [{ ...label, labels: label.labels.map((l) => table.get(String(l)) ?? "") }] : null;
};

/** Probabilities divided by their sum: those of one softmax are so already; one sigmoid a class makes scikit-learn's one-versus-rest. */
const normalizer: Handler = (f, [x]) => {
  if (x?.kind !== "fn" || f.fields.get("norm") !== "L1" || x.scale !== 1 || x.offset !== 0) return null;
  if (x.name === "softmax" || x.name.endsWith("_pair")) return [x];
  return x.name === "logistic" && sizeOf(x.shape) > 1 ? [{ ...x, name: "logistic_normalised" }] : null;
};

const shape: Handler = (_f, [x]) => {
  const s = x ? shapeOf(x) : null;
  return s ? [constantOf({ shape: [s.length], data: Float64Array.from(s) })] : null;
};

const constantNode: Handler = (f) => {
  for (const name of ["value", "value_floats", "value_ints", "value_strings"]) {
    const v = f.fields.get(name);
    if (isNdArray(v) || isObjectArray(v)) return [{ kind: "const", tensor: v, num: isNdArray(v) ? { shape: v.shape, data: Float64Array.from(v.data) } : null }];
  }
  const v = f.fields.get("value_float") ?? f.fields.get("value_int");
  return typeof v === "number" ? [constantOf({ shape: [], data: Float64Array.of(v) })] : null;
};

export const plumbing: Readonly<Record<string, Handler>> = {
  Identity: same, Dropout: same, ZipMap: same, Cast: cast, CastLike: same, Reshape: reshape, Flatten: flatten, Squeeze: squeeze, Unsqueeze: unsqueeze, Shape: shape, Constant: constantNode,
  ArrayFeatureExtractor: extract, Gather: extract, Concat: concat, LabelEncoder: labelEncoder, Normalizer: normalizer,
};
