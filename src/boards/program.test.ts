/** Building and measuring whole programs: what the C start-up promises, sizes, overflow, and the errors of the compilers. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CoincellError } from "../ir/diagnostics.js";
import { type BuildRequest, buildProgram, findBoard, type Program, runProgram } from "./index.js";
import { without } from "./testing.js";

const skip = without("avr-gcc") || without("gcc");
const STRICT = ["-Wall", "-Wextra", "-Wconversion", "-Werror"];
const ENTRY = "#include <stdint.h>\nvoid cell_entry(const void *in, void *out);\nvoid cell_entry(const void *in, void *out)";

function build(board: string, source: string, more: Partial<BuildRequest> = {}): Promise<Program> {
  const files = new Map([["entry.c", source]]);
  return buildProgram({ board: findBoard(board), files, inBytes: 1, outBytes: 4, flags: STRICT, ...more });
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof CoincellError) return error.diagnostic.code;
    throw error;
  }
  return "no error";
}

const START_UP = `
#include <stdint.h>
static volatile uint8_t constant[3] = {10, 20, 30};
static volatile uint8_t zeroed[40];
static uint8_t rows;
void cell_entry(const void *in, void *out);
void cell_entry(const void *in, void *out)
{
    uint8_t *y = out;
    uint8_t sum = 0;
    for (uint8_t i = 0; i < 40; i++) sum = (uint8_t)(sum | zeroed[i]);
    y[0] = (uint8_t)(constant[0] + constant[1] + constant[2]);
    y[1] = sum;
    y[2] = ++rows;
    y[3] = *(const uint8_t *)in;
}
`;

for (const board of ["attiny45", "attiny85", "uno", "host"]) {
  for (const optimise of ["-O0", "-Os", "-O2", "-O3"]) {
    test(`.data, .bss and state over rows: ${board} ${optimise}`, { skip }, async () => {
      const program = await build(board, START_UP, { optimise });
      const { outputs } = await runProgram(program, Uint8Array.of(5, 6));
      assert.deepEqual(outputs.map((output) => [...output]), [[60, 0, 1, 5], [60, 0, 2, 6]]);
    });
  }
}

test("the baseline is small, and an empty model costs nothing", { skip }, async () => {
  for (const [board, harness] of [["attiny45", 44], ["attiny85", 44], ["uno", 48]] as const) {
    const { sizes } = await build(board, `${ENTRY} { (void)in; (void)out; }`);
    assert.deepEqual([sizes.flash.harness, sizes.flash.model], [harness, 0], board);
    assert.deepEqual([sizes.ram.total, sizes.ram.harness, sizes.ram.model], [5, 5, 0], board);
  }
});

test("a model pays for its tables, its libgcc routines and the copying of its .data", { skip }, async () => {
  const plain = await build("attiny85", `${ENTRY} { *(uint8_t *)out = *(const uint8_t *)in; }`);
  const divides = await build("attiny85", `${ENTRY} { *(uint8_t *)out = (uint8_t)(100 / *(const uint8_t *)in); }`);
  assert.ok(divides.sizes.flash.model > plain.sizes.flash.model + 20);
  const table = await build("attiny85", START_UP);
  assert.equal(table.sizes.ram.model, 3 + 40 + 1);
});

const tooBig = (bytes: number): string => `#include <stdint.h>
static const uint8_t table[${bytes}] __attribute__((section(".progmem.data"))) = {1};
${ENTRY} { *(const uint8_t **)out = &table[*(const uint8_t *)in]; }`;

test("a program larger than the flash links, is measured, does not fit, and does not run", { skip }, async () => {
  for (const [board, bytes] of [["attiny45", 9000], ["attiny85", 20000], ["uno", 32400]] as const) {
    const program = await build(board, tooBig(bytes));
    const { flash, ram } = program.sizes;
    assert.ok(flash.total > bytes && flash.total < bytes + 100, `${flash.total}`);
    assert.deepEqual([flash.fits, ram.fits, program.sizes.fits], [false, true, false]);
    assert.equal(await codeOf(runProgram(program, Uint8Array.of(0))), "board/does-not-fit");
  }
});

const statement = (i: number): string => `sink = (uint8_t)(sink * 3u + ${i % 256}u); `;

test("code (not tables) larger than the flash links too", { skip }, async () => {
  const functions = Array.from({ length: 40 }, (_, k) => {
    const call = k === 0 ? "" : `f${k - 1}();`;
    return `static void __attribute__((noinline)) f${k}(void) { ${Array.from({ length: 40 }, (__, i) => statement(i + k)).join("")} ${call} sink = 1; }`;
  });
  const source = `#include <stdint.h>\nstatic volatile uint8_t sink;\n${functions.join("\n")}\n${ENTRY} { (void)in; (void)out; f39(); f0(); }`;
  const program = await build("attiny85", source);
  assert.ok(program.sizes.flash.total > 20000);
  assert.equal(program.sizes.fits, false);
});

test("static data larger than RAM is measured, too", { skip }, async () => {
  const source = `#include <stdint.h>\nstatic volatile uint8_t big[600];\n${ENTRY} { big[*(const uint8_t *)in] = 1; *(uint8_t *)out = big[3]; }`;
  const { sizes } = await build("attiny85", source);
  assert.deepEqual([sizes.ram.total, sizes.ram.available, sizes.fits], [605, 512, false]);
});

test("several files in folders, with headers", { skip }, async () => {
  const files = new Map([
    ["model.h", "#include <stdint.h>\nuint8_t twice(uint8_t x);\n"],
    ["kernels/twice.c", '#include "model.h"\nuint8_t twice(uint8_t x) { return (uint8_t)(2 * x); }\n'],
    ["entry.c", `#include "model.h"\n${ENTRY} { *(uint8_t *)out = twice(*(const uint8_t *)in); }`],
  ]);
  for (const board of ["attiny85", "host"]) {
    const program = await build(board, "", { files, outBytes: 1 });
    assert.deepEqual((await runProgram(program, Uint8Array.of(4, 100))).outputs.map((o) => o[0]), [8, 200]);
  }
});

test("mistakes in C, in the request and in rows are errors with a code", { skip }, async () => {
  for (const board of ["attiny85", "host"]) {
    const wrong = await build(board, "int x = ;").catch((error: CoincellError) => error.diagnostic);
    assert.ok("code" in wrong && wrong.code === "board/compile-failed" && /error: expected expression/.test(wrong.what));
    assert.equal(await codeOf(build(board, "int cell_nothing;")), "board/link-failed");
    assert.equal(await codeOf(build(board, ENTRY, { files: new Map() })), "board/no-sources");
    assert.equal(await codeOf(build(board, ENTRY, { files: new Map([["../entry.c", ""]]) })), "board/bad-path");
    assert.equal(await codeOf(build(board, ENTRY, { inBytes: 0 })), "board/bad-row-size");
    const fine = await build(board, `${ENTRY} { (void)in; (void)out; }`, { inBytes: 2 });
    assert.equal(await codeOf(runProgram(fine, Uint8Array.of(1))), "board/bad-rows");
    assert.deepEqual((await runProgram(fine, new Uint8Array())).outputs, []);
  }
  assert.equal(await codeOf(build("attiny85", ENTRY, { sanitize: true })), "board/no-sanitizer");
  const far = `${ENTRY} { (void)in; (void)out; __asm__ volatile("breq far"); }\n__asm__(".section .text.z\\nfar: .skip 600\\n");`;
  assert.equal(await codeOf(build("attiny85", far, { flags: ["-Wl,-u,far"] })), "board/link-failed");
});

test("without a compiler the error names the Debian package", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "coincell-test-"));
  const script = `
    import { buildProgram, findBoard } from "./src/boards/index.ts";
    for (const name of ["attiny85", "host"]) {
      await buildProgram({ board: findBoard(name), files: new Map([["e.c", ""]]), inBytes: 1, outBytes: 1 })
        .catch((error) => process.stdout.write(error.diagnostic.code + ": " + error.diagnostic.cure + "\\n"));
    }`;
  try {
    const env = { ...process.env, PATH: folder };
    const text = execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], { env, encoding: "utf8" });
    assert.match(text, /board\/no-compiler: .*gcc-avr avr-libc\nboard\/no-compiler: .*gcc/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("no temporary folder stays behind, not even after a failure", { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "coincell-test-"));
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = folder;
  try {
    await build("attiny85", "int x = ;").catch(() => {});
    const program = await build("host", `${ENTRY} { (void)in; (void)out; __builtin_trap(); }`);
    await runProgram(program, Uint8Array.of(1)).catch(() => {});
    assert.deepEqual(readdirSync(folder).filter((name) => name.startsWith("coincell-")), []);
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
    rmSync(folder, { recursive: true });
  }
});
