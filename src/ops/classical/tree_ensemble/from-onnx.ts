/** TreeEnsembleClassifier and TreeEnsembleRegressor of ai.onnx.ml as one table of nodes. Source: ONNX ML operators 1 to 4, as ONNX Runtime answers. */
import { fail } from "../../../ir/diagnostics.js";
import { arrayField, checkCount, hasField, labelsField, listField, numberField, stringField, type Foreign } from "../../../ir/foreign.js";
import type { Builder, Lowering, Value } from "../../../ir/op.js";
import { below } from "./from-xgboost.js";
import { TreeTable, type Split } from "./table.js";

const DAMAGED = "The file is damaged; export the model again, and check it with onnx.checker.check_model.";
const bad = (f: Foreign, what: string): never => fail("onnx/bad-tree", f.where, what, DAMAGED);
const list = (f: Foreign, name: string): ArrayLike<number> => (hasField(f, name) ? arrayField(f, name, 1).data : []);

/** A tree's nodes by their ids in the file; `rows` holds what each leaf adds, output by output. */
interface Source {
  readonly modes: readonly string[];
  readonly feature: ArrayLike<number>;
  readonly value: ArrayLike<number>;
  /** Positions of the children in the lists of all nodes, -1 where there is none. */
  readonly yes: Int32Array;
  readonly no: Int32Array;
  readonly roots: readonly number[];
  /** Per position: output and weight pairs. */
  readonly leaves: ReadonlyMap<number, readonly (readonly [number, number])[]>;
}

const MAX_NODES = 1_000_000;

function readNodes(f: Foreign): Omit<Source, "leaves"> & { readonly at: ReadonlyMap<string, number> } {
  const modes = listField(f, "nodes_modes").map(String);
  const n = checkCount(f, "number of nodes", modes.length, MAX_NODES);
  const column = (name: string): ArrayLike<number> => {
    const c = list(f, name);
    return c.length === n ? c : bad(f, `${name} has ${c.length} entries for ${n} nodes`);
  };
  const [tree, id, value, feature] = [column("nodes_treeids"), column("nodes_nodeids"), column("nodes_values"), column("nodes_featureids")];
  const [yesId, noId] = [column("nodes_truenodeids"), column("nodes_falsenodeids")];
  const at = new Map<string, number>();
  for (let i = 0; i < n; i++) {
    const key = `${tree[i]}:${id[i]}`;
    if (at.has(key)) bad(f, `node ${id[i]} of tree ${tree[i]} stands twice`);
    at.set(key, i);
  }
  const child = (ids: ArrayLike<number>) => Int32Array.from(modes, (m, i) => (m === "LEAF" ? -1 : (at.get(`${tree[i]}:${ids[i]}`) ?? bad(f, `node ${id[i]} of tree ${tree[i]} points to node ${ids[i]}, which is not there`))));
  const [yes, no] = [child(yesId), child(noId)];
  const inner = new Uint8Array(n);
  for (let i = 0; i < n; i++) for (const c of [yes[i] ?? -1, no[i] ?? -1]) {
    if (c >= 0 && inner[c]) bad(f, `node ${id[c]} of tree ${tree[c]} has two parents`);
    if (c >= 0) inner[c] = 1;
  }
  const roots = modes.flatMap((_, i) => (inner[i] ? [] : [i]));
  if (roots.length !== new Set(Array.from(tree)).size) bad(f, `${roots.length} roots for ${new Set(Array.from(tree)).size} trees`);
  let reached = roots.length;
  const stack = [...roots];
  for (let i = stack.pop(); i !== undefined; i = stack.pop()) for (const c of [yes[i] ?? -1, no[i] ?? -1]) if (c >= 0) { reached++; stack.push(c); }
  if (reached !== n) bad(f, `${n - reached} nodes that no root leads to`);
  return { modes, feature, value, yes, no, roots, at };
}

