/** The XGBoost border: JSON, UBJSON and pickled snapshot agree, an own evaluator gives XGBoost's answers, damage is told. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { CoincellError } from "../../ir/diagnostics.js";
import { arrayField, isForeign, listField, numberField, stringField, type Foreign } from "../../ir/foreign.js";
import { readXgboost, readXgboostSnapshot, sniffXgboost } from "./index.js";
import { readUbjson } from "./ubjson.js";

const shared = new URL("../../../../shared/fixtures/classical/", import.meta.url);
const skip = existsSync(shared) ? false : "the shared fixtures are not on this machine";
const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(new URL(path, shared)));
const table = (path: string, header = 0): number[][] =>
  readFileSync(new URL(path, shared), "utf8").trim().split("\n").slice(header).map((l) => l.split(",").map(Number));
const encode = (v: unknown): Uint8Array => new TextEncoder().encode(typeof v === "string" ? v : JSON.stringify(v));

const code = (run: () => unknown): string => {
  try {
    run();
  } catch (e) {
    assert.ok(e instanceof CoincellError, String(e));
    return e.diagnostic.code;
  }
  return "no error";
};

function leafOf(tree: Foreign, row: readonly number[]): number {
  const [left, right, feature, threshold, leaf, defaultLeft] = ["left", "right", "feature", "threshold", "leaf_value", "default_left"].map((k) => arrayField(tree, k).data);
  assert.ok(left && right && feature && threshold && leaf && defaultLeft);
  let n = 0;
  while (left[n] !== -1) {
    const x = Math.fround(row[feature[n] ?? -1] ?? Number.NaN);
    const toLeft = Number.isNaN(x) ? defaultLeft[n] === 1 : x < (threshold[n] ?? 0);
    n = (toLeft ? left[n] : right[n]) ?? 0;
  }
  return leaf[n] ?? 0;
}

/** One row's margins, summed in float32 as XGBoost does. */
function margins(m: Foreign, row: readonly number[]): number[] {
  const out = [...arrayField(m, "base_margin").data];
  const classes = arrayField(m, "tree_class").data;
  listField(m, "trees").forEach((t, i) => {
    assert.ok(isForeign(t));
    const c = classes[i] ?? 0;
    out[c] = Math.fround((out[c] ?? 0) + leafOf(t, row));
  });
  return out;
}

function softmax(v: readonly number[]): number[] {
  const e = v.map((x) => Math.exp(x - Math.max(...v)));
  return e.map((x) => x / e.reduce((a, b) => a + b, 0));
}

test("JSON and UBJSON give equal models, and the margins and probabilities of XGBoost", { skip }, () => {
  const json = readXgboost(bytesOf("formats/xgb.json"), "xgb");
  assert.deepEqual(readXgboost(bytesOf("formats/xgb.ubj"), "xgb"), json);
  const truth = table("formats/truth/xgb.csv", 1);
  table("formats/truth/iris_input.csv", 1).forEach((row, r) => {
    const m = margins(json, row);
    const p = softmax(m);
    for (const c of [0, 1, 2]) {
      assert.ok(Math.abs((m[c] ?? NaN) - (truth[r]?.[4 + c] ?? NaN)) < 2e-6, `margin ${c} of row ${r}`);
      assert.ok(Math.abs((p[c] ?? NaN) - (truth[r]?.[1 + c] ?? NaN)) < 1e-6);
    }
    assert.equal(m.indexOf(Math.max(...m)), truth[r]?.[0]);
  });
});

interface DumpNode { readonly nodeid: number; readonly split?: string; readonly split_condition?: number; readonly leaf?: number; readonly children?: readonly DumpNode[] }

const close = (a: number | undefined, b: number | undefined): boolean => Math.abs((a ?? NaN) - (b ?? NaN)) <= 1e-7 * Math.max(1, Math.abs(a ?? 0));

