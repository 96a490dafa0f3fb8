/** The ELF reader against binutils on real programs, and against files cut short or damaged. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CoincellError } from "../ir/diagnostics.js";
import { buildProgram, type Elf, findBoard, measureElf, readElf } from "./index.js";
import { without } from "./testing.js";

const SOURCE = `
#include <stdint.h>
int16_t cell_in_data[5] = {1, 2, 3, 4, 5};
uint8_t cell_in_bss[7];
uint8_t cell_kept[3] __attribute__((section(".noinit")));
void cell_entry(const void *in, void *out);
void cell_entry(const void *in, void *out)
{
    const uint8_t *x = in;
    cell_in_bss[*x & 3] += *x;
    cell_kept[*x & 1] = 1;
    *(uint8_t *)out = (uint8_t)(cell_in_data[*x & 3] + cell_in_bss[1] + cell_kept[0]);
}
`;

async function build(board: string): Promise<Elf> {
  const files = new Map([["entry.c", SOURCE]]);
  return (await buildProgram({ board: findBoard(board), files, inBytes: 4, outBytes: 2 })).elf;
}

function binutils(command: string, args: readonly string[], elf: Elf): string {
  const folder = mkdtempSync(join(tmpdir(), "coincell-test-"));
  try {
    const path = join(folder, "program.elf");
    writeFileSync(path, elf.file);
    return execFileSync(command, [...args, path], { encoding: "utf8" });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const board of ["attiny45", "attiny85", "uno"]) {
  test(`sizes and symbols equal avr-size and avr-nm: ${board}`, { skip: without("avr-gcc") }, async () => {
    const elf = await build(board);
    const [text, data, bss] = binutils("avr-size", [], elf).split("\n")[1]!.trim().split(/\s+/).map(Number);
    // 10 + 7 + 3 of the model, 4 + 2 of the harness
    assert.equal(data! + bss!, 26);
    assert.deepEqual(measureElf(elf), { flash: text! + data!, ram: data! + bss! });
    for (const line of binutils("avr-nm", ["-S"], elf).trim().split("\n")) {
      const [, address, bytes = "0", name] = /^(\w{8}) (\w{8} )?\w (\S+)$/.exec(line) ?? [];
      const ours = elf.symbols.find((symbol) => symbol.name === name);
      assert.deepEqual([ours?.address, ours?.bytes], [parseInt(address!, 16), parseInt(bytes, 16)], line);
    }
    const entry = elf.symbols.find((symbol) => symbol.name === "cell_entry");
    assert.equal(entry?.kind, "function");
    assert.equal(entry?.section, ".text");
  });
}

for (const [board, prefix] of [["mps2-an386", "arm-none-eabi-"], ["pico", "arm-none-eabi-"], ["microbit", "arm-none-eabi-"], ["rv32-virt", "riscv64-unknown-elf-"]] as const) {
  test(`sizes and symbols equal binutils: ${board}`, { skip: without(`${prefix}gcc`) }, async () => {
    const elf = await build(board);
    const [text, data, bss] = binutils(`${prefix}size`, [], elf).split("\n")[1]!.trim().split(/\s+/).map(Number);
    // 10 of .data in the model; 7 + 3 of the model and twice 4 of the harness, each part padded to 8
    assert.deepEqual([data, bss], [16, 32]);
    assert.deepEqual(measureElf(elf), { flash: text! + data!, ram: data! + bss! });
    for (const line of binutils(`${prefix}nm`, ["-S"], elf).trim().split("\n")) {
      const [, address, bytes = "0", name] = /^(\w{8,16}) (\w{8,16} )?\w (\S+)$/.exec(line) ?? [];
      if (name === undefined || name.startsWith("$")) continue;
      const ours = elf.symbols.find((symbol) => symbol.name === name);
      assert.deepEqual([ours?.address, ours?.bytes], [parseInt(address!, 16), parseInt(bytes, 16)], line);
    }
    const loaded = elf.segments.filter((segment) => segment.content.length > 0);
    assert.equal(loaded.reduce((sum, segment) => sum + segment.content.length, 0), measureElf(elf).flash);
  });
}

test("reads the 64-bit programs of the host", { skip: without("gcc") }, async () => {
  const elf = await build("host");
  const array = elf.symbols.find((symbol) => symbol.name === "cell_in_data");
  assert.deepEqual([array?.bytes, array?.kind, array?.section], [10, "object", ".data"]);
  const [text, data, bss] = binutils("size", [], elf).split("\n")[1]!.trim().split(/\s+/).map(Number);
  assert.equal(measureElf(elf).flash, text! + data!);
  assert.ok(measureElf(elf).ram >= data! + bss!);
});

function attempt(bytes: Uint8Array): string {
  try {
    readElf(bytes);
    return "read";
  } catch (error) {
    assert.ok(error instanceof CoincellError, String(error));
    return error.diagnostic.code;
  }
}

test("a file that is cut short or damaged gives board/bad-elf or a program, never another error", { skip: without("avr-gcc") }, async () => {
  const { file } = await build("attiny85");
  assert.equal(attempt(new Uint8Array()), "board/bad-elf");
  assert.equal(attempt(Buffer.from("MZ".padEnd(80))), "board/bad-elf");
  for (let bytes = 0; bytes < file.length; bytes += 13) assert.equal(attempt(file.subarray(0, bytes)), "board/bad-elf");
  for (let at = 4; at < 52; at++) {
    for (const value of [0, 1, 0x7f, 0xff]) {
      const damaged = file.slice();
      damaged[at] = value;
      assert.match(attempt(damaged), /^(read|board\/bad-elf)$/);
    }
  }
});
