import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CoincellError } from "../../ir/diagnostics.js";
import type { Graph } from "../../ir/types.js";
import { importModel } from "../index.js";
import { readGraph, sniffGraph, writeGraph } from "./index.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const load = (path: string): Graph => importModel(readFileSync(new URL(`../../../${path}`, import.meta.url)), path);
const pipe = load("test/fixtures/sklearn/pipe_standard_lr.pkl");

test("a graph comes back bit for bit", () => {
  for (const path of ["test/fixtures/sklearn/pipe_standard_lr.pkl", "examples/colour/colour_forest.pkl", "test/fixtures/sklearn/gnb_str.joblib"]) {
    const graph = load(path);
    const text = writeGraph(graph);
    assert.ok(sniffGraph(bytes(text)));
    assert.deepEqual(readGraph(bytes(text), "g.json"), graph);
    assert.deepEqual(importModel(bytes(text), `${graph.name}.json`), graph);
  }
});

test("numbers JSON has no word for survive", () => {
  const odd: Graph = { ...pipe, nodes: pipe.nodes.map((n, i) => (i === 0 ? { ...n, attrs: { ...n.attrs, a: NaN, b: -0, c: Infinity } } : n)) };
  assert.deepEqual(readGraph(bytes(writeGraph(odd)), "g.json").nodes[0]?.attrs, odd.nodes[0]?.attrs);
});

type Doc = Record<string, unknown> & { nodes: Record<string, unknown>[]; tensors: Record<string, unknown>[]; outputs: unknown[] };
const damaged: Readonly<Record<string, (d: Doc) => void>> = {
  "newer version": (d) => { d["version"] = 2; },
  "no nodes": (d) => { d.nodes = 3 as never; },
  "unknown operator": (d) => { d.nodes[0]!["op"] = "teleport"; },
  "prototype as operator": (d) => { d.nodes[0]!["op"] = "constructor"; },
  "attribute missing": (d) => { d.nodes[0]!["attrs"] = {}; },
  "attribute of another type": (d) => { d.nodes[1]!["attrs"] = { rows: 1, cols: 5, w: "x", b: 3 }; },
  "array cut short": (d) => { (d.nodes[0]!["attrs"] as Record<string, unknown>)["scale"] = { $: "f64", base64: "AAAA" }; },
  "array of an unknown type": (d) => { (d.nodes[0]!["attrs"] as Record<string, unknown>)["scale"] = { $: "f65", base64: "" }; },
  "tensor that does not exist": (d) => { d.nodes[0]!["inputs"] = [99]; },
  "cycle": (d) => { d.nodes[0]!["inputs"] = [2]; },
  "made twice": (d) => { d.nodes[1]!["outputs"] = d.nodes[0]!["outputs"]; },
  "wrong shape": (d) => { d.tensors[1]!["shape"] = [4]; },
  "absurd shape": (d) => { d.tensors[0]!["shape"] = [1e9]; },
  "input of two dimensions": (d) => { d.tensors[0]!["shape"] = [5, 5]; },
  "no outputs": (d) => { d.outputs = []; },
  "two scores": (d) => { d.outputs = [d.outputs[0], d.outputs[0]]; },
  "labels that are objects": (d) => { d["labels"] = [{}]; },
  "task": (d) => { d["task"] = "magic"; },
};

test("damaged and hostile files give an error that names the place", async (t) => {
  for (const [name, damage] of Object.entries(damaged)) {
    await t.test(name, () => {
      const doc = JSON.parse(writeGraph(pipe)) as Doc;
      damage(doc);
      assert.throws(() => readGraph(bytes(JSON.stringify(doc)), "g.json"), (e) => e instanceof CoincellError && e.diagnostic.cure !== "");
    });
  }
  const whole = bytes(writeGraph(pipe));
  for (let n = 0; n < whole.length - 2; n += 97) assert.throws(() => readGraph(whole.subarray(0, n), "g.json"), CoincellError);
  assert.throws(() => readGraph(bytes(`{"coincell":"graph","nodes":${"[".repeat(200_000)}`), "g.json"), CoincellError);
});
