/** avr8js against simavr, an independent simulator: cycles, outputs and stack of whole programs must be equal. Tests only. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { symbolAddress } from "../../elf.js";
import { buildProgram, findBoard, type Program, runProgram } from "../../index.js";
import { without } from "../../testing.js";

const ROWS = 40;
const IN_BYTES = 8;
const OUT_BYTES = 8;

/** Prints, per row: cycles, depth of the stack, output bytes in hexadecimal. */
const RUNNER = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>
int main(int n, char **a) {
  elf_firmware_t f; memset(&f, 0, sizeof f);
  if (n != 10 || elf_read_firmware(a[1], &f)) return 2;
  avr_t *avr = avr_make_mcu_by_name(a[2]); if (!avr) return 3;
  unsigned start = atoi(a[3]), stop = atoi(a[4]), in = atoi(a[5]), out = atoi(a[6]), ib = atoi(a[7]), ob = atoi(a[8]);
  avr_init(avr); avr->log = 0; f.frequency = 8000000; avr_load_firmware(avr, &f); avr->frequency = 8000000;
  FILE *rows = fopen(a[9], "rb"); unsigned char row[256];
  while (fread(row, 1, ib, rows) == ib) {
    while (avr->pc != start) if (avr_run(avr) > cpu_StepDone) return 4;
    memcpy(avr->data + in, row, ib);
    unsigned long long c0 = avr->cycle; unsigned sp0 = avr->data[93] | avr->data[94] << 8, min = sp0;
    int mixed = 0; /* SPH is written, SPL not yet */
    while (avr->pc != stop) {
      unsigned op = avr->flash[avr->pc] | avr->flash[avr->pc + 1] << 8;
      if (avr_run(avr) > cpu_StepDone) return 5;
      unsigned sp = avr->data[93] | avr->data[94] << 8;
      if ((op & 0xfe0f) == 0xbe0e) mixed = 1;
      if ((op & 0xfe0f) == 0xbe0d) mixed = 0;
      if (!mixed && sp < min) min = sp;
    }
    printf("%llu %u ", (unsigned long long)avr->cycle - c0, sp0 - min);
    for (unsigned i = 0; i < ob; i++) printf("%02x", avr->data[out + i]);
    puts("");
  }
  return 0;
}`;

const HEAD = "#include <stdint.h>\n#include <string.h>\n#include <math.h>\n#include <avr/pgmspace.h>\nvoid cell_entry(const void *in, void *out);\n";
const programs: Record<string, string> = {
  "dot product from flash": `static const int8_t w[64] PROGMEM = {3, -5, 7, 100, -128, 127, 1, 2};
void cell_entry(const void *in, void *out) { const int8_t *x = in; int32_t a = 77;
  for (uint8_t i = 0; i < 64; i++) a += (int32_t)x[i & 7] * (int8_t)pgm_read_byte(&w[i]); memcpy(out, &a, 4); }`,
  "division, 64 bits and a large frame": `void cell_entry(const void *in, void *out) { const uint8_t *x = in; volatile uint8_t frame[90];
  uint64_t a = 1; for (uint8_t i = 0; i < 8; i++) { frame[i * 9] = x[i]; a = a * 31u + frame[i * 9]; }
  a = a / (uint32_t)(x[0] + 1u) + a % (uint16_t)(x[1] + 3u); memcpy(out, &a, 8); }`,
  "floating point": `void cell_entry(const void *in, void *out) { const uint8_t *x = in; float s = 0;
  for (uint8_t i = 0; i < 8; i++) s += sqrtf((float)x[i]) / 3.0f; s = expf(-s / 20.0f); memcpy(out, &s, 4); }`,
  "recursion and function pointers": `static uint8_t fib(uint8_t n) { return n < 2 ? n : (uint8_t)(fib((uint8_t)(n - 1)) + fib((uint8_t)(n - 2))); }
static uint8_t neg(uint8_t n) { return (uint8_t)-n; } static uint8_t (*volatile table[2])(uint8_t) = {fib, neg};
void cell_entry(const void *in, void *out) { const uint8_t *x = in; uint8_t *y = out; for (uint8_t i = 0; i < 8; i++) y[i] = table[x[i] & 1](x[i] % 7); }`,
};

const HAS_SIMAVR = spawnSync("gcc", ["-E", "-include", "simavr/sim_avr.h", "-x", "c", "/dev/null"]).status === 0;
const skip = without("avr-gcc") || without("gcc") || (HAS_SIMAVR ? false : "the headers of simavr (libsimavr-dev) are not installed");
let folder = "";

before(() => {
  folder = mkdtempSync(join(tmpdir(), "coincell-simavr-"));
  if (skip !== false) return;
  writeFileSync(join(folder, "runner.c"), RUNNER);
  execFileSync("gcc", ["-O2", "-w", "runner.c", "-o", "runner", "-lsimavr", "-lsimavrparts", "-lelf"], { cwd: folder });
});
after(() => rmSync(folder, { recursive: true }));

function simavr(program: Program, rows: Uint8Array): string[] {
  writeFileSync(join(folder, "program.elf"), program.elf.file);
  writeFileSync(join(folder, "rows"), rows);
  const at = (name: string): string => String(symbolAddress(program.elf, name) & 0xffff);
  const marks = ["cell_mark_start", "cell_mark_stop", "cell_in", "cell_out"].map(at);
  const args = ["program.elf", program.board.chip, ...marks, String(IN_BYTES), String(OUT_BYTES), "rows"];
  const text = execFileSync("./runner", args, { cwd: folder, encoding: "utf8" });
  // simavr prints lines of its own
  return text.split("\n").filter((line) => /^\d+ \d+ [0-9a-f]+$/.test(line));
}

for (const [name, source] of Object.entries(programs)) {
  for (const [board, optimise] of [["attiny85", "-Os"], ["attiny85", "-O3"], ["uno", "-Os"], ["uno", "-O2"], ["mega2560", "-Os"], ["mega2560", "-O2"]] as const) {
    test(`equal to simavr: ${name}, ${board} ${optimise}`, { skip }, async () => {
      const files = new Map([["entry.c", HEAD + source]]);
      const program = await buildProgram({ board: findBoard(board), files, inBytes: IN_BYTES, outBytes: OUT_BYTES, optimise });
      const rows = Uint8Array.from({ length: ROWS * IN_BYTES }, (_, i) => (i * i * 37 + i * 11) >> 3);
      const ours = await runProgram(program, rows);
      const theirs = simavr(program, rows).map((line) => line.split(" "));
      assert.deepEqual([...ours.cycles!], theirs.map(([cycles]) => Number(cycles)));
      assert.deepEqual(ours.outputs.map((output) => Buffer.from(output).toString("hex")), theirs.map(([, , output]) => output));
      assert.equal(ours.stackBytes, Math.max(...theirs.map(([, depth]) => Number(depth))));
    });
  }
}