test("every node equals XGBoost's own dump", { skip }, () => {
  const trees = listField(readXgboost(bytesOf("formats/xgb.json"), "xgb"), "trees");
  const dump = JSON.parse(readFileSync(new URL("formats/xgb_dump.json", shared), "utf8")) as readonly DumpNode[];
  assert.equal(trees.length, dump.length);
  const check = (t: Foreign, n: DumpNode): void => {
    if (n.leaf !== undefined) assert.ok(close(arrayField(t, "leaf_value").data[n.nodeid], n.leaf));
    else {
      assert.equal(`f${arrayField(t, "feature").data[n.nodeid]}`, n.split);
      assert.ok(close(arrayField(t, "threshold").data[n.nodeid], n.split_condition));
    }
    for (const child of n.children ?? []) check(t, child);
  };
  trees.forEach((t, i) => {
    const root = dump[i];
    assert.ok(isForeign(t) && root);
    check(t, root);
  });
});

test("the three sets: JSON and the pickled snapshot give the predictions", { skip }, () => {
  for (const set of ["iris", "wine", "rgb"]) {
    const m = readXgboost(bytesOf(`sk191/${set}/xgb.json`), "m");
    const pickle = Buffer.from(bytesOf(`sk191/${set}/xgb.pkl`));
    const at = pickle.indexOf(Buffer.from("{L\0\0\0\0\0\0\0\x06Config", "latin1"));
    const handle = new Uint8Array(pickle.subarray(at, at + pickle.readUInt32LE(at - 4)));
    assert.ok(sniffXgboost(handle));
    assert.deepEqual(readXgboostSnapshot(handle, "m"), m);
    const truth = table(`sk191/${set}/xgb.pred.csv`);
    table(`sk191/${set}/test_raw.csv`).forEach((row, r) => {
      softmax(margins(m, row)).forEach((p, c) => assert.ok(Math.abs(p - (truth[r]?.[c + 1] ?? NaN)) < 1e-6, `${set} row ${r}`));
    });
  }
});

const stump = {
  categories: [], categories_nodes: [], categories_segments: [], categories_sizes: [], default_left: [1, 0, 0], left_children: [1, -1, -1],
  right_children: [2, -1, -1], split_conditions: [0.5, -1, 2], split_indices: [1, 0, 0], split_type: [0, 0, 0], tree_param: { num_nodes: "3", size_leaf_vector: "1" },
};

interface Changes { readonly tree?: object; readonly param?: object; readonly objective?: string; readonly booster?: object; readonly info?: readonly number[] }

/** A whole model around one stump, with what a test wants changed. */
const modelOf = (c: Changes): object => ({
  learner: {
    feature_names: [], feature_types: [],
    gradient_booster: c.booster ?? { model: { gbtree_model_param: { num_trees: "1" }, tree_info: c.info ?? [0], trees: [{ ...stump, ...c.tree }] }, name: "gbtree" },
    learner_model_param: { base_score: "5E-1", num_class: "0", num_feature: "2", num_target: "1", ...c.param },
    objective: { name: c.objective ?? "reg:squarederror" },
  },
  version: [2, 1, 4],
});
const load = (c: Changes): Foreign => readXgboost(encode(modelOf(c)), "hand.json");

