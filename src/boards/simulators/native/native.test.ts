/** Host programs that hang, crash, print, or do what only a sanitizer sees. */

import assert from "node:assert/strict";
import { copyFile, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CoincellError } from "../../../ir/diagnostics.js";
import { buildProgram, findBoard, type RunOptions, type RunResult, runProgram } from "../../index.js";
import { without } from "../../testing.js";
import { executeWhenFree } from "./index.js";

const skip = without("gcc") && without("clang");

async function runBody(body: string, rows: Uint8Array, options: RunOptions = {}, sanitize = false): Promise<RunResult> {
  const source = `#include <stdint.h>\n#include <stdio.h>\nextern uint8_t small[4];\nextern int32_t big;\nuint8_t small[4];\nint32_t big = 2147483647;
void cell_entry(const void *in, void *out);\nvoid cell_entry(const void *in, void *out) { const uint8_t *x = in; uint8_t *y = out; (void)x; y[0] = x[0]; ${body} }`;
  const files = new Map([["entry.c", source]]);
  return runProgram(await buildProgram({ board: findBoard("host"), files, inBytes: 1, outBytes: 1, sanitize }), rows, options);
}

async function errorOf(work: Promise<RunResult>): Promise<CoincellError["diagnostic"]> {
  const error: unknown = await work.then(() => "no error", (thrown: unknown) => thrown);
  assert.ok(error instanceof CoincellError, String(error));
  return error.diagnostic;
}

test("many rows go through one process", { skip }, async () => {
  const rows = Uint8Array.from({ length: 100_000 }, (_, i) => i & 255);
  const result = await runBody("y[0] = (uint8_t)(x[0] + 1);", rows);
  assert.deepEqual(Uint8Array.from(result.outputs, (output) => output[0]!), rows.map((x) => x + 1));
  assert.equal(result.nanoseconds?.length, rows.length);
  assert.deepEqual([result.cycles, result.stackBytes], [null, null]);
});

test("a hang ends at the time limit", { skip }, async () => {
  const diagnostic = await errorOf(runBody("for (volatile int i = 0; x[0] == 3; ) { i = 1; }", Uint8Array.of(1, 2, 3), { timeoutMs: 300 }));
  assert.equal(diagnostic.code, "board/stuck");
});

test("a crash names its signal", { skip }, async () => {
  const diagnostic = await errorOf(runBody("*(volatile int *)(uintptr_t)x[0] = 1;", Uint8Array.of(8)));
  assert.equal(diagnostic.code, "board/crashed");
  assert.match(diagnostic.what, /SIGSEGV/);
});

test("a model that prints is found", { skip }, async () => {
  assert.equal((await errorOf(runBody('puts("hello");', Uint8Array.of(1)))).code, "board/bad-output");
});

test("sanitizers name what they found", { skip }, async () => {
  const overrun = await errorOf(runBody("y[0] = small[x[0]];", Uint8Array.of(4), {}, true));
  assert.equal(overrun.code, "board/sanitizer");
  assert.match(overrun.what, /out of bounds|buffer-overflow/);
  const overflow = await errorOf(runBody("big += x[0]; y[0] = (uint8_t)big;", Uint8Array.of(1), {}, true));
  assert.match(overflow.what, /signed integer overflow/);
  assert.deepEqual((await runBody("y[0] = small[x[0]];", Uint8Array.of(3), {}, true)).outputs, [Uint8Array.of(0)]);
});

test("an abort ends the process", { skip }, async () => {
  const endless = runBody("for (volatile int i = 0; ; ) { i = 1; }", Uint8Array.of(1), { signal: AbortSignal.timeout(400) });
  await assert.rejects(endless, (error: Error) => error.name === "TimeoutError");
});

test("a program that a forked compiler still holds open for writing is started as soon as it is free", { skip: process.platform !== "linux" && "ETXTBSY is Linux's" }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "coincell-busy-"));
  try {
    const path = join(folder, "program");
    await copyFile("/bin/cat", path);
    const held = await open(path, "r+");
    const running = executeWhenFree(path, Uint8Array.of(7, 8), {});
    setTimeout(() => void held.close(), 120);
    const ended = await running;
    assert.deepEqual([[...ended.output], ended.code], [[7, 8], 0]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
