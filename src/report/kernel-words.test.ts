import assert from "node:assert/strict";
import { test } from "node:test";
import { CoincellError } from "../ir/diagnostics.js";
import { frontPage } from "./front-html.js";
import { frontText } from "./front.js";
import type { FrontPoint, FrontReport } from "./front-types.js";
import { htmlReport } from "./html.js";
import { kernelReason, kernelsLine } from "./kernel-words.js";
import { readReports } from "./read.js";
import { terminalReport } from "./terminal.js";
import { sampleNetwork } from "./testing.js";
import type { KernelReport, LayerReport, RunReport } from "./types.js";

const kernel = (name: string | null, cycles: number | null, ram: number, constants: number, scratch = 0): KernelReport => ({ kernel: name, instructions: cycles, cycles, constants, scratch, ram });
const plain = kernel(null, 1900, 9000, 200);
const lanes = kernel("lanes", 1000, 16_680, 240, 1568);
const [first] = sampleNetwork.perLayer ?? [];
const layer = (name: string | null, kernels: readonly KernelReport[]): LayerReport => { const { kernel: _sample, ...rest } = first as LayerReport; return { ...rest, ...(name === null ? {} : { kernel: name }), kernels }; };

test("why a layer has its kernel, in figures", () => {
  assert.equal(kernelReason(layer("lanes", [plain, lanes])), "lanes: 1.9x fewer cycles than plain, 1,568 B scratch, 40 B more flash");
  assert.equal(kernelReason(layer(null, [plain, lanes])), "plain: saves 7,680 B of RAM and 40 B of flash over lanes, which takes 1.9x fewer cycles");
  assert.equal(kernelReason(layer("packed", [plain, kernel("packed", 2850, 9000, 50)])), "packed: 1.5x as many cycles as plain, saves 150 B of flash");
  assert.equal(kernelReason(layer(null, [plain, kernel("lanes", 2000, 9000, 200)])), "plain: no other takes fewer cycles");
  assert.equal(kernelReason(layer("lanes", [plain, kernel("lanes", null, 9000, 200, 8)])), "lanes: 8 B scratch; not all kernels could be measured here");
  assert.equal(kernelReason(layer(null, [plain])), null);
});

test("one line for all layers", () => {
  assert.equal(kernelsLine([layer("lanes", [plain, lanes]), layer(null, [plain, lanes])]), "lanes 1, plain 1 of 2 layers: 1.3x fewer cycles than all plain");
  assert.equal(kernelsLine([layer(null, [plain])]), null);
});

const chosen: RunReport = { ...sampleNetwork, perLayer: [layer("lanes", [plain, lanes]), layer(null, [plain, lanes])] };

test("terminal and page tell the reasons, saved reports keep them, a wrong field is named", () => {
  for (const text of [terminalReport([chosen], { colour: false, columns: 100 }), htmlReport([chosen])]) for (const part of [/1\.9x fewer cycles than plain/, /saves 7,680 B of RAM/, /lanes 1, plain 1 of 2 layers/]) assert.match(text, part);
  assert.deepEqual(readReports(JSON.stringify(chosen), "a.json"), [chosen]);
  const wrong = { ...chosen, perLayer: [{ ...layer("lanes", [plain, lanes]), kernels: [{ kernel: 3 }] }] };
  assert.throws(() => readReports(JSON.stringify(wrong), "a.json"), (e) => e instanceof CoincellError && e.diagnostic.code === "report/bad-field" && e.diagnostic.where.endsWith("kernel"));
});

const point: FrontPoint = { id: "p1", program: "layer by layer", form: "table", optimise: "-Os", kernels: ["lanes", null], activations: 900, ram: 1000, flash: 5000, instructions: 70, cycles: 100, fits: true, front: true, goals: ["ram"] };
const front: FrontReport = {
  model: "net", board: "uno", limits: { flash: null, ram: 2048 }, layers: [],
  points: [point, { ...point, id: "p2", ram: 1100, goals: [], front: false }, { ...point, id: "p3", ram: 3000, cycles: 50, fits: false, front: false, goals: ["speed"], kernels: ["</script><b>\u202e", "lanes"] }],
};

test("the front: what another beats in everything is left to the page; hostile names stay text", () => {
  const text = frontText(front, { colour: false, columns: 100 });
  assert.match(text, /limits: RAM 2,048 bytes/);
  assert.match(text, /1,000 +900 +5,000 +70 +100 +table -Os +ram +lanes 1, plain 1/);
  assert.match(text, /speed \(does not fit\)/);
  assert.match(text, /1 more are no better in anything/);
  assert.doesNotMatch(text, /1,100|\u202e/);
  const page = frontPage(front);
  assert.equal(page.match(/<tr class/g)?.length, 3);
  assert.doesNotMatch(page.replace(/<script>const fit[\s\S]*$/, ""), /<b>\u202e|<\/script><b>/);
  assert.equal(page.match(/<\/script>/g)?.length, 1);
  assert.doesNotMatch(page, /\u202e|https?:\/\/(?!www\.w3\.org)/);
});