test("base_score becomes a margin as XGBoost 1.7.6, 2.1.4, 3.0.5 and 3.2.0 were measured to do", () => {
  // objective, base_score in the file, margin measured (output_margin minus the leaves)
  const measured: readonly (readonly [string, string, number, boolean])[] = [
    ["binary:logistic", "3E-1", -0.8472979, false], ["binary:logistic", "[3E-1]", -0.8472979, false],
    ["reg:logistic", "3E-1", -0.8472979, false], ["binary:logitraw", "[3E-1]", 0.3, true], ["binary:logitraw", "-6.6E-1", -0.66, true],
    ["count:poisson", "2.2522213E0", 0.811917, false], ["count:poisson", "[2.635E0]", 0.968883, false],
    ["reg:gamma", "3E-1", -1.2039728, false], ["reg:tweedie", "3E-1", -1.2039728, false],
    ["survival:cox", "3E-1", -1.2039728, false], ["survival:aft", "5E-1", -Math.LN2, false],
    ["reg:squarederror", "4.627881E0", 4.627881, true], ["binary:hinge", "3E-1", 0.3, true], ["rank:pairwise", "3E-1", 0.3, true],
    ["reg:absoluteerror", "4.5257645E0", 4.5257645, true], ["reg:squaredlogerror", "[3E-1]", 0.3, true],
  ];
  for (const [objective, base_score, margin, isMargin] of measured) {
    const m = load({ objective, param: { base_score } });
    assert.ok(Math.abs((arrayField(m, "base_margin").data[0] ?? NaN) - margin) < 1e-6, `${objective} ${base_score}`);
    assert.equal(m.fields.get("base_score_is_margin"), isMargin, objective);
  }
  const vector = load({ objective: "multi:softprob", param: { base_score: "[4.60773E-1,-4.2077196E-1,-4.0000916E-2]", num_class: "3" } });
  assert.deepEqual([...arrayField(vector, "base_margin").data], [4.60773e-1, -4.2077196e-1, -4.0000916e-2].map(Math.fround));
  const scalar = load({ objective: "multi:softmax", param: { num_class: "3" } });
  assert.deepEqual([...arrayField(scalar, "base_margin").data], [0.5, 0.5, 0.5]);
  assert.equal(code(() => load({ objective: "binary:logistic", param: { base_score: "1E0" } })), "xgboost/damaged");
});

test("a value equal to the threshold goes right, in float32; a missing one follows default_left", () => {
  const m = load({ tree: { split_conditions: [0.1, -1, 2] } });
  assert.deepEqual([0.1, 0.09, NaN].map((x) => margins(m, [0, x])[0]), [2.5, -0.5, -0.5]);
});

test("dart, gblinear, categorical splits and pruned nodes", () => {
  const inner = { model: { tree_info: [0], trees: [stump] }, name: "gbtree" };
  const dart = load({ booster: { name: "dart", gbtree: inner, weight_drop: [0.25] } });
  assert.deepEqual([...arrayField(dart, "weight_drop").data], [0.25]);
  assert.equal(stringField(dart, "booster"), "dart");
  const linear = load({ booster: { name: "gblinear", model: { weights: [1, 2, 3] } } });
  assert.deepEqual(arrayField(linear, "weights").shape, [3, 1]);
  const classes = load({ objective: "multi:softprob", booster: { name: "gblinear", model: { weights: [1, 2, 3, 4, 5, 6] } }, param: { num_class: "2", base_score: "[1E0,-1E0]" } });
  assert.deepEqual([...arrayField(classes, "base_margin").data], [1, 1]);
  const cat = load({ tree: { split_type: [1, 0, 0], categories: [1, 3], categories_nodes: [0], categories_segments: [0], categories_sizes: [2] } });
  const tree = listField(cat, "trees")[0];
  assert.ok(isForeign(tree));
  assert.deepEqual([...arrayField(tree, "split_type").data], [1, 0, 0]);
  assert.deepEqual(tree.fields.get("categories"), new Map([[0, { kind: "ndarray", shape: [2], data: Float64Array.of(1, 3) }]]));
  const pruned = load({ tree: { left_children: [-1, -1, -1], right_children: [-1, -1, -1], split_indices: [0, 4294967295, 0] } });
  assert.equal(margins(pruned, [0, 0])[0], 1);
  assert.equal(numberField(pruned, "num_group"), 1);
});

