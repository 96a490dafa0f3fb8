/** Maths on the leaf that x falls into: done once per leaf, here, so that an isolation forest is again one table of trees. */
import { hasField, isNdArray, type Foreign } from "../../ir/foreign.js";
import type { Value } from "../../ir/op.js";
import { numeric, opName, type Num } from "./numeric.js";
import { nodeOf, numOf, type State } from "./state.js";
import { isIdentity, type Leaves, type Sym } from "./symbols.js";

/** The output of a single tree as a function of its leaves; null where the form is anything else. */
export function asLeaves(state: State, s: Sym | undefined): Leaves | null {
  if (s?.kind === "leaves") return s;
  if (s?.kind !== "form" || !isIdentity(s) || s.n !== 1) return null;
  const node = nodeOf(state, s.base);
  const a = node?.attrs as { readonly roots?: Int32Array; readonly values?: Float64Array; readonly base?: Float64Array; readonly divide?: number } | undefined;
  if (node?.op !== "tree_ensemble" || a?.roots?.length !== 1 || a.base?.[0] !== 0 || a.divide !== 1 || !a.values) return null;
  return { kind: "leaves", shape: s.shape, terms: [{ tree: s.base, rows: a.values }], bias: 0 };
}

const scalar = (s: Sym): number | null => { const n = numOf(s); return n?.data.length === 1 ? (n.data[0] ?? null) : null; };

/** Rows of a single tree's function, the bias within. */
const rowsOf = (l: Leaves): Num => ({ shape: [l.terms[0]?.rows.length ?? 0], data: (l.terms[0]?.rows ?? new Float64Array(0)).map((v) => v + l.bias) });

function sameTree(f: Foreign, ins: readonly Sym[], tree: Value, shape: readonly number[]): Leaves | null {
  const kernel = numeric[opName(f)];
  const nums: Num[] = [];
  for (const s of ins) {
    const k = scalar(s);
    if (s.kind === "leaves") nums.push(rowsOf(s));
    else if (k !== null) nums.push({ shape: [1], data: Float64Array.of(k) });
    else return null;
  }
  return kernel ? { kind: "leaves", shape, terms: [{ tree, rows: kernel(f, nums).data }], bias: 0 } : null;
}

function times(l: Leaves, k: number): Leaves {
  return { ...l, bias: l.bias * k, terms: l.terms.map((t) => ({ ...t, rows: t.rows.map((v) => v * k) })) };
}

/** Sums of functions of several trees, constants among them. */
function total(ins: readonly Sym[]): Leaves | null {
  const terms = new Map<Value, Float64Array>();
  let bias = 0;
  for (const s of ins) {
    const k = scalar(s);
    if (s.kind !== "leaves") {
      if (k === null) return null;
      bias += k;
      continue;
    }
    bias += s.bias;
    for (const t of s.terms) {
      const own = terms.get(t.tree);
      terms.set(t.tree, own ? own.map((v, i) => v + (t.rows[i] ?? 0)) : t.rows);
    }
  }
  return { kind: "leaves", shape: [1, 1], terms: [...terms].map(([tree, rows]) => ({ tree, rows })), bias };
}

/** Sums and multiples of functions of several trees. */
function combined(f: Foreign, ins: readonly Sym[]): Leaves | null {
  const [x, y] = ins;
  const op = opName(f);
  if (op === "Add" || op === "Sum") return total(ins);
  if (x?.kind !== "leaves") return null;
  if (op === "Neg") return times(x, -1);
  const k = y ? scalar(y) : null;
  if (k === null) return null;
  if (op === "Mul") return times(x, k);
  if (op === "Div") return times(x, 1 / k);
  return op === "Sub" ? { ...x, bias: x.bias - k } : null;
}

/** Any plain operator on functions of one tree's leaves; sums and multiples over several trees. */
export function leafwise(f: Foreign, ins: readonly Sym[]): Leaves | null {
  const leaves = ins.filter((s) => s.kind === "leaves");
  const trees = new Set(leaves.flatMap((l) => l.terms.map((t) => t.tree)));
  const [tree] = trees;
  const [first] = leaves;
  if (tree === undefined || !first) return null;
  return trees.size === 1 ? sameTree(f, ins, tree, first.shape) : combined(f, ins);
}

/** A LabelEncoder from numbers to numbers, applied to every leaf. */
export function encodeLeaves(f: Foreign, l: Leaves): Leaves | null {
  const list = (names: readonly string[]): ArrayLike<number> | null => {
    const v = names.filter((n) => hasField(f, n)).map((n) => f.fields.get(n)).find((x) => isNdArray(x));
    return isNdArray(v) ? v.data : null;
  };
  const [keys, values] = [list(["keys_int64s", "keys_floats", "keys_tensor"]), list(["values_floats", "values_int64s", "values_tensor"])];
  const [term] = l.terms;
  if (!keys || !values || !term || l.terms.length !== 1 || keys.length !== values.length) return null;
  const table = new Map(Array.from(keys, (k, i) => [k, values[i] ?? 0]));
  const rows = rowsOf(l).data.map((v) => table.get(v) ?? NaN);
  return rows.some(Number.isNaN) ? null : { ...l, terms: [{ tree: term.tree, rows }], bias: 0 };
}
