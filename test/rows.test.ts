/** Networks whose head runs row by row, on boards: the same bytes as layer by layer, whichever layers it holds, and through the functions that take single rows. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { kernelSource, runtimeHeader } from "../src/assets.js";
import { features, findBoard } from "../src/boards/index.js";
import { without } from "../src/boards/testing.js";
import { emitC } from "../src/emit/index.js";
import { readGraph } from "../src/importers/tflite/index.js";
import { sharedFiles } from "../src/importers/tflite/testing.js";
import { convertRows } from "../src/ir/conversion.js";
import type { Program } from "../src/ir/op.js";
import { elements, type Tensor } from "../src/ir/types.js";
import { withKernels } from "../src/passes/kernels.js";
import { rowForms, withRows } from "../src/passes/rows.js";
import { createRunner } from "../src/passes/run-program.js";
import { placeTensors } from "../src/stages/arena.js";
import { compile } from "../src/stages/compile.js";
import { randomRows } from "../src/stages/random-rows.js";
import { runBatch, type Job } from "./support/batch.js";
import { rowBytes } from "./support/one-layer.js";
import { randomGraph } from "./support/random-graph.js";
import { prepareNetwork } from "../src/passes/quantise/network.js";

const names = ["pretrainedResnet_quant", "kws_ref_model", "vww_96_int8", "str_ww_ref_model"];
const networks = (sharedFiles("models") ?? []).filter(({ name }) => names.includes(name.replace(".tflite", "")));
const absent = networks.length === names.length ? false : "the networks are not here";

const inputs = (p: Program, n: number) => randomRows(p, n, 7).rows.flatMap((r) => convertRows(r, [p.tensors[p.input] as Tensor]));

/** The longest head, one in the middle, and one that makes two rows a call. */
function forms(p: Program): readonly Program[] {
  const [kept, handed] = [rowForms(p), rowForms(p, { resident: false })];
  return [kept.at(-1), kept[kept.length >> 1], handed.at(-1), withRows(p, Math.min(8, kept.length), { resident: false, each: 2 })].flatMap((f) => f ?? []);
}

for (const [board, compiler, rows] of [["host", "gcc", 2], ["mps2-an386", "arm-none-eabi-gcc", 1], ["mps2-an385", "arm-none-eabi-gcc", 1]] as const) {
  test(`networks row by row on ${board} give the reference's bytes`, { skip: absent || without(compiler) }, async () => {
    const b = findBoard(board);
    for (const { name, bytes } of networks) {
      const { program } = compile(readGraph(bytes, name));
      const xs = inputs(program, rows);
      const want = xs.map((x) => { const { scores, more } = createRunner(program)(x); return rowBytes([scores, ...more]); });
      const jobs = forms(program).map((f): Job => {
        const fast = withKernels(f, features(b.core));
        return { title: `${name} ${f.rows?.steps}`, program: fast, arena: placeTensors(fast).arena, form: "table", rows: xs, want };
      });
      assert.ok(jobs.length >= 3, name);
      const wrong = await runBatch(jobs, b, board === "host");
      assert.deepEqual(wrong.map((w) => w.title), [], name);
    }
  });
}

/** The first random network with a head of three layers. */
function small(): { readonly plain: Program; readonly p: Program } {
  for (let seed = 1; ; seed++) {
    const plain = prepareNetwork(randomGraph(seed, { wide: false, portable: true }));
    const p = withRows(plain, 3, { resident: false });
    if (p) return { plain, p: { ...p, name: "net" } };
  }
}

/** A program around the network as a user writes it: rows as they come from a sensor; a picture broken off half-way is begun anew. */
const main = (rows: number, row: number, outputs: number): string => `#include <stdio.h>
#include <string.h>
#include "net.h"
int main(void)
{
    static net_input_t x[${rows * row}];
    while (fread(x, 1, sizeof x, stdin) == sizeof x) {
        net_init();
        memcpy(net_row(), x, NET_ROW * sizeof *x);
        (void)net_push_row();
        net_init();
        for (int y = 0; y < NET_ROWS; y++) {
            memcpy(net_row(), x + y * NET_ROW, NET_ROW * sizeof *x);
            if (net_push_row() != (y == NET_ROWS - 1))
                return 2;
        }
        fwrite(net_output(), 1, ${outputs}, stdout);
    }
    return 0;
}
`;

test("rows handed over one by one, as the header says, through a strict compiler and the sanitizers", { skip: without("gcc") }, () => {
  const { plain, p } = small();
  const folder = mkdtempSync(join(tmpdir(), "coincell-rows-"));
  try {
    const files = emitC({ program: p, labelProgram: null, form: "table", sources: kernelSource, runtime: runtimeHeader(), measured: null, arena: placeTensors(p).arena });
    for (const [path, text] of files) writeFileSync(join(folder, path), text);
    const [line] = p.rows?.lines ?? [];
    const rows = (line?.inside ?? 0) - (line?.above ?? 0);
    const scores = p.tensors[p.scores] as Tensor;
    writeFileSync(join(folder, "main.c"), main(rows, elements(p.tensors[p.input]) / rows, elements(scores)));
    const flags = ["-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-O2", "-fsanitize=address,undefined", "-o", "net", "net.c", "main.c"];
    const built = spawnSync("gcc", flags, { cwd: folder, encoding: "utf8" });
    assert.equal(built.status, 0, built.stderr);
    const xs = inputs(plain, 5);
    const out = spawnSync(join(folder, "net"), { input: Buffer.concat(xs.map((x) => Buffer.from(x.buffer, x.byteOffset, x.byteLength))) });
    assert.equal(out.status, 0, out.stderr.toString());
    assert.deepEqual([...out.stdout], xs.flatMap((x) => [...rowBytes([createRunner(plain)(x).scores])]));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
