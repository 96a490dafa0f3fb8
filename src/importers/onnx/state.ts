/** The graph under construction, and what is known of each ONNX tensor so far. */
import { fail } from "../../ir/diagnostics.js";
import { isNdArray, type Foreign } from "../../ir/foreign.js";
import type { Builder, Value } from "../../ir/op.js";
import type { AnyNode, Attrs, OutputRole, Task } from "../../ir/types.js";
import type { GraphBuilder } from "../build.js";
import { numeric, opName, type Num } from "./numeric.js";
import { dense, identity, isIdentity, isSelection, isStraight, type Const, type Fn, type Form, type Leaves, type Sym } from "./symbols.js";
import type { OnnxTensor } from "./tensor.js";

export interface State {
  readonly graph: GraphBuilder;
  readonly builder: Builder;
  readonly known: Map<string, Sym>;
  /** The node that makes each tensor. */
  readonly makers: ReadonlyMap<string, Foreign>;
  /** Forms that already stand in the graph. */
  readonly placed: Map<Form | Fn | Leaves, Value>;
  task: Task | null;
  /** Numbers that intermediate results may still hold together: bounds memory and time whatever the file says. */
  room: number;
}

export const SUPPORTED =
  "Supported: what skl2onnx writes for trees, forests, boosting, isolation forests, linear models, SVM, naive Bayes, nearest neighbours, KMeans, PCA, LDA, MLP, scalers, and what onnxmltools writes for XGBoost and LightGBM.";

export const unsupported = (f: Foreign, what: string): never => fail("onnx/unsupported", f.where, `${f.type}: ${what}`, SUPPORTED);

export const names = (f: Foreign, field: "__inputs__" | "__outputs__"): readonly string[] => {
  const v = f.fields.get(field);
  return Array.isArray(v) ? v.map(String) : [];
};

export const constant = (tensor: OnnxTensor): Const =>
  ({ kind: "const", tensor, num: isNdArray(tensor) ? { shape: tensor.shape, data: Float64Array.from(tensor.data) } : null });
export const constantOf = (num: Num): Const => ({ kind: "const", tensor: { kind: "ndarray", shape: num.shape, data: num.data }, num });
export const numOf = (s: Sym | undefined): Num | undefined => (s?.kind === "const" ? (s.num ?? undefined) : undefined);

/** What a trial needs: constants, and the node that makes each other tensor. */
export type Scope = Pick<State, "known" | "makers">;

/** Values of `target` where the tensors named in `given` have trial values; null where a node is no plain operator. */
export function trial(state: Scope, target: string, given: ReadonlyMap<string, Num>): Num | null {
  const done = new Map<string, Num>(given);
  let steps = 0;
  const value = (name: string): Num | null => {
    const ready = done.get(name) ?? numOf(state.known.get(name));
    if (ready) return ready;
    const f = state.makers.get(name);
    const kernel = f ? numeric[opName(f)] : undefined;
    if (!f || !kernel || ++steps > 5000 || names(f, "__outputs__").length !== 1) return null;
    const xs: Num[] = [];
    for (const input of names(f, "__inputs__")) {
      const x = value(input);
      if (x === null) return null;
      xs.push(x);
    }
    const y = kernel(f, xs);
    done.set(name, y);
    return y;
  };
  return value(target);
}

export const nodeOf = (state: State, v: Value): AnyNode | undefined => state.graph.nodes.find((n) => n.outputs.includes(v));

function addForm(state: State, node: Foreign, f: Form): Value {
  if (f.a !== null) return unsupported(node, "a sum of squares that no distance or naive Bayes model is made of");
  if (![f.w, f.c].every((v) => v.every(Number.isFinite))) fail("onnx/not-finite", node.where, `${node.type}: its input has a weight that is no finite number`, "The model diverged in training, or a constant feature was divided by its spread of zero; train again.");
  const b = state.builder;
  if (isIdentity(f)) return f.base;
  if (isStraight(f) && (f.base === 0 || nodeOf(state, f.base)?.op === "affine")) return b.add("affine", { scale: f.w, offset: f.c }, [f.base]);
  const d = dense(node, f);
  return b.add("linear", { rows: d.c.length, cols: d.n, w: d.w, b: d.c }, [d.base]);
}

