/** Building and measuring whole programs: what the C start-up promises, sizes, overflow, and the errors of the compilers. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CoincellError } from "../ir/diagnostics.js";
import { type BuildRequest, buildProgram, findBoard, type Program, runProgram } from "./index.js";
import { without, withoutBoard } from "./testing.js";

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

const LEVELS = ["-O0", "-Os", "-O2", "-O3"];
const starts: readonly (readonly [string, readonly string[]])[] = [
  ["attiny45", LEVELS], ["attiny85", LEVELS], ["uno", LEVELS], ["mega2560", LEVELS], ["host", LEVELS], ["pico", LEVELS], ["mps2-an386", LEVELS], ["rv32-virt", LEVELS],
  ["microbit", ["-Os"]], ["mps2-an385", ["-O2"]], ["mps2-an500", ["-O2"]], ["mps2-an505", ["-O2"]], ["mps3-an547", ["-O3"]], ["stm32f4", ["-O2"]], ["esp32-c3", ["-O2"]],
];

for (const [board, levels] of starts) {
  for (const optimise of levels) {
    test(`.data, .bss and state over rows: ${board} ${optimise}`, { skip: withoutBoard(board) }, async () => {
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

test("on 32-bit boards, too, an empty model costs nothing, and 4 bytes in and out are padded to 8", { skip: withoutBoard("mps2-an386") || withoutBoard("rv32-virt") }, async () => {
  for (const board of ["mps2-an386", "microbit", "pico", "rv32-virt"]) {
    const { sizes } = await build(board, `${ENTRY} { (void)in; (void)out; }`);
    assert.equal(sizes.flash.model, 0, board);
    assert.ok(sizes.flash.harness < 800 && sizes.flash.harness >= 64, `${board}: ${sizes.flash.harness}`);
    assert.deepEqual([sizes.ram.total, sizes.ram.model], [16, 0], board);
  }
});

test("own buffers are the model's to pay", { skip: withoutBoard("mps2-an386") }, async () => {
  for (const board of ["attiny85", "mps2-an386"]) {
    const source = `#include <stdint.h>\nuint8_t cell_in[1], cell_out[4];\n${ENTRY} { cell_out[0] = *(const uint8_t *)in; (void)out; }`;
    const { sizes } = await build(board, source, { ownBuffers: true });
    assert.equal(sizes.ram.harness, 0, board);
    assert.ok(sizes.ram.model >= 5 && sizes.ram.model <= 8, `${board}: ${sizes.ram.model}`);
  }
});

test("memcpy and its kin exist where gcc calls them", { skip: withoutBoard("mps2-an386") || withoutBoard("rv32-virt") }, async () => {
  const source = `#include <stdint.h>\n#include <string.h>\nstatic uint8_t a[64], b[64];
${ENTRY} { const uint8_t n = *(const uint8_t *)in; memset(a, n, n); memcpy(b + 1, a, n); memmove(b, b + 1, n); memmove(b + 2, b, n);
  ((uint8_t *)out)[0] = b[n + 1u]; ((uint8_t *)out)[1] = (uint8_t)(memcmp(b + 2, a, n) == 0); ((uint8_t *)out)[2] = b[n + 2u]; }`;
  for (const board of ["mps2-an386", "microbit", "pico", "rv32-virt"]) {
    const { outputs } = await runProgram(await build(board, source), Uint8Array.of(7, 32));
    assert.deepEqual(outputs.map((o) => [...o.subarray(0, 3)]), [[7, 1, 0], [32, 1, 0]], board);
  }
});

test("floating point with expf and tanhf is the host's to the last places", { skip: withoutBoard("mps2-an386") || skip }, async () => {
  const source = `#include <math.h>\n${ENTRY} { const float x = (float)*(const uint8_t *)in / 64.0f - 2.0f; *(float *)out = expf(x) + tanhf(x) * sqrtf(x + 2.0f); }`;
  const rows = Uint8Array.from({ length: 32 }, (_, i) => i * 8);
  const values = async (board: string): Promise<number[]> => (await runProgram(await build(board, source), rows)).outputs.map((o) => new DataView(o.buffer, o.byteOffset).getFloat32(0, true));
  const host = await values("host");
  for (const board of ["mps2-an385", "mps2-an386", "mps2-an500", "pico"]) {
    (await values(board)).forEach((v, i) => assert.ok(Math.abs(v - host[i]!) <= 1e-6 * Math.max(1, Math.abs(host[i]!)), `${board} row ${i}: ${v}, ${host[i]}`));
  }
});

test("a board without a compiler, and one without a simulator, say what is needed", async () => {
  assert.equal(await codeOf(build("esp32-devkitc", ENTRY)), "board/no-compiler");
  const board = { ...findBoard("host"), name: "paper", simulator: "none" };
  const program = await buildProgram({ board, files: new Map([["e.c", `${ENTRY} { (void)in; (void)out; }`]]), inBytes: 1, outBytes: 1 });
  assert.equal(await codeOf(runProgram(program, Uint8Array.of(1))), "board/no-simulator");
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

test("an array that 16-bit addresses cannot hold is a limit of the chip", { skip }, async () => {
  const wrong = await build("mega2560", `static unsigned char big_arena[40000];\n${ENTRY} { (void)in; *(unsigned char *)out = big_arena[1]; }`).catch((error: CoincellError) => error.diagnostic);
  assert.ok("code" in wrong && wrong.code === "board/array-too-large" && wrong.what.startsWith("big_arena "));
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
    for (const name of ["attiny85", "host", "mps2-an386", "rv32-virt"]) {
      await buildProgram({ board: findBoard(name), files: new Map([["e.c", ""]]), inBytes: 1, outBytes: 1 })
        .catch((error) => process.stdout.write(error.diagnostic.code + ": " + error.diagnostic.cure + "\\n"));
    }`;
  try {
    const env = { ...process.env, PATH: folder };
    const text = execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], { env, encoding: "utf8" });
    assert.match(text, /board\/no-compiler: .*gcc-avr avr-libc\nboard\/no-compiler: .*gcc.*\nboard\/no-compiler: .*gcc-arm-none-eabi\nboard\/no-compiler: .*gcc-riscv64-unknown-elf/);
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
