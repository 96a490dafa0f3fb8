import assert from "node:assert/strict";
import { test } from "node:test";
import { CoincellError } from "../ir/diagnostics.js";
import { htmlReport } from "./html.js";
import { layerName } from "./network-words.js";
import { readReports } from "./read.js";
import { terminalReport } from "./terminal.js";
import { sample, sampleNetwork } from "./testing.js";
import type { RunReport } from "./types.js";

const options = { colour: false, columns: 100 };
const fault: RunReport = { ...sampleNetwork, equal: false, difference: { row: 1, what: "scores", index: 0, device: 3, reference: 4, layer: { layer: 1, name: "dense", op: "fully_connected", index: 1, device: -3, reference: 5 } } };
const golden: RunReport = { ...sampleNetwork, equal: false, difference: { row: 1, what: "golden", index: 2, device: 3, reference: 4 } };

test("the terminal shows layers with shares and bars, and memory over time", () => {
  const text = terminalReport([sampleNetwork], options);
  for (const part of [/weights 600 +▓ code 300/, /activations 64/, /2, 192 MACs; 0\.78 cycles per MAC/, /0 +conv_2d \(dsp\) +1×2×2×8 +128 +100 +66\.7 % +█{16} +500 +32/, /1 +fully_connected .* 33\.3 % +█{8} /, /64 bytes hold 5 tensors; no plan can be below 60/, /0 ░+1+/]) assert.match(text, part);
  assert.doesNotMatch(text, /agreement/);
  const picture = text.split("\n").slice(text.split("\n").findIndex((l) => l.includes("  memory  ")) + 1);
  assert.equal(picture[0]?.trim(), "0 ░░░░░░░░11111111".replace("░░░░░░░░11111111", `${"░".repeat(8)}${"1".repeat(8)}`));
  assert.match(picture[11] ?? "", /▓{16}/);
});

test("a layer that is wrong is named, and so are golden outputs that the reference does not give", () => {
  assert.match(terminalReport([fault], options), /row 2 of 10: layer 1 \(fully_connected, dense\): element 1 is -3 on the board, 5 in the reference/);
  assert.match(terminalReport([golden], options), /row 2 of 10: element 2 of the reference is 3, the golden outputs say 4/);
});

test("the page draws every tensor and every layer, and asks for nothing from elsewhere", () => {
  const page = htmlReport([sampleNetwork]);
  assert.equal(page.match(/<rect class="block /g)?.length, 5);
  for (const part of [/<title>b\/Relu: 32 bytes at 16 to 48, from layer 0 to layer 1<\/title>/, /class="bound"/, /from the start to the end/, /100 · 66\.7 %/]) assert.match(page, part);
  assert.doesNotMatch(page, /https?:|NaN|undefined|Infinity/);
  assert.match(htmlReport([sampleNetwork, { ...sampleNetwork, board: "host", cycles: null, perLayer: (sampleNetwork.perLayer ?? []).map((l) => ({ ...l, cycles: null, instructions: null })) }]), /No costs are counted on this board/);
  assert.doesNotMatch(htmlReport([sample]), /Memory over time/);
});

test("hostile names stay text, names without sense stay short", () => {
  const name = '"><script>alert(1)</script>\u202e';
  const [first] = sampleNetwork.perLayer ?? [];
  const hostile: RunReport = { ...sampleNetwork, perLayer: first ? [{ ...first, name, op: name }] : [], memoryMap: { bytes: 0, bound: 0, steps: 1, blocks: [{ name, kind: "layer", bytes: 0, offset: 0, first: 0, last: 1 }] } };
  assert.doesNotMatch(htmlReport([hostile]) + terminalReport([hostile], options).replace(/<script>/g, ""), /<script>|\u202e/);
  assert.equal(layerName(";;"), ";;");
  assert.equal(layerName("a/b/c;d"), "b/c");
});

test("saved reports of networks come back; a wrong field is named", () => {
  for (const r of [sampleNetwork, fault, golden]) assert.deepEqual(readReports(JSON.stringify(r), "a.json"), [r]);
  const wrong: readonly object[] = [
    { ...sampleNetwork, perLayer: [{}] }, { ...sampleNetwork, perLayer: 3 }, { ...sampleNetwork, memoryMap: { blocks: [] } }, { ...sampleNetwork, certificate: { hash: 3 } },
    { ...sampleNetwork, flash: { ...sampleNetwork.flash, weights: "1" } }, { ...sampleNetwork, random: "yes" },
  ];
  for (const w of wrong) assert.throws(() => readReports(JSON.stringify(w), "a.json"), (e) => e instanceof CoincellError && e.diagnostic.code === "report/bad-field", JSON.stringify(w).slice(0, 60));
});
