/** What a model brings in words and numbers: conversion of units, label texts, and names that try to break out of the C. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildProgram, findBoard, runProgram } from "../src/boards/index.js";
import { without } from "../src/boards/testing.js";
import { identifier } from "../src/emit/index.js";
import { convertRow } from "../src/ir/conversion.js";
import type { Graph } from "../src/ir/types.js";
import { emit } from "../src/stages/candidates.js";
import { compile, type Compiled } from "../src/stages/compile.js";
import { bytesIn } from "./support/batch.js";
import { compileFiles, compilers } from "./support/compilers.js";
import { anyDouble, random } from "./support/random.js";
import { argmax, chain, linear, named, rowsFor, treeLayer } from "./support/hand-made.js";
import { inputOf } from "./support/models.js";

const host = findBoard("host");

/** Rows of floats from everywhere: the model's own range, its borders, halves, huge, tiny, negative zero. */
function unitRows(c: Compiled, n: number): Float32Array[] {
  const r = random(31);
  const x = inputOf(c.program);
  const features = x.shape[0] ?? 1;
  const q = x.quant ?? { scale: [1], zero: [0] };
  const one = (i: number): number => {
    const [s, z] = [q.scale[q.scale.length === 1 ? 0 : i] ?? 1, q.zero[q.zero.length === 1 ? 0 : i] ?? 0];
    const kind = r.below(6);
    if (kind === 0) return Math.fround(anyDouble(r) % 3e38);
    if (kind === 1) return s * (r.below(70000) - 35000 + 0.5 - z);
    if (kind === 2) return s * (r.pick([-32769, -32768, -129, -128, -1, 0, 127, 128, 255, 256, 32767, 32768]) + r.pick([-0.5, 0, 0.5]) - z);
    return r.between(-3, 3) * (kind === 3 ? 1000 : 1);
  };
  return Array.from({ length: n }, () => Float32Array.from({ length: features }, (_, i) => one(i)));
}

const CONVERTED: readonly (readonly [string, Graph, "i16" | "u8" | "i8" | "f32", readonly [number, number]])[] = [
  ["three features as i16", chain(3, [linear(3, 3), argmax], { labels: named(3) }), "i16", [-1, 1]],
  ["three features as u8", chain(3, [linear(3, 3), argmax], { labels: named(3) }), "u8", [0, 40]],
  ["as i8, far from zero", chain(2, [linear(2, 2), argmax], { labels: named(2) }), "i8", [1000, 1003]],
  ["one feature as i16", chain(1, [linear(2, 1), argmax], { labels: named(2) }), "i16", [-5e-4, 1e-3]],
  ["300 features as u8", chain(300, [linear(2, 300), argmax], { labels: named(2) }), "u8", [-1, 1]],
  ["as f32", chain(3, [treeLayer({ features: 3, width: 3, trees: 2, depth: 2, form: "full" }), argmax], { labels: named(3) }), "f32", [-1, 1]],
];
for (const [title, graph, inputType, [lo, hi]] of CONVERTED) {
  test(`convert: ${title}`, { skip: without("gcc") }, async () => {
    const features = graph.tensors[0]?.shape[0] ?? 1;
    const c = compile(graph, { rows: rowsFor(features, 60, 4, lo, hi), inputType });
    const units = unitRows(c, features > 100 ? 60 : 4000);
    const want = units.map((u) => Buffer.from(bytesIn(convertRow(u, inputOf(c.program)))).toString("hex"));
    const text = `#include "hand_made.h"\nvoid cell_entry(const void *in, void *out);\nvoid cell_entry(const void *in, void *out) { hand_made_convert((const float *)in, (hand_made_input_t *)out); }\n`;
    const built = await buildProgram({ board: host, files: new Map([...emit(c, "table"), ["entry.c", text]]), inBytes: 4 * features, outBytes: (want[0] ?? "").length / 2, sanitize: true });
    const { outputs } = await runProgram(built, Buffer.concat(units.map(bytesIn)));
    outputs.forEach((o, i) => assert.equal(Buffer.from(o).toString("hex"), want[i], `row ${i}: ${units[i]?.slice(0, 8).join()}`));
  });
}

