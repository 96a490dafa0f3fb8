/** What `check` says of a network: from the file alone, without running it. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { call } from "../cli/testing.js";
import { importModel } from "./files.js";
import { inspect } from "./inspect.js";

const model = fileURLToPath(new URL("../../../shared/models/kws_ref_model.tflite", import.meta.url));
const skip = existsSync(model) ? false : "the model is not here";

test("shapes, scales, operators with counts and MACs, weights, activations, boards", { skip }, async () => {
  const { network, inputTypes, featureNames } = inspect(await importModel(model));
  assert.ok(network);
  assert.deepEqual(inputTypes, []);
  assert.deepEqual(featureNames, []);
  assert.deepEqual(network.inputs.map((p) => [p.shape, p.type]), [[[1, 49, 10, 1], "i8"]]);
  assert.deepEqual(network.outputs.map((p) => [p.shape, p.type, p.scale, p.zero]), [[[1, 12], "i8", 1 / 256, -128]]);
  assert.equal(network.operators.find((o) => o.op === "depthwise_conv_2d")?.count, 4);
  assert.equal(network.macs, 2_656_768);
  assert.ok(network.weights > 20_000 && network.weights < 40_000, String(network.weights));
  assert.ok(network.activations.plan >= network.activations.bound && network.activations.plan <= 16_000);
  const guess = (board: string): string | undefined => network.boards.find((b) => b.board === board)?.guess;
  assert.deepEqual([guess("nucleo-l4r5zi"), guess("attiny85"), guess("host")], ["fits", "no", "no limit"]);
});

test("the verb prints them; --json has all", { skip }, async () => {
  const { code, out } = await call(["check", model]);
  assert.equal(code, 0);
  for (const part of [/inputs +1 x 49 x 10 x 1 i8, real = /, /conv_2d +5x +i8 +2,368,000 MACs \(89\.1 %\)/, /activations +[\d,]+ bytes of RAM/, /fits +.*nucleo-l4r5zi/, /too large +.*attiny85/]) assert.match(out, part);
  const json = JSON.parse((await call(["check", model, "--json"])).out) as { network: { layers: number } };
  assert.equal(json.network.layers, 13);
});