function readSource(f: Foreign, prefix: "class" | "target", outputs: number): Source {
  const nodes = readNodes(f);
  const [tree, node, id, weight] = [list(f, `${prefix}_treeids`), list(f, `${prefix}_nodeids`), list(f, `${prefix}_ids`), list(f, `${prefix}_weights`)];
  if (tree.length !== node.length || tree.length !== id.length || tree.length !== weight.length) bad(f, `the lists ${prefix}_* differ in length`);
  const leaves = new Map<number, (readonly [number, number])[]>();
  for (let i = 0; i < tree.length; i++) {
    const at = nodes.at.get(`${tree[i]}:${node[i]}`) ?? bad(f, `a weight for node ${node[i]} of tree ${tree[i]}, which is not there`);
    const k = id[i] ?? -1;
    if (!Number.isInteger(k) || k < 0 || k >= outputs) bad(f, `output ${k} of ${outputs}`);
    const own = leaves.get(at);
    if (own) own.push([k, weight[i] ?? 0]);
    else leaves.set(at, [[k, weight[i] ?? 0]]);
  }
  return { ...nodes, leaves };
}

/** Nodes of one tree in preorder; equality tests become two comparisons, with the subtree of "no" behind both. */
interface Flat { readonly splits: (Split | null)[]; readonly position: number[] }

const MAX_DEPTH = 400;

function flatten(f: Foreign, s: Source, root: number): Flat {
  const out: Flat = { splits: [], position: [] };
  const slot = (position: number): number => { out.position.push(position); return out.splits.push(null) - 1; };
  const walk = (n: number, depth: number): number => {
    if (depth > MAX_DEPTH || out.splits.length > MAX_NODES) bad(f, "a tree too deep, too large, or with a cycle");
    const me = slot(n);
    const mode = s.modes[n] ?? "";
    if (mode === "LEAF") return me;
    const [feature, t] = [s.feature[n] ?? -1, s.value[n] ?? NaN];
    const [yes, no] = [s.yes[n] ?? -1, s.no[n] ?? -1];
    const split = (left: number, right: number, threshold: number): number => {
      const l = walk(left, depth + 1);
      out.splits[me] = { feature, threshold, left: l, right: walk(right, depth + 1) };
      return me;
    };
    switch (mode) {
      case "BRANCH_LEQ": return split(yes, no, t);
      case "BRANCH_LT": return split(yes, no, below(t));
      case "BRANCH_GT": return split(no, yes, t);
      case "BRANCH_GTE": return split(no, yes, below(t));
      case "BRANCH_EQ": case "BRANCH_NEQ": {
        const [equal, other] = mode === "BRANCH_EQ" ? [yes, no] : [no, yes];
        const left = walk(other, depth + 1);
        const inner = slot(n);
        const l = walk(equal, depth + 2);
        out.splits[inner] = { feature, threshold: t, left: l, right: walk(other, depth + 2) };
        out.splits[me] = { feature, threshold: below(t), left, right: inner };
        return me;
      }
      default: return fail("onnx/tree-mode", f.where, `nodes_modes "${mode.slice(0, 40)}"`, "Supported: BRANCH_LEQ, BRANCH_LT, BRANCH_GTE, BRANCH_GT, BRANCH_EQ, BRANCH_NEQ, LEAF.");
    }
  };
  walk(root, 0);
  return out;
}

/** Sum of a leaf's weights per output. */
function row(s: Source, position: number, outputs: number): number[] {
  const y = Array.from({ length: outputs }, () => 0);
  for (const [k, w] of s.leaves.get(position) ?? []) y[k]! += w;
  return y;
}

interface Ensemble { readonly f: Foreign; readonly b: Builder; readonly source: Source; readonly base: readonly number[]; readonly divide: number }

/** One value a leaf, for output `pick(row)`; used where every tree serves one output, and where leaves may be negative. */
function addScalar(e: Ensemble, outputs: number, value: (row: readonly number[], k: number) => number): Value {
  const t = new TreeTable(e.b.features(e.b.x), outputs, { vector: false, inputF32: true, divide: e.divide, base: e.base });
  for (const root of e.source.roots) {
    const flat = flatten(e.f, e.source, root);
    const rows = flat.position.map((p) => row(e.source, p, Math.max(outputs, 2)));
    for (let k = 0; k < outputs; k++) {
      if (outputs > 1 && rows.every((r) => r[k] === 0)) continue;
      t.addTree(k, flat.splits.length, (n) => flat.splits[n] ?? null, (n) => [value(rows[n] ?? [], k)]);
    }
  }
  return e.b.add("tree_ensemble", t.attrs(), [e.b.x]);
}

