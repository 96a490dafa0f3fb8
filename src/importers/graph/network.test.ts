import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { CoincellError } from "../../ir/diagnostics.js";
import type { Graph } from "../../ir/types.js";
import { importModel } from "../index.js";
import { readGraph, writeGraph } from "./index.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A layer with weights, a sum with itself, a state that is read, a second input, and three outputs. */
const small: Graph = {
  name: "small", task: "transform", labels: [], featureNames: [], source: "made by a test", notes: [], input: 0, moreInputs: [1],
  tensors: [
    { name: "x", dtype: "i8", shape: [1, 2, 2, 1], quant: { scale: [0.5], zero: [-1] } },
    { name: "z", dtype: "i8", shape: [1, 2, 2, 2], quant: { scale: [0.25], zero: [3] } },
    { name: "w", dtype: "i8", shape: [2, 1, 1, 1], data: Int8Array.of(-128, 7), quant: { scale: [0.1, 0.2], zero: [0, 0], axis: 0, bits: 8 } },
    { name: "y", dtype: "i8", shape: [1, 2, 2, 2], quant: { scale: [0.3], zero: [0] } },
    { name: "s", dtype: "i8", shape: [1, 2, 2, 2], quant: { scale: [0.3], zero: [0] }, state: true, start: Int8Array.of(1, 2, 3, -4, 5, 6, 7, 8) },
    { name: "u", dtype: "i8", shape: [1, 2, 2, 2], quant: { scale: [0.4], zero: [5] } },
    { name: "v", dtype: "i8", shape: [1, 2, 2, 2], quant: { scale: [0.4], zero: [5] } },
  ],
  nodes: [
    { name: "conv", op: "conv_2d", attrs: { groups: 1, strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, top: 0, left: 0, bottom: 0, right: 0, activation: "relu" }, inputs: [0, 2], outputs: [3] },
    { name: "sum", op: "add", attrs: { subtract: false, activation: "none" }, inputs: [3, 1], outputs: [5] },
    { name: "old", op: "add", attrs: { subtract: true, activation: "none" }, inputs: [5, 4], outputs: [6] },
  ],
  outputs: [{ role: "scores", tensor: 6 }, { role: "more", tensor: 3 }, { role: "more", tensor: 5 }],
};

test("a network comes back bit for bit: shapes, constants, state, axis, several inputs and outputs", () => {
  assert.deepEqual(readGraph(bytes(writeGraph(small)), "s.json"), small);
});

const folder = new URL("../../../../shared/fixtures/int8/", import.meta.url);

test("every fixture that is imported comes back", { skip: existsSync(folder) ? false : "the fixtures are not here" }, () => {
  let seen = 0;
  for (const file of readdirSync(folder).filter((f) => f.endsWith(".tflite"))) {
    let graph: Graph;
    try {
      graph = importModel(readFileSync(new URL(file, folder)), file);
    } catch (e) {
      if (e instanceof CoincellError) continue;
      throw e;
    }
    assert.deepEqual(readGraph(bytes(writeGraph(graph)), "g.json"), graph, file);
    seen++;
  }
  assert.ok(seen > 60, `${seen} fixtures`);
});

type Doc = Record<string, unknown> & { nodes: Record<string, unknown>[]; tensors: Record<string, unknown>[]; outputs: Record<string, unknown>[]; moreInputs: unknown };
const attrs = (d: Doc, k: number): Record<string, unknown> => d.nodes[k]!["attrs"] as Record<string, unknown>;
const quant = (d: Doc, t: number): Record<string, unknown> => d.tensors[t]!["quant"] as Record<string, unknown>;

const damaged: Readonly<Record<string, (d: Doc) => void>> = {
  "weights cut short": (d) => { d.tensors[2]!["data"] = { $: "i8", base64: "AA==" }; },
  "weights of another type": (d) => { d.tensors[2]!["data"] = { $: "i16", base64: "AAAAAA==" }; },
  "weights that are no array": (d) => { d.tensors[2]!["data"] = [1, 2]; },
  "constant that is a state": (d) => { d.tensors[2]!["state"] = true; },
  "state that is a number": (d) => { d.tensors[4]!["state"] = 1; },
  "start of a constant": (d) => { d.tensors[2]!["start"] = d.tensors[2]!["data"]; },
  "start cut short": (d) => { d.tensors[4]!["start"] = { $: "i8", base64: "AA==" }; },
  "constant that is made": (d) => { d.nodes[0]!["outputs"] = [2]; },
  "constant as input": (d) => { d["input"] = 2; },
  "input twice": (d) => { d.moreInputs = [0]; },
  "input out of range": (d) => { d.moreInputs = [77]; },
  "too many inputs": (d) => { d.moreInputs = Array.from({ length: 100 }, () => 1); },
  "axis out of range": (d) => { quant(d, 2)["axis"] = 4; },
  "axis that is a fraction": (d) => { quant(d, 2)["axis"] = 0.5; },
  "bits": (d) => { quant(d, 2)["bits"] = 0; },
  "scales that are too few": (d) => { quant(d, 2)["axis"] = 1; },
  "scale missing": (d) => { d.tensors[0]!["quant"] = {}; },
  "no scale": (d) => { delete d.tensors[0]!["quant"]; },
  "too few operands": (d) => { d.nodes[1]!["inputs"] = [3]; },
  "too many operands": (d) => { d.nodes[0]!["inputs"] = [0, 2, 2, 2]; },
  "stride 0": (d) => { attrs(d, 0)["strideY"] = 0; },
  "stride that is a text": (d) => { attrs(d, 0)["strideY"] = "1"; },
  "padding below 0": (d) => { attrs(d, 0)["top"] = -5; },
  "groups": (d) => { attrs(d, 0)["groups"] = 3; },
  "attribute missing": (d) => { delete attrs(d, 1)["activation"]; },
  "unknown activation": (d) => { attrs(d, 1)["activation"] = "constructor"; },
  "shape of another rank": (d) => { d.tensors[3]!["shape"] = [1, 4, 2]; },
  "absurd rank": (d) => { d.tensors[0]!["shape"] = Array.from({ length: 40 }, () => 1); },
  "absurd size": (d) => { d.tensors[0]!["shape"] = [1, 1e5, 1e5, 1]; },
  "two scores": (d) => { d.outputs[1]!["role"] = "scores"; },
  "no scores": (d) => { d.outputs[0]!["role"] = "more"; },
  "output that nobody makes": (d) => { d.nodes.pop(); },
};

test("damaged and hostile networks give an error that names the place", async (t) => {
  for (const [name, damage] of Object.entries(damaged)) {
    await t.test(name, () => {
      const doc = JSON.parse(writeGraph(small)) as Doc;
      damage(doc);
      assert.throws(() => readGraph(bytes(JSON.stringify(doc)), "g.json"), (e) => e instanceof CoincellError && e.diagnostic.cure !== "");
    });
  }
});