/** The trees of all terms as one ensemble: the leaves get the values they stand for. */
function addLeaves(state: State, node: Foreign, l: Leaves): Value {
  const parts = l.terms.map((t) => ({ rows: t.rows, tree: nodeOf(state, t.tree) }));
  const [first] = parts;
  const input = first?.tree?.inputs[0];
  if (!first || input === undefined || parts.some((p) => p.tree?.inputs[0] !== input)) return unsupported(node, "trees over different inputs");
  const roots: number[] = [], feature: number[] = [], threshold: number[] = [], left: number[] = [], right: number[] = [], values: number[] = [];
  for (const { tree, rows } of parts) {
    const a = tree?.attrs as { readonly roots: Int32Array; readonly feature: Int32Array; readonly threshold: Float64Array; readonly left: Int32Array; readonly right: Int32Array };
    const [at, row] = [feature.length, values.length];
    roots.push((a.roots[0] ?? 0) + at);
    a.feature.forEach((v, i) => {
      feature.push(v);
      threshold.push(a.threshold[i] ?? 0);
      left.push((a.left[i] ?? 0) + (v < 0 ? row : at));
      right.push(v < 0 ? -1 : (a.right[i] ?? 0) + at);
    });
    for (const v of rows) values.push(v);
  }
  const attrs: Attrs = {
    ...first.tree?.attrs, outputs: 1, width: 1, divide: 1, base: Float64Array.of(l.bias), target: new Int32Array(roots.length), values: Float64Array.from(values),
    roots: Int32Array.from(roots), feature: Int32Array.from(feature), threshold: Float64Array.from(threshold), left: Int32Array.from(left), right: Int32Array.from(right),
  };
  return state.builder.add("tree_ensemble", attrs, [input]);
}

/** Functions that can stand between two layers. */
const activations = ["relu", "tanh", "logistic"];

/** Puts a form into the graph (once) and gives its value. */
export function place(state: State, node: Foreign, s: Form | Fn | Leaves): Value {
  const known = state.placed.get(s);
  if (known !== undefined) return known;
  let v: Value;
  if (s.kind === "form") v = addForm(state, node, s);
  else if (s.kind === "leaves") v = addLeaves(state, node, s);
  else if (activations.includes(s.name) && s.scale === 1 && s.offset === 0 && s.gain === 1) v = state.builder.add("activation", { kind: s.name }, [place(state, node, s.of)]);
  else v = unsupported(node, `"${s.name}" in the middle of a model`);
  state.placed.set(s, v);
  return v;
}

/** The input of a claim or of a matrix: a placed value, or an error that names what stands there. */
export function placed(state: State, node: Foreign, s: Sym | undefined): Value {
  if (s?.kind === "form" || s?.kind === "fn" || s?.kind === "leaves") return place(state, node, s);
  return unsupported(node, s === undefined ? "a missing input" : s.kind === "opaque" ? `its input comes from ${s.node.where} (${s.node.type}), which is not understood` : `its input is a ${s.kind}`);
}

export interface Claimed { readonly outputs: Partial<Record<OutputRole, Value>>; readonly labels: readonly (string | number)[]; readonly value: Value }

/** Runs an operator's claim with a builder that keeps labels and outputs back: nodes behind it may still change them. */
export function runClaim(state: State, f: Foreign, x: Form | Fn): Claimed {
  const outputs: Partial<Record<OutputRole, Value>> = {};
  let labels: readonly (string | number)[] = [];
  const subset = x.kind === "form" && isSelection(x) && !isIdentity(x) ? x : null;
  const input = subset ? state.graph.phantom(subset.c.length) : place(state, f, x);
  const first = state.graph.nodes.length;
  const lowering = state.graph.lowering(f.type) ?? unsupported(f, "no operator of this name");
  const value = lowering(f, {
    ...state.graph.at(input),
    output: (role, v) => { outputs[role] = v; },
    setLabels: (l) => { labels = l; },
    setTask: (t) => { state.task = t; },
  });
  if (subset) readThrough(state, f, first, input, subset);
  return { outputs, labels, value };
}

/** Trees over some of the features read the features themselves; other operators get a matrix that selects. */
function readThrough(state: State, f: Foreign, first: number, phantom: Value, s: Form): void {
  const nodes = state.graph.nodes;
  for (let i = first; i < nodes.length; i++) {
    const n = nodes[i];
    if (!n?.inputs.includes(phantom)) continue;
    const tested = n.attrs["feature"];
    if (n.op !== "tree_ensemble" || !(tested instanceof Int32Array)) {
      const v = state.graph.insertAt(i++, "linear", ((d) => ({ rows: d.c.length, cols: d.n, w: d.w, b: d.c }))(dense(f, s)), s.base);
      nodes[i] = { ...n, inputs: n.inputs.map((t) => (t === phantom ? v : t)) };
      continue;
    }
    const feature = tested.map((k) => (k < 0 ? k : (s.pick?.[k] ?? -1)));
    nodes[i] = { ...n, attrs: { ...n.attrs, features: s.n, feature }, inputs: [s.base] };
  }
}

/** A claimed value as a form; a link is taken off again, since what stands behind it may look through it. */
export function fromValue(state: State, v: Value, shape: readonly number[]): Form | Fn {
  const n = nodeOf(state, v);
  const width = state.builder.features(v);
  if (n?.op !== "link") return identity(v, width, shape);
  const inner = n.inputs[0] ?? 0;
  const gain = n.attrs["gain"];
  const of = identity(inner, state.builder.features(inner), [1, state.builder.features(inner)]);
  return { kind: "fn", shape, name: String(n.attrs["kind"]), of, gain: typeof gain === "number" ? gain : 1, scale: 1, offset: 0 };
}
