/** Asking for rows: what is possible, what is said where it is not, and that the answer stays. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findBoard } from "../boards/index.js";
import { without } from "../boards/testing.js";
import { CoincellError } from "../ir/diagnostics.js";
import type { Graph, Quant, Tensor } from "../ir/types.js";
import { placeTensors } from "./arena.js";
import { compile, type RowChoice } from "./compile.js";
import { randomRows } from "./random-rows.js";
import { asAsked, programForms } from "./program-forms.js";
import { rowFront } from "./rows.js";
import { run } from "./run.js";

const per = (scale: number, zero: number): Quant => ({ scale: [scale], zero: [zero] });
const side = { strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, top: 1, left: 1, bottom: 1, right: 1, activation: "none", groups: 1 } as const;

/** Four convolutions over 16 x 8 pixels, which halve the image at last. */
function network(): Graph {
  const tensors: Tensor[] = [{ name: "image", dtype: "i8", shape: [1, 16, 8, 3], quant: per(0.05, -3) }];
  const nodes = [[3, 6], [6, 6], [6, 6], [6, 4]].map(([from = 0, to = 0], k) => {
    const last = k === 3;
    const x = k === 0 ? 0 : 3 * k;
    tensors.push({ name: `w${k}`, dtype: "i8", shape: [to, 3, 3, from], data: Int8Array.from({ length: to * 9 * from }, (_, i) => ((i * 89 + 31) % 255) - 127), quant: per(0.01, 0) });
    tensors.push({ name: `b${k}`, dtype: "i32", shape: [to], data: Int32Array.from({ length: to }, (_, i) => i * 37 - 50), quant: per(0.0005, 0) });
    tensors.push({ name: `conv${k}`, dtype: "i8", shape: [1, last ? 8 : 16, last ? 4 : 8, to], quant: per(0.08, 4) });
    return { name: `conv${k}`, op: "conv_2d", attrs: last ? { ...side, strideY: 2, strideX: 2, top: 0, left: 0 } : side, inputs: [x, 3 * k + 1, 3 * k + 2], outputs: [3 * k + 3] };
  });
  return { name: "net", task: "transform", labels: [], featureNames: [], tensors, nodes, input: 0, outputs: [{ role: "scores", tensor: 12 }], source: "made by a test", notes: [] };
}

const asked = (rows: RowChoice) => asAsked({ ...compile(network()), rows });
const refused = (code: string, rows: RowChoice, c = compile(network())): void =>
  assert.throws(() => programForms({ ...c, rows }, true), (e) => e instanceof CoincellError && e.diagnostic.code === code && e.diagnostic.cure !== "");

test("least takes the head with the least memory, a number that one, auto leaves the choice to the goal", () => {
  const c = compile(network());
  const bytes = (rows: RowChoice): number => asked(rows).placed?.arena.bytes ?? NaN;
  const all = [1, 2, 3, 4].map((layers) => bytes({ layers, resident: false }));
  assert.equal(bytes({ layers: "least", resident: false }), Math.min(...all));
  assert.equal(asked({ layers: 2, resident: true }).program.rows?.steps, 2);
  assert.equal(asked({ layers: 0, resident: true }).program.rows, undefined);
  assert.equal(asAsked(c), c);
  assert.deepEqual(programForms(c, false).map((f) => f.program), [c.program]);
  const wide = programForms(c, true).map((f) => placeTensors(f.program).arena.bytes);
  assert.ok(wide.length > 1 && wide.every((b, i) => i === 0 || b < (wide[i - 1] ?? 0)), `each form takes less: ${wide.join()}`);
});

test("the front: less memory for more moves, nothing that another point beats in both", () => {
  for (const resident of [true, false]) {
    const front = rowFront(compile(network()).program, resident);
    assert.ok(front.length >= 2);
    for (const [i, f] of front.entries()) for (const g of front.slice(i + 1)) assert.ok(g.moved > f.moved && g.bytes < f.bytes);
  }
});

test("what cannot run row by row is told so", () => {
  refused("rows/bad-cut", { layers: 9, resident: true });
  const flat: Graph = { ...network(), tensors: [{ name: "x", dtype: "i8", shape: [1, 4], quant: per(0.1, 0) }, { name: "y", dtype: "i8", shape: [1, 4], quant: per(1 / 256, -128) }], nodes: [{ name: "s", op: "softmax", attrs: { beta: 1 }, inputs: [0], outputs: [1] }], outputs: [{ role: "scores", tensor: 1 }] };
  refused("rows/no-head", { layers: "auto", resident: false }, compile(flat));
  assert.equal(asAsked({ ...compile(flat), rows: { layers: "least", resident: true } }).program.rows, undefined);
  refused("rows/not-a-network", { layers: "auto", resident: true }, { ...compile(network()), placed: null });
});

for (const resident of [true, false]) {
  test(`on the host the answers stay, the input ${resident ? "in memory" : "handed over by rows"}`, { skip: without("gcc") }, async () => {
    const compiled = { ...compile(network()), rows: { layers: "least", resident } as const };
    const { report } = await run({ compiled, board: findBoard("host"), table: randomRows(compiled.program, 3, 7), goal: "size" });
    assert.equal(report.equal, true);
    assert.equal(report.samples, 3);
    assert.ok((report.ram.activations ?? Infinity) < (compiled.placed?.arena.bytes ?? 0));
  });
}
