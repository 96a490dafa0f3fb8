/** Costs by layer, golden vectors, and the naming of the layer that is wrong. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { kernelSource } from "../assets.js";
import { findBoard } from "../boards/index.js";
import type { KernelSource } from "../emit/index.js";
import { CoincellError } from "../ir/diagnostics.js";
import type { Tensor } from "../ir/types.js";
import { compile, type Compiled } from "./compile.js";
import { importModel } from "./files.js";
import { goldenTable, readGolden } from "./golden.js";
import { lives, memoryMapOf } from "./measure-network.js";
import { randomRows } from "./random-rows.js";
import { run, type RunOutcome } from "./run.js";
import { branched } from "./testing.js";
import { createRunner } from "../passes/run-program.js";
import { convertRows } from "../ir/conversion.js";

const missing = (command: string): string | false => (spawnSync(command, ["--version"]).error ? `${command} is not installed` : false);
const folder = mkdtempSync(join(tmpdir(), "coincell-profile-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The addition rounds down a little too often. */
const wrongAdd: KernelSource = (op, file) => {
  const text = kernelSource(op, file);
  return op === "add" && file === "kernel.c" && text ? text.replace("u - v : u + v,", "u - v : u + v - 100000,") : text;
};

const request = (c: Compiled, board: string, rows = 2) => ({ compiled: c, board: findBoard(board), table: randomRows(c.program, rows, 7), goal: "size" as const, layers: true });

for (const [board, needs] of [["host", "gcc"], ["mps2-an386", "qemu-system-arm"], ["uno", "avr-gcc"]] as const) {
  test(`${board}: layers are measured, and a wrong one is named`, { skip: missing(needs) }, async () => {
    const c = compile(branched("net"));
    const good = await run(request(c, board));
    assert.equal(good.report.equal, true);
    const layers = good.report.perLayer ?? [];
    assert.deepEqual(layers.map((l) => l.op), ["conv_2d", "conv_2d", "add", "conv_2d"]);
    if (board !== "host") {
      const sum = layers.reduce((n, l) => n + (l.instructions ?? NaN), 0);
      const whole = good.report.instructions?.max ?? 0;
      assert.ok(sum < whole && sum > whole * 0.95, `${sum} of ${whole} instructions`);
      assert.ok((layers[1]?.instructions ?? 0) > (layers[0]?.instructions ?? 0), "four channels cost more than three");
    }
    const bad = await run(request({ ...c, sources: wrongAdd }, board));
    assertAdd(bad);
  });
}

for (const [board, needs, resident] of [["host", "gcc", true], ["mps2-an386", "qemu-system-arm", false], ["uno", "avr-gcc", false]] as const) {
  test(`${board}, row by row: the head is measured as one layer, and a wrong one is found at its end`, { skip: missing(needs) }, async () => {
    const c = compile(branched("net"), { byRows: { layers: 3, resident } });
    const good = await run(request(c, board));
    assert.equal(good.report.equal, true);
    const costs = (good.report.perLayer ?? []).map((l) => l.instructions);
    if (board !== "host") {
      assert.deepEqual(costs.slice(0, 2), [0, 0]);
      const sum = costs.reduce<number>((n, i) => n + (i ?? NaN), 0);
      const whole = good.report.instructions?.max ?? 0;
      assert.ok(sum < whole * 1.02 && sum > whole * 0.95, `${sum} of ${whole} instructions`);
    }
    assert.match(good.report.notes.join(), /layers 0 to 2 run row by row/);
    assert.ok(good.report.memoryMap?.blocks.some((b) => b.name === "3 rows of conv0"), JSON.stringify(good.report.memoryMap));
    assertAdd(await run(request({ ...c, sources: wrongAdd }, board)));
  });
}

function assertAdd({ report: { equal, difference } }: RunOutcome): void {
  assert.equal(equal, false);
  assert.equal(difference?.layer?.layer, 2);
  assert.equal(difference?.layer?.op, "add");
  assert.equal((difference?.layer?.device ?? 0) - (difference?.layer?.reference ?? 0), -1);
}

const stream = fileURLToPath(new URL("../../../shared/fixtures/int8/svdf_stream.tflite", import.meta.url));

/** Sums above a limit are one too large. */
const wrongSvdf: KernelSource = (op, file) => { const text = kernelSource(op, file); return op === "svdf" && file === "kernel.c" && text ? text.replace("p->out_shift) + p->zero_y", "p->out_shift) + p->zero_y + (sum > 1200000)") : text; };