test("hostile models are refused", () => {
  const bad = (c: Changes): void => assert.equal(code(() => load(c)), "xgboost/damaged", JSON.stringify(c));
  bad({ tree: { left_children: [0, -1, -1] } });
  bad({ tree: { left_children: [1, -1, -1], right_children: [1, -1, -1] } });
  bad({ tree: { left_children: [1, 2, 0] } });
  bad({ tree: { right_children: [3, -1, -1] } });
  bad({ tree: { right_children: [-1, -1, -1] } });
  bad({ tree: { right_children: [1.5, -1, -1] } });
  bad({ tree: { split_conditions: [1e300, 0, 0] } });
  bad({ tree: { split_conditions: [null, 0, 0] } });
  bad({ tree: { split_indices: [2, 0, 0] } });
  bad({ tree: { default_left: [] } });
  bad({ tree: { left_children: [] } });
  bad({ tree: { categories_nodes: [0], categories_segments: [0], categories_sizes: [9] } });
  bad({ tree: { tree_param: { num_nodes: "3", size_leaf_vector: "4" } } });
  bad({ info: [1] });
  bad({ info: [0, 0] });
  bad({ param: { num_class: "1000000000" } });
  bad({ param: { num_feature: "4000000000" } });
  bad({ param: { num_feature: "0" } });
  bad({ param: { num_class: "-1" } });
  bad({ objective: "multi:softprob" });
  bad({ param: { base_score: "[NaN]" } });
  bad({ param: { base_score: "[1E0,2E0]" } });
  assert.equal(code(() => load({ booster: { name: "gbnew" } })), "xgboost/booster");
  const nan = JSON.stringify(modelOf({})).replace("[0.5,-1,2]", "[NaN,-1,2]");
  assert.equal(code(() => readXgboost(encode(nan), "x")), "xgboost/damaged");
});

const refused = (b: Uint8Array, c = "xgboost/damaged"): void => assert.equal(code(() => readXgboost(b, "x")), c);
/** Texts as their characters, numbers as bytes. */
const ubj = (...parts: readonly (string | number)[]): Uint8Array => Uint8Array.from(parts.flatMap((p) => (typeof p === "string" ? [...p].map((c) => c.charCodeAt(0)) : [p])));

test("JSON and UBJSON: limits and syntax", () => {
  refused(encode(""));
  refused(encode("{}"));
  refused(encode('{"learner":'));
  refused(encode('{"learner":{}} x'));
  refused(encode('{"learner":1,"learner":2}'));
  refused(encode('{"learner":"\\u00zz"}'));
  refused(encode(`{"learner":${"[".repeat(1e6)}`));
  refused(encode("binf...."), "xgboost/old-binary");
  refused(encode('[{"nodeid":0,"leaf":1}]'), "xgboost/dump");
  refused(ubj("{i", 7, "learner[$d#l", 0x7f, 255, 255, 255, "}"));
  refused(ubj("{i", 7, "learner[#L", 127, 255, 255, 255, 255, 255, 255, 255));
  refused(ubj("{i", 255, "learner"));
  refused(ubj("{i", 7, "learner[$Z#I", 127, 255));
  refused(ubj("{i", 7, "learner", "[".repeat(1e5)));
  refused(ubj("{i", 7, "learnerS", "i", 100, "abc"));
});

test("UBJSON by hand: no-op, untyped and typed containers, all number types", () => {
  assert.deepEqual(readUbjson(ubj("[Ni", 255, "NU", 255, "I", 255, 0, "l", 0, 1, 0, 0, "L", 255, 255, 255, 255, 255, 255, 255, 254, "d", 0x3f, 0xc0, 0, 0, "TFZ]N"), "x"), [-1, 255, -256, 65536, -2, 1.5, true, false, null]);
  assert.deepEqual(readUbjson(ubj("[$I#i", 2, 0, 1, 255, 255), "x"), Int16Array.of(1, -1));
  assert.deepEqual(readUbjson(ubj("{$i#i", 2, "i", 1, "a", 5, "U", 1, "b", 6), "x"), new Map([["a", 5], ["b", 6]]));
  assert.deepEqual(readUbjson(ubj("[$S#i", 1, "i", 2, "hi"), "x"), ["hi"]);
  assert.deepEqual(readUbjson(ubj("[$[#i", 2, "]i", 3, "]"), "x"), [[], [3]]);
});

test("damaged files end in a CoincellError", { skip }, () => {
  const sources = [bytesOf("formats/xgb.json"), bytesOf("formats/xgb.ubj")];
  let seed = 1;
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * n);
  };
  for (let i = 0; i < 600; i++) {
    const source = sources[i % 2] ?? new Uint8Array();
    const b = i % 8 === 0 ? source.slice(0, random(source.length)) : source.slice();
    for (let k = 0; k < 1 + (i % 5); k++) b[random(b.length)] = random(256);
    assert.ok(["no error", "xgboost/damaged", "xgboost/booster"].includes(code(() => readXgboost(b, "bad"))));
  }
});