function addVector(e: Ensemble, outputs: number, times: number): Value {
  const t = new TreeTable(e.b.features(e.b.x), outputs, { vector: true, inputF32: true, divide: e.divide * times, base: e.base });
  for (const root of e.source.roots) {
    const flat = flatten(e.f, e.source, root);
    t.addTree(0, flat.splits.length, (n) => flat.splits[n] ?? null, (n) => row(e.source, flat.position[n] ?? -1, outputs).map((v) => v * times));
  }
  return e.b.add("tree_ensemble", t.attrs(), [e.b.x]);
}

function postTransform(f: Foreign, supported: readonly string[]): string {
  const name = stringField(f, "post_transform", "NONE");
  return supported.includes(name) ? name : fail("onnx/post-transform", f.where, `post_transform ${name}`, `Supported: ${supported.join(", ")}.`);
}

function missing(f: Foreign, b: Builder): void {
  if (Array.from(list(f, "nodes_missing_value_tracks_true")).some((v) => v !== 0)) b.note("the model tells where missing values (NaN) go; on the device every feature must have a value");
}

/** Two classes told by one sum: above 0.5 where all weights are positive (a share), above 0 where not (a margin). */
function oneSum(e: Ensemble, transform: string, id: number): Value {
  const share = transform === "NONE" && [...e.source.leaves.values()].every((r) => r.every(([, w]) => w >= 0));
  const base = share ? [2 * (e.base[0] ?? 0) - 1] : e.base;
  const y = addScalar({ ...e, base }, 1, (r) => (share ? 2 : 1) * (r[id] ?? 0));
  e.b.output("label", e.b.add("threshold", { at: 0 }, [y]));
  const kind = share ? "shares_pair" : transform === "LOGISTIC" ? "logistic_pair" : null;
  e.b.output("scores", kind === null ? y : e.b.add("link", { kind }, [y]));
  return y;
}

const classifier: Lowering = (f, b) => {
  const labels = labelsField(f, f.fields.has("classlabels_strings") && listField(f, "classlabels_strings").length > 0 ? "classlabels_strings" : "classlabels_int64s");
  const k = checkCount(f, "number of classes", labels.length, 10_000);
  const transform = postTransform(f, ["NONE", "LOGISTIC", "SOFTMAX"]);
  const source = readSource(f, "class", k);
  const base = Array.from(list(f, "base_values"));
  if (base.length > 1 && base.length !== k) bad(f, `${base.length} base values for ${k} classes`);
  missing(f, b);
  b.setTask("classification");
  b.setLabels(labels);
  const ids = new Set([...source.leaves.values()].flatMap((r) => r.map(([c]) => c)));
  const [only = 0] = ids;
  const e: Ensemble = { f, b, source, base, divide: 1 };
  if (k === 2 && ids.size === 1 && transform !== "SOFTMAX") return oneSum({ ...e, base: base.slice(-1) }, transform, only);
  const rows = [...source.leaves.values()];
  const vector = rows.some((r) => r.length > 1) && rows.every((r) => r.every(([, w]) => w >= 0));
  // Forests hold shares divided by the number of trees; multiplied back they are fractions of small counts again.
  const times = vector && base.length === 0 ? source.roots.length : 1;
  const y = vector ? addVector({ ...e, divide: 1 }, k, times) : addScalar(e, k, (r, c) => r[c] ?? 0);
  b.output("label", b.add("argmax", { smallest: false }, [y]));
  b.output("scores", transform === "NONE" ? y : b.add("link", { kind: transform.toLowerCase() }, [y]));
  return y;
};