test("networks with state: earlier rows are run again, so that the layer shows the difference of the answer", { skip: existsSync(stream) ? missing("gcc") : "the fixture is not here" }, async () => {
  const c = compile(await importModel(stream));
  const { difference } = (await run(request({ ...c, sources: wrongSvdf }, "host", 12))).report;
  assert.ok(difference && difference.row > 0, JSON.stringify(difference));
  assert.deepEqual(difference.layer, { layer: 0, name: c.program.steps[0]?.name, op: "svdf", index: difference.index, device: difference.device, reference: difference.reference });
});

test("memory over time: lives follow readers, blocks alive together do not overlap", () => {
  const c = compile(branched("net"));
  const life = lives(c.program);
  const [first = -1] = c.program.steps[0]?.outputs ?? [];
  assert.deepEqual(life.get(first), { first: 0, last: 2 });
  assert.deepEqual(life.get(c.program.input), { first: -1, last: 0 });
  assert.equal(life.get(c.program.scores)?.last, c.program.steps.length);
  assert.equal(memoryMapOf(c)?.blocks.length, 5);
});

/** Golden vectors of a network, as its own reference gives them. */
function writeGolden(c: Compiled, name: string, change: (doc: Record<string, unknown>, raw: Buffer) => void = () => {}): string {
  const runner = createRunner(c.program);
  const input = c.program.tensors[c.program.input] as Tensor;
  const xs = randomRows(c.program, 3, 5).rows.flatMap((r) => [...convertRows(r, [input])]);
  const ys = xs.map((x) => runner(x).scores.slice());
  const raw = Buffer.concat([...xs, ...ys].map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength)));
  const [inBytes, outBytes] = [xs, ys].map((l) => l.reduce((n, a) => n + a.byteLength, 0));
  const doc = { name, data: `${name}.bin`, cases: 3, inputs: [{ dtype: "int8", offset: 0, byteLength: inBytes }], outputs: [{ dtype: "int8", offset: inBytes, byteLength: outBytes }] };
  change(doc, raw);
  writeFileSync(join(folder, `${name}.bin`), raw);
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(doc));
  return join(folder, `${name}.json`);
}

test("golden vectors: equal ones prove, others are found in the reference", { skip: missing("gcc") }, async () => {
  const c = compile(branched("net"));
  const golden = await readGolden(writeGolden(c, "right"), c.program);
  const table = goldenTable(golden, c.program);
  const good = await run({ ...request(c, "host"), table, golden, certify: { model: null } });
  assert.equal(good.report.equal, true);
  assert.equal(good.report.certificate?.golden, good.report.certificate?.outputs);
  const wrong = await readGolden(writeGolden(c, "wrong", (_, raw) => { raw[raw.length - 1] = (raw[raw.length - 1] ?? 0) ^ 1; }), c.program);
  const bad = await run({ ...request(c, "host"), table, golden: wrong });
  assert.deepEqual([bad.report.equal, bad.report.difference?.what, bad.report.difference?.row, bad.report.difference?.index], [false, "golden", 2, 59]);
});

test("damaged golden files give an error that names the place", async () => {
  const c = compile(branched("net"));
  const damage: Readonly<Record<string, (doc: Record<string, unknown>) => void>> = {
    cases: (d) => { d["cases"] = 0; }, more: (d) => { d["cases"] = 2; }, data: (d) => { d["data"] = 3; }, absolute: (d) => { d["data"] = "/etc/passwd"; }, none: (d) => { d["data"] = "none.bin"; },
    dtype: (d) => { (d["inputs"] as Record<string, unknown>[])[0]!["dtype"] = "constructor"; }, type: (d) => { (d["inputs"] as Record<string, unknown>[])[0]!["dtype"] = "uint8"; },
    far: (d) => { (d["outputs"] as Record<string, unknown>[])[0]!["offset"] = 1e6; }, lists: (d) => { d["outputs"] = []; }, odd: (d) => { (d["outputs"] as Record<string, unknown>[])[0]!["byteLength"] = "x"; },
  };
  for (const [name, change] of Object.entries(damage))
    await assert.rejects(readGolden(writeGolden(c, `bad_${name}`, change), c.program), (e) => e instanceof CoincellError && e.diagnostic.cure !== "", name);
  writeFileSync(join(folder, "text.json"), "hello");
  await assert.rejects(readGolden(join(folder, "text.json"), c.program), CoincellError);
  assert.ok(readFileSync(join(folder, "text.json")).length > 0);
});
