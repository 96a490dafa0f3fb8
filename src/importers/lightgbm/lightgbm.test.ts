/** The LightGBM border: the text equals LightGBM's own JSON dump, an own evaluator gives its answers, damage is told. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { CoincellError } from "../../ir/diagnostics.js";
import { arrayField, boolField, isForeign, listField, numberField, stringField, type Foreign } from "../../ir/foreign.js";
import { readLightgbm, readLightgbmText, sniffLightgbm } from "./index.js";

const shared = new URL("../../../../shared/fixtures/classical/", import.meta.url);
const skip = existsSync(shared) ? false : "the shared fixtures are not on this machine";
const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(new URL(path, shared)));
const textOf = (path: string): string => readFileSync(new URL(path, shared), "utf8");
const table = (path: string, header = 0): number[][] => textOf(path).trim().split("\n").slice(header).map((l) => l.split(",").map(Number));

const code = (run: () => unknown): string => {
  try {
    run();
  } catch (e) {
    assert.ok(e instanceof CoincellError, String(e));
    return e.diagnostic.code;
  }
  return "no error";
};

function leafOf(t: Foreign, row: readonly number[]): number {
  const [feature, threshold, left, right, leaf] = ["split_feature", "threshold", "left_child", "right_child", "leaf_value"].map((k) => arrayField(t, k).data);
  assert.ok(feature && threshold && left && right && leaf);
  let n = numberField(t, "num_leaves") > 1 ? 0 : -1;
  while (n >= 0) n = ((row[feature[n] ?? -1] ?? NaN) <= (threshold[n] ?? NaN) ? left[n] : right[n]) ?? -1;
  return leaf[~n] ?? NaN;
}

function raw(m: Foreign, row: readonly number[]): number[] {
  const out = Array.from({ length: numberField(m, "num_tree_per_iteration") }, () => 0);
  const classes = arrayField(m, "tree_class").data;
  listField(m, "trees").forEach((t, i) => {
    assert.ok(isForeign(t));
    out[classes[i] ?? 0] = (out[classes[i] ?? 0] ?? 0) + leafOf(t, row);
  });
  return out;
}

function softmax(v: readonly number[]): number[] {
  const e = v.map((x) => Math.exp(x - Math.max(...v)));
  return e.map((x) => x / e.reduce((a, b) => a + b, 0));
}

interface DumpNode {
  readonly split_index?: number; readonly split_feature?: number; readonly threshold?: number; readonly default_left?: boolean;
  readonly left_child?: DumpNode; readonly right_child?: DumpNode; readonly leaf_index?: number; readonly leaf_value?: number;
}

test("the text model equals LightGBM's JSON dump, node by node", { skip }, () => {
  const m = readLightgbm(bytesOf("formats/lgb.txt"), "lgb.txt");
  const dump = JSON.parse(textOf("formats/lgb.json")) as { feature_names: string[]; max_feature_idx: number; tree_info: { tree_structure: DumpNode; num_leaves: number; shrinkage: number }[] };
  assert.deepEqual(m.fields.get("feature_names"), dump.feature_names);
  assert.equal(numberField(m, "max_feature_idx"), dump.max_feature_idx);
  const check = (t: Foreign, n: DumpNode, at: number): void => {
    if (at < 0) {
      assert.equal(n.leaf_index, ~at);
      assert.equal(arrayField(t, "leaf_value").data[~at], n.leaf_value);
      return;
    }
    assert.equal(n.split_index, at);
    assert.equal(arrayField(t, "split_feature").data[at], n.split_feature);
    assert.equal(arrayField(t, "threshold").data[at], n.threshold);
    assert.equal(((arrayField(t, "decision_type").data[at] ?? 0) & 2) !== 0, n.default_left);
    assert.ok(n.left_child && n.right_child);
    check(t, n.left_child, arrayField(t, "left_child").data[at] ?? 0);
    check(t, n.right_child, arrayField(t, "right_child").data[at] ?? 0);
  };
  const trees = listField(m, "trees");
  assert.equal(trees.length, dump.tree_info.length);
  dump.tree_info.forEach((info, i) => {
    const t = trees[i];
    assert.ok(isForeign(t));
    assert.equal(numberField(t, "num_leaves"), info.num_leaves);
    assert.equal(numberField(t, "shrinkage"), info.shrinkage);
    check(t, info.tree_structure, info.num_leaves > 1 ? 0 : -1);
  });
});

test("raw scores equal LightGBM's to the last bit, labels and probabilities agree", { skip }, () => {
  const m = readLightgbm(textOf("formats/lgb.txt"), "lgb.txt");
  const truth = table("formats/truth/lgb.csv", 1);
  table("formats/truth/iris_input.csv", 1).forEach((row, r) => {
    const s = raw(m, row);
    assert.deepEqual(s, truth[r]?.slice(4), `row ${r}`);
    assert.equal(s.indexOf(Math.max(...s)), truth[r]?.[0]);
    softmax(s).forEach((p, c) => assert.ok(Math.abs(p - (truth[r]?.[c + 1] ?? NaN)) < 1e-12));
  });
});

test("the three sets: file, pickled text and predictions", { skip }, () => {
  for (const set of ["iris", "wine", "rgb"]) {
    const bytes = bytesOf(`sk191/${set}/lgbm.txt`);
    assert.ok(sniffLightgbm(bytes));
    const m = readLightgbm(bytes, "m");
    const pickle = Buffer.from(bytesOf(`sk191/${set}/lgbm.pkl`));
    const at = pickle.indexOf("tree\nversion=v4\n");
    const text = pickle.subarray(at, at + pickle.readUInt32LE(at - 4)).toString("utf8");
    assert.deepEqual(readLightgbmText(text, "m"), m);
    const truth = table(`sk191/${set}/lgbm.pred.csv`);
    table(`sk191/${set}/test_raw.csv`).forEach((row, r) => {
      softmax(raw(m, row)).forEach((p, c) => assert.ok(Math.abs(p - (truth[r]?.[c + 1] ?? NaN)) < 1e-8, `${set} row ${r}`));
    });
  }
});

const HEAD = { version: "v3", num_class: "1", num_tree_per_iteration: "1", label_index: "0", max_feature_idx: "1", objective: "binary sigmoid:1", feature_names: "a b" };
const TREE = { num_leaves: "3", num_cat: "0", split_feature: "0 1", threshold: "0.5 1e300", decision_type: "2 2", left_child: "1 -1", right_child: "-2 -3", leaf_value: "1 2 3", is_linear: "0", shrinkage: "0.1" };
const lines = (o: object): string => Object.entries(o).map(([k, v]) => `${k}=${String(v)}\n`).join("");
const modelOf = (head: object = {}, tree: object = {}, extra = ""): string =>
  `tree\n${lines({ ...HEAD, ...head })}${extra}\nTree=0\n${lines({ ...TREE, ...tree })}\n\nend of trees\n\nparameters:\n[x: y]\n`;

test("a hand-made model: fields, objective, random-forest flag, line ends, a tree of one leaf", () => {
  const m = readLightgbm(modelOf({}, {}, "average_output\n").replaceAll("\n", "\r\n"), "hand.txt");
  assert.equal(stringField(m, "objective"), "binary");
  assert.deepEqual(m.fields.get("objective_params"), new Map([["sigmoid", 1]]));
  assert.equal(boolField(m, "average_output"), true);
  assert.deepEqual([[0.5, 0], [0.6, 0], [0, Infinity]].map((r) => raw(m, r)[0]), [1, 2, 3]);
  const tree = listField(m, "trees")[0];
  assert.ok(isForeign(tree));
  assert.equal(numberField(tree, "shrinkage"), 0.1);
  const one = readLightgbm(modelOf({}, { num_leaves: 1, split_feature: "", threshold: "", decision_type: "", left_child: "", right_child: "", leaf_value: "4" }), "one.txt");
  assert.deepEqual(raw(one, [0, 0]), [4]);
  assert.deepEqual(readLightgbm(modelOf({ objective: "regression sqrt" }), "x").fields.get("objective_params"), new Map([["sqrt", true]]));
});

test("categorical splits and linear leaves stay in the data", () => {
  const cat = listField(readLightgbm(modelOf({}, { num_cat: 1, decision_type: "1 2", threshold: "0 1", cat_boundaries: "0 2", cat_threshold: "4294967295 1" }), "c"), "trees")[0];
  assert.ok(isForeign(cat));
  assert.deepEqual([...arrayField(cat, "cat_threshold").data], [4294967295, 1]);
  const linear = listField(readLightgbm(modelOf({}, { is_linear: 1, leaf_const: "1 2 3", num_features: "1 0 2", leaf_features: "0  0 1", leaf_coeff: "0.5  1 2" }), "l"), "trees")[0];
  assert.ok(isForeign(linear));
  assert.equal(boolField(linear, "is_linear"), true);
  assert.deepEqual([...arrayField(linear, "leaf_coeff").data], [0.5, 1, 2]);
});

test("hostile models are refused", () => {
  const bad = (head: object, tree: object = {}): void => assert.equal(code(() => readLightgbm(modelOf(head, tree), "bad")), "lightgbm/damaged", JSON.stringify([head, tree]));
  assert.equal(code(() => readLightgbm(modelOf(), "good")), "no error");
  bad({ num_class: 0 });
  bad({ num_class: 1e9 });
  bad({ num_class: -1 });
  bad({ num_class: 2 , num_tree_per_iteration: 3 });
  bad({ max_feature_idx: 1e9 });
  bad({ max_feature_idx: 5 });
  bad({ objective: "multiclass num_class:3" });
  bad({ tree_sizes: "100 200" });
  bad({}, { left_child: "0 -1" });
  bad({}, { left_child: "1 1" });
  bad({}, { left_child: "-1 -1" });
  bad({}, { left_child: "1 -9" });
  bad({}, { right_child: "-2 7" });
  bad({}, { right_child: "-2" });
  bad({}, { split_feature: "0 2" });
  bad({}, { threshold: "nan 1" });
  bad({}, { threshold: "inf 1" });
  bad({}, { threshold: "0x10 1" });
  bad({}, { leaf_value: "1 2 nan" });
  bad({}, { num_leaves: 1e9 });
  bad({}, { num_leaves: 16777216 });
  bad({}, { num_leaves: 0 });
  bad({}, { decision_type: "1 2" });
  bad({}, { num_cat: 1, cat_boundaries: "0 5", cat_threshold: "1" });
  bad({}, { is_linear: 1 });
  assert.equal(code(() => readLightgbm(modelOf({ version: "v9" }), "v")), "lightgbm/version");
  assert.equal(code(() => readLightgbm('{"name":"tree"}', "d")), "lightgbm/dump");
  assert.equal(code(() => readLightgbm("", "d")), "lightgbm/damaged");
  assert.equal(code(() => readLightgbm(modelOf().replace("end of trees", ""), "d")), "lightgbm/damaged");
  assert.equal(code(() => readLightgbm(`tree\n${Array.from({ length: 1000 }, (_, i) => `k${i}=\n`).join("")}`, "d")), "lightgbm/damaged");
});

test("damaged files end in a CoincellError", { skip }, () => {
  const source = bytesOf("formats/lgb.txt");
  let seed = 1;
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * n);
  };
  for (let i = 0; i < 600; i++) {
    const b = i % 8 === 0 ? source.slice(0, random(source.length)) : source.slice();
    for (let k = 0; k < 1 + (i % 5); k++) b[random(b.length)] = 32 + random(90);
    assert.ok(["no error", "lightgbm/damaged", "lightgbm/version"].includes(code(() => readLightgbm(b, "bad"))));
  }
});