const regressor: Lowering = (f, b) => {
  const targets = checkCount(f, "n_targets", numberField(f, "n_targets", 1), 1_000_000);
  if (targets > 1) fail("onnx/multi-output", f.where, `${targets} targets`, "Supported: models with one target; train one model per target.");
  const how = stringField(f, "aggregate_function", "SUM");
  if (how !== "SUM" && how !== "AVERAGE") fail("onnx/aggregate", f.where, `aggregate_function ${how}`, "Supported: SUM, AVERAGE.");
  const transform = postTransform(f, ["NONE", "LOGISTIC"]);
  const source = readSource(f, "target", 1);
  missing(f, b);
  const divide = how === "AVERAGE" ? source.roots.length : 1;
  const y = addScalar({ f, b, source, base: Array.from(list(f, "base_values")).map((v) => v * divide), divide }, 1, (r) => r[0] ?? 0);
  b.setTask("regression");
  b.output("scores", transform === "NONE" ? y : b.add("link", { kind: "logistic" }, [y]));
  return y;
};

const modeNames = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "BRANCH_MEMBER"];

/** The newer TreeEnsemble: splits and leaves in lists of their own. Leaf i stands behind the splits, at position splits + i. */
function readSplits(f: Foreign, outputs: number): Source {
  const numbers = (name: string): ArrayLike<number> => arrayField(f, name, 1).data;
  const feature = numbers("nodes_featureids");
  const n = checkCount(f, "number of nodes", feature.length, MAX_NODES);
  const column = (name: string): ArrayLike<number> => { const c = numbers(name); return c.length === n ? c : bad(f, `${name} has ${c.length} entries for ${n} nodes`); };
  const [target, weight] = [numbers("leaf_targetids"), numbers("leaf_weights")];
  if (target.length !== weight.length || weight.length === 0) bad(f, `${target.length} targets for ${weight.length} leaves`);
  const child = (ids: ArrayLike<number>, isLeaf: ArrayLike<number>) => Int32Array.from({ length: n + weight.length }, (_, i) => {
    if (i >= n) return -1;
    const [id, limit] = [ids[i] ?? -1, isLeaf[i] === 1 ? weight.length : n];
    return Number.isInteger(id) && id >= 0 && id < limit ? id + (isLeaf[i] === 1 ? n : 0) : bad(f, `node ${i} points to ${id} of ${limit}`);
  });
  const mode = column("nodes_modes");
  const leaves = new Map(Array.from(weight, (w, i) => {
    const k = target[i] ?? -1;
    return [n + i, [Number.isInteger(k) && k >= 0 && k < outputs ? ([k, w] as const) : bad(f, `output ${k} of ${outputs}`)]] as const;
  }));
  const roots = Array.from(numbers("tree_roots"), (r) => (Number.isInteger(r) && r >= 0 && r < n ? r : bad(f, `root ${r} of ${n}`)));
  return {
    modes: [...Array.from(mode, (m) => modeNames[m] ?? "?"), ...Array.from(weight, () => "LEAF")], feature, value: column("nodes_splits"), roots, leaves,
    yes: child(column("nodes_truenodeids"), column("nodes_trueleafs")), no: child(column("nodes_falsenodeids"), column("nodes_falseleafs")),
  };
}

const treeEnsemble: Lowering = (f, b) => {
  const targets = checkCount(f, "n_targets", numberField(f, "n_targets", 1), 10_000);
  const how = numberField(f, "aggregate_function", 1);
  if (how > 1) fail("onnx/aggregate", f.where, `aggregate_function ${how}`, "Supported: 0 (AVERAGE), 1 (SUM).");
  if (numberField(f, "post_transform", 0) !== 0) fail("onnx/post-transform", f.where, `post_transform ${numberField(f, "post_transform")}`, "Supported: 0 (NONE).");
  const source = readSplits(f, targets);
  const y = addScalar({ f, b, source, base: [], divide: how === 0 ? source.roots.length : 1 }, targets, (r, k) => r[k] ?? 0);
  b.setTask("regression");
  b.output("scores", y);
  return y;
};

export const onnx: Readonly<Record<string, Lowering>> = {
  "ai.onnx.ml.TreeEnsemble": treeEnsemble,
  "ai.onnx.ml.TreeEnsembleClassifier": classifier, "ai.onnx.ml.TreeEnsembleRegressor": regressor,
};
