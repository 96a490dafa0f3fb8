/** Nearest neighbours: a Scan of distances, TopK, and a vote or mean that is recognised by what it computes. */
import { hasField, isForeign, isNdArray, isObjectArray, numberField, stringField, type Foreign, type ForeignValue } from "../../../ir/foreign.js";
import type { Value } from "../../../ir/op.js";
import type { Handler } from "../arithmetic.js";
import { type Num } from "../numeric.js";
import { constant, names, numOf, place, trial, type Scope, type State } from "../state.js";
import { type Distances, type Neighbours, type Sym } from "../symbols.js";

const TRIALS = 12;
/** Rows times nodes that are tried. */
const MAX_WORK = 4_000_000;
const MAX_POINTS = 65535;

/** Repeatable numbers in [0, 1). */
function chance(seed: number): () => number {
  let s = (seed * 2654435761 + 12345) >>> 0;
  return () => (s = (Math.imul(s, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

const same = (n: number, v: number): readonly number[] => Array.from({ length: n }, () => v);
const near = (p: number, q: number): boolean => Math.abs(p - q) <= 1e-5 * Math.max(1, Math.abs(p), Math.abs(q));

/** power -> distance of two rows, before any root. */
const metrics: readonly (readonly [number, (d: Float64Array) => number])[] = [
  [2, (d) => d.reduce((s, v) => s + v * v, 0)],
  [1, (d) => d.reduce((s, v) => s + Math.abs(v), 0)],
  [0, (d) => d.reduce((s, v) => Math.max(s, Math.abs(v)), 0)],
];

const list = (f: Foreign, name: string): readonly ForeignValue[] => { const v = f.fields.get(name); return Array.isArray(v) ? v : []; };
const named = (v: ForeignValue | undefined): string => (v instanceof Map ? String(v.get("name")) : "");

/** What a Scan's body computes of the row and one stored point, as a power; null where it is no distance. */
function powerOf(body: Foreign, features: number): number | null {
  const known = new Map<string, Sym>();
  const inits = body.fields.get("initializers");
  if (inits instanceof Map) for (const [k, v] of inits) if (isNdArray(v) || isObjectArray(v)) known.set(String(k), constant(v));
  const makers = new Map(list(body, "nodes").filter(isForeign).flatMap((n) => names(n, "__outputs__").map((o) => [o, n] as const)));
  const scope: Scope = { known, makers };
  const [row, point] = list(body, "inputs").map(named);
  const out = named(list(body, "outputs")[1]);
  if (row === undefined || point === undefined) return null;
  const fits = (distance: (d: Float64Array) => number): boolean => {
    for (let t = 0; t < 4; t++) {
      const next = chance(t + 1);
      const [x, p] = [0, 1].map(() => Float64Array.from({ length: features }, () => next() * 4 - 2)) as [Float64Array, Float64Array];
      const y = trial(scope, out, new Map([[row, { shape: [1, features], data: x }], [point, { shape: [features], data: p }]]));
      if (y?.data.length !== 1 || !near(y.data[0] ?? NaN, distance(x.map((v, i) => v - (p[i] ?? 0))))) return false;
    }
    return true;
  };
  return metrics.find(([, d]) => fits(d))?.[0] ?? null;
}

function distances(of: Sym | undefined, points: Num | undefined, power: number, root: boolean): Distances | null {
  const [rows = 0, features = 0] = points?.shape ?? [];
  if (of?.kind !== "form" || !points || points.shape.length !== 2 || of.c.length !== features || rows < 1 || rows > MAX_POINTS || !points.data.every(Number.isFinite)) return null;
  return { kind: "distances", of, points, power, root };
}

const scan: Handler = (f, ins) => {
  const [x, points] = ins;
  const body = f.fields.get("body");
  const p = numOf(points);
  if (x?.kind !== "form" || !p || !isForeign(body) || ins.length !== 2 || numberField(f, "num_scan_inputs", 1) !== 1) return null;
  const power = powerOf(body, x.c.length);
  const d = power === null ? null : distances(x, p, power, false);
  return d === null ? null : [x, d];
};

const cdist: Handler = (f, [x, points]) => {
  const metric = stringField(f, "metric", "sqeuclidean");
  const d = metric === "euclidean" || metric === "sqeuclidean" ? distances(x, numOf(points), 2, metric === "euclidean") : null;
  return d === null ? null : [d];
};

const topK: Handler = (f, [x, count]) => {
  const k = numOf(count)?.data[0] ?? (hasField(f, "k") ? numberField(f, "k") : NaN);
  if (x?.kind !== "distances" || numberField(f, "largest", 1) !== 0 || !(Number.isInteger(k) && k >= 1 && k <= Math.min(255, x.points.shape[0] ?? 0))) return null;
  const [values = "", indices = ""] = names(f, "__outputs__");
  const n = { kind: "neighbours" as const, search: x, k, values, indices };
  return [n, n];
};

export const neighbourNodes: Readonly<Record<string, Handler>> = {
  Scan: scan, CDist: cdist, TopK: topK,
  Transpose: (_f, [x]) => (x?.kind === "distances" ? [x] : null),
};

/** What rows make of an output when they are the neighbours, each as far as told. */
function answer(state: State, n: Neighbours, name: string, rows: readonly number[], far: readonly number[]): Float64Array | null {
  const given = new Map<string, Num>([[n.indices, { shape: [1, n.k], data: Float64Array.from(rows) }], [n.values, { shape: [1, n.k], data: Float64Array.from(far) }]]);
  return trial(state, name, given)?.data ?? null;
}

/** (rows, width): what each stored row says alone; then, whether the mean is plain or weighted by 1 / distance. */
function votes(state: State, n: Neighbours, name: string): { readonly each: readonly Float64Array[]; readonly weighted: boolean } | null {
  const rows = n.search.points.shape[0] ?? 0;
  if (rows * state.makers.size > MAX_WORK) return null;
  const each: Float64Array[] = [];
  for (let r = 0; r < rows; r++) {
    const y = answer(state, n, name, same(n.k, r), same(n.k, 1));
    if (y === null || y.some((v) => !Number.isFinite(v)) || (each[0] && y.length !== each[0].length)) return null;
    each.push(y);
  }
  const fits = (weight: (d: number) => number): boolean => {
    for (let t = 0; t < TRIALS; t++) {
      const next = chance(t + 7);
      const chosen = Array.from({ length: n.k }, () => Math.floor(next() * rows));
      const far = Array.from({ length: n.k }, () => 0.25 + next() * 3).toSorted((p, q) => p - q);
      const total = far.reduce((s, d) => s + weight(d), 0);
      const y = answer(state, n, name, chosen, far);
      if (!y?.every((v, c) => near(v, chosen.reduce((s, r, i) => s + weight(far[i] ?? 1) * (each[r]?.[c] ?? 0), 0) / total))) return false;
    }
    return true;
  };
  if (fits(() => 1)) return { each, weighted: false };
  const asRoot = n.search.power !== 2 || n.search.root;
  return asRoot && fits((d) => 1 / d) ? { each, weighted: true } : null;
}

/** The stored rows in the given order, and what they say. */
function add(state: State, n: Neighbours, node: Foreign, order: readonly number[], said: { readonly kind: string; readonly weighted: boolean; readonly target: Float64Array }): Value {
  const { points, power, of } = n.search;
  const [rows = 0, features = 0] = points.shape;
  const data = Float64Array.from({ length: rows * features }, (_, at) => points.data[(order[Math.floor(at / features)] ?? 0) * features + (at % features)] ?? 0);
  return state.builder.add("neighbours", { rows, features, k: n.k, power, points: data, ...said }, [place(state, node, of)]);
}

function classifier(state: State, n: Neighbours, node: Foreign, v: NonNullable<ReturnType<typeof votes>>, label: Sym | undefined): boolean {
  const classes = v.each.map((y) => y.findIndex((s) => near(s, 1)));
  const width = v.each[0]?.length ?? 0;
  const pure = v.each.every((y, r) => y.every((s, c) => near(s, c === classes[r] ? 1 : 0)));
  if (!pure || label?.kind !== "label" || typeof label.source !== "string" || label.labels.length !== width) return false;
  for (let r = 0; r < v.each.length; r++) {
    const told = answer(state, n, label.source, same(n.k, r), same(n.k, 1));
    if (told?.[0] !== classes[r]) return false;
  }
  // Sorted by class, a neighbour's class follows from its place: no label is stored per row.
  const order = classes.map((_, r) => r).toSorted((p, q) => (classes[p] ?? 0) - (classes[q] ?? 0) || p - q);
  const ends = Float64Array.from({ length: width }, (_, c) => classes.filter((k) => k <= c).length);
  const y = add(state, n, node, order, { kind: "classes", weighted: v.weighted, target: ends });
  state.builder.setTask("classification");
  state.builder.setLabels(label.labels);
  state.builder.output("label", state.builder.add("argmax", { smallest: false }, [y]));
  state.builder.output("scores", v.weighted ? state.builder.add("link", { kind: "shares" }, [y]) : y);
  return true;
}

/** Builds the whole model where its outputs are a vote or a mean of neighbours; false where they are not. */
export function neighbourVotes(state: State, outputs: readonly string[]): boolean {
  const found = [...state.known.values()].find((s): s is Neighbours => s.kind === "neighbours");
  if (!found) return false;
  const label = outputs.map((o) => state.known.get(o)).find((s) => s?.kind === "label");
  const scored = outputs.find((o) => state.known.get(o)?.kind !== "label");
  const node = scored === undefined ? undefined : state.makers.get(scored);
  const v = scored === undefined ? null : votes(state, found, scored);
  if (v === null || !node) return false;
  if (label) return classifier(state, found, node, v, label);
  if (v.each[0]?.length !== 1) return false;
  const target = Float64Array.from(v.each, (y) => y[0] ?? 0);
  const y = add(state, found, node, v.each.map((_, r) => r), { kind: "values", weighted: v.weighted, target });
  state.builder.setTask("regression");
  state.builder.output("scores", y);
  return true;
}
