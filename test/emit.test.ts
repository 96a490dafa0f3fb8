/** The emitted C as its users compile it: strict warnings on every compiler there is, nothing in RAM, nothing from libm, names made safe. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { without } from "../src/boards/testing.js";
import { emit } from "../src/stages/candidates.js";
import { compile, type Compiled } from "../src/stages/compile.js";
import type { Graph } from "../src/ir/types.js";
import { compileFiles, compilers, symbolsOf } from "./support/compilers.js";
import { chain, argmax, linear, named, rowsFor, treeLayer } from "./support/hand-made.js";
import { isReady, ready } from "./support/models.js";

const MODELS = ["dt_str", "rf_named", "gb_multi", "iforest", "lr_str", "ridge", "svc_str", "svc_poly_binary", "ocsvm_rbf", "gnb_str", "qda_binary", "knn_k3", "knnr_distance", "kmeans", "centroid", "mlp_tanh_multi", "pipe_normalizer_l2", "pipe_binarizer_bnb", "svc_break_ties", "scaler_standard"];

const hand = (graph: Graph, options = {}): Compiled => compile(graph, { rows: rowsFor(graph.tensors[0]?.shape[0] ?? 1, 40), ...options });
const forest = (features: number, width: number, trees: number): Graph => chain(features, [treeLayer({ features, width, trees, depth: 3, form: "full" }), argmax], { labels: named(width) });

/** Fixtures, and shapes they have not: one feature, more than 255 of anything, float input, float arithmetic. */
function all(): (readonly [string, Compiled])[] {
  const out: (readonly [string, Compiled])[] = [];
  for (const id of MODELS) { const m = ready(`sklearn/${id}`, 40); if (isReady(m)) out.push([id, m.compiled]); }
  for (const id of ["dt_str", "rf_named", "gb_multi"]) { const m = ready(`sklearn/${id}`, 40, { inputType: "f32" }); if (isReady(m)) out.push([`${id} f32`, m.compiled]); }
  for (const id of ["lr_str", "ridge", "pipe_standard_lr", "rf_binary", "mlp_relu_multi"]) { const m = ready(`sklearn/${id}`, 40, { arithmetic: "float" }); if (isReady(m)) out.push([`${id} float`, m.compiled]); }
  out.push(["300 features", hand(forest(300, 3, 4))], ["300 trees", hand(forest(2, 2, 300))], ["300 classes", hand(forest(3, 300, 2))]);
  out.push(["one feature", hand(chain(1, [linear(2, 1), argmax], { labels: named(2) }))], ["one leaf", hand(chain(2, [treeLayer({ features: 2, width: 1, trees: 1, depth: 0, form: "full" })], { task: "regression" }))]);
  return out;
}

const models = all();
const numbered = (c: Compiled, k: number): Compiled => ({ ...c, program: { ...c.program, name: `m${k}` } });

for (const form of ["table", "inline"] as const) {
  const files = new Map(models.flatMap(([, c], k) => [...emit(numbered(c, k), form)]));
  for (const compiler of compilers) {
    test(`${form} form: ${compiler.title} without a warning`, { skip: without(compiler.command) }, async () => {
      const wrong = await compileFiles(compiler, files);
      const titled = wrong.map((w) => `${models[Number(/^m(\d+)\./.exec(w.file)?.[1] ?? -1)]?.[0]}: ${w.text.slice(0, 20000)}`);
      assert.deepEqual(titled, []);
    });
  }
}

test("models were there to compile", () => {
  assert.ok(models.length >= 25, `${models.length}`);
});

for (const mcu of ["attiny85", "atmega328p"]) {
  test(`${mcu}: no byte of RAM, no heap, no libm`, { skip: without("avr-gcc") }, async () => {
    for (const [k, [title, c]] of models.entries()) {
      const objects = await symbolsOf(mcu, emit(numbered(c, k), "table"));
      assert.equal(objects.data + objects.bss + objects.rodata, 0, `${title}: .data ${objects.data}, .bss ${objects.bss}, .rodata ${objects.rodata}`);
      for (const name of objects.wanted) assert.doesNotMatch(name, /^(malloc|calloc|realloc|free|printf|exp|expf|sqrt|sqrtf|pow|powf|log|logf|tanh|tanhf|sin|cos|round|roundf|lround|lroundf|floor|floorf)$/, title);
      if (c.program.arithmetic === "int") assert.deepEqual(objects.floats, [], `${title}: ${m_predict(k)} calls floating point`);
    }
  });
}

const m_predict = (k: number): string => `m${k}_predict`;
