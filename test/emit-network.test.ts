/** Emitted networks as users build them: every optimisation level gives the reference's answers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { findBoard, runProgram } from "../src/boards/index.js";
import { without } from "../src/boards/testing.js";
import { importModel } from "../src/importers/index.js";
import { convertRows, joinRows } from "../src/ir/conversion.js";
import type { Tensor } from "../src/ir/types.js";
import { createRunner } from "../src/passes/run-program.js";
import { build } from "../src/stages/candidates.js";
import { compile } from "../src/stages/compile.js";
import { randomRows } from "../src/stages/random-rows.js";

/** gcc 12 at -O2 once dropped the layer that looks up the embedding; the others are here for their company. */
const models = ["embedding_3.h5", "cnn_3.keras", "functional_3.keras"];

for (const file of models) {
  test(`${file}: the same answers at every optimisation level`, { skip: without("gcc") }, async () => {
    const c = compile(importModel(new Uint8Array(readFileSync(new URL(`fixtures/keras/${file}`, import.meta.url))), file), { arithmetic: "float" });
    const inputs = [c.program.input, ...c.program.moreInputs].map((t) => c.program.tensors[t] as Tensor);
    const rows = randomRows(c.program, 4, 1).rows.map((r) => convertRows(r, inputs));
    const run = createRunner(c.program);
    const want = rows.map((r) => Float32Array.from(run(...r).scores));
    for (const level of ["-O0", "-Os", "-O1", "-O2", "-O3"]) {
      for (const form of ["table", "inline"] as const) {
        const { built } = await build(c, findBoard("host"), form, level, "scores");
        const { outputs } = await runProgram(built, joinRows(rows.flat()));
        outputs.forEach((o, r) => new Float32Array(o.slice().buffer).forEach((y, k) => assert.ok(Math.abs(y - (want[r]?.[k] ?? NaN)) < 1e-5, `${form} ${level}, row ${r}, score ${k}: ${y}, the reference gives ${want[r]?.[k]}`)));
      }
    }
  });
}