const EVIL = ["plain", "", "a b", "\"; system(\"rm\"); \"", "back\\slash", "\\", "??/", "??<x??>", "*/ int evil; /*", "// line", "line\nbreak\r\n", "tab\tbell\u0007", "%s%n", "grün", "日本語", "😀", "\0nul", "\\x41", "1", "#define x", "é".repeat(60)];

test("labels come back letter by letter", { skip: without("gcc") }, async () => {
  const labels = EVIL.map((l) => l.replaceAll("\0", ""));
  const c = compile(chain(2, [linear(labels.length, 2), argmax], { labels }), { rows: rowsFor(2, 50) });
  const text = `#include "hand_made.h"\n#include <string.h>\nvoid cell_entry(const void *in, void *out);\nvoid cell_entry(const void *in, void *out) { const char *s = hand_made_label((hand_made_answer_t)*(const unsigned char *)in); memset(out, 0, 256); strncpy((char *)out, s, 255); }\n`;
  const built = await buildProgram({ board: host, files: new Map([...emit(c, "table"), ["entry.c", text]]), inBytes: 1, outBytes: 256, sanitize: true });
  const { outputs } = await runProgram(built, Uint8Array.from(labels, (_, i) => i));
  assert.deepEqual(outputs.map((o) => new TextDecoder().decode(o.subarray(0, o.indexOf(0)))), labels);
});

test("a label that holds a NUL does not shift the others", { skip: without("gcc") }, async () => {
  const c = compile(chain(2, [linear(3, 2), argmax], { labels: ["a\0b", "c", "d"] }), { rows: rowsFor(2, 50) });
  const text = `#include "hand_made.h"\nvoid cell_entry(const void *in, void *out);\nvoid cell_entry(const void *in, void *out) { (void)in; *(char *)out = *hand_made_label(2); }\n`;
  const built = await buildProgram({ board: host, files: new Map([...emit(c, "table"), ["entry.c", text]]), inBytes: 1, outBytes: 1 });
  assert.equal(String.fromCharCode((await runProgram(built, Uint8Array.of(0))).outputs[0]?.[0] ?? 0), "d");
});

const NAMES = ["my model", "9lives", "../../etc/passwd", "a\"b", "*/", "int", "stdint", "string", "entry", "coincell", "日本", "-", "A.B.C", "pgmspace", "main", "x".repeat(300), "cell"];

test("every name becomes an identifier of its own kind", () => {
  for (const n of [...NAMES, ...EVIL]) assert.match(identifier(n), /^[a-z][a-z0-9_]*$/, JSON.stringify(n));
});

test("no text of a model breaks out of the C", { skip: without("gcc") }, async () => {
  for (const compiler of compilers.filter((k) => ["gcc", "clang", "g++", "avr-gcc"].includes(k.command) && without(k.command) === false)) {
    for (const [k, name] of NAMES.entries()) {
      if (compiler.command !== "gcc" && k % 4 !== 2) continue;
      const features = EVIL.length;
      const graph = chain(features, [linear(3, features), argmax], { labels: [EVIL[k % EVIL.length] ?? "", "b", "c"], featureNames: EVIL.map((e) => e + (k % 2 ? "" : "??/")), source: `evil ${EVIL[k % EVIL.length]}`, name });
      const c = compile({ ...graph, tensors: graph.tensors.map((t) => ({ ...t, name: `${t.name}*/??/` })), nodes: graph.nodes.map((n) => ({ ...n, name: `${n.name} */ evil /*` })) }, { rows: rowsFor(features, 30) });
      for (const arithmetic of ["table", "inline"] as const) assert.deepEqual(await compileFiles(compiler, emit(c, arithmetic)), [], `${compiler.title}: ${JSON.stringify(name)}`);
    }
  }
});
