/** The compilers a user may have (RISC-V without a C library, so with the headers of our start-up), each with the strictest flags the emitted C must pass. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const call = promisify(execFile);

export interface Compiler { readonly title: string; readonly command: string; readonly flags: readonly string[]; readonly cpp?: boolean }

const STRICT = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Werror"];
const CPP = ["-std=c++11", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Werror"];

export const compilers: readonly Compiler[] = [
  { title: "gcc", command: "gcc", flags: [...STRICT, "-O2"] },
  { title: "clang", command: "clang", flags: [...STRICT, "-O1"] },
  { title: "avr-gcc for the ATtiny85", command: "avr-gcc", flags: [...STRICT, "-Os", "-mmcu=attiny85"] },
  { title: "avr-gcc for the ATmega328P", command: "avr-gcc", flags: [...STRICT, "-Os", "-mmcu=atmega328p"] },
  { title: "arm-none-eabi-gcc", command: "arm-none-eabi-gcc", flags: [...STRICT, "-Os", "-mcpu=cortex-m0plus", "-mthumb"] },
  { title: "riscv64-unknown-elf-gcc", command: "riscv64-unknown-elf-gcc", flags: [...STRICT, "-Os", "-march=rv32imc", "-mabi=ilp32", "-ffreestanding", "-isystem", fileURLToPath(new URL("../../src/boards/startup/libc/", import.meta.url))] },
  { title: "g++ of the headers", command: "g++", flags: CPP, cpp: true },
];

export interface Refused { readonly file: string; readonly text: string }

/** Runs `use` in a folder that holds `files`, and removes it. */
export async function withFiles<T>(files: ReadonlyMap<string, string>, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "coincell-test-"));
  try {
    for (const [path, text] of files) await writeFile(join(folder, path), text);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function each<T, R>(list: readonly T[], at: number, f: (v: T) => Promise<R>): Promise<R[]> {
  const out: R[] = [];
  const rest = list.map((v, i) => [v, i] as const);
  await Promise.all(Array.from({ length: at }, async () => {
    for (let next = rest.shift(); next; next = rest.shift()) out[next[1]] = await f(next[0]);
  }));
  return out;
}

/** What a compiler says of each file it refuses. Headers are included in C++, sources compiled as C. */
export async function compileFiles(c: Compiler, files: ReadonlyMap<string, string>): Promise<Refused[]> {
  const cpp = new Map([...files.keys()].filter((p) => p.endsWith(".h")).map((p) => [`${p}.cpp`, `#include "${p}"\n#include "${p}"\nint main() { return 0; }\n`]));
  return withFiles(c.cpp === true ? new Map([...files, ...cpp]) : files, async (folder) => {
    const sources = c.cpp === true ? [...cpp.keys()] : [...files.keys()].filter((p) => p.endsWith(".c"));
    const found = await each(sources, 2, async (file): Promise<Refused | null> => {
      try {
        await call(c.command, [...c.flags, "-I.", "-c", file, "-o", `${file}.o`], { cwd: folder });
        return null;
      } catch (e) {
        return { file, text: (e as { readonly stderr?: string }).stderr ?? String(e) };
      }
    });
    return found.filter((r) => r !== null);
  });
}

export interface ObjectFacts {
  readonly data: number;
  readonly bss: number;
  readonly rodata: number;
  /** Names the object leaves for the linker. */
  readonly wanted: readonly string[];
  /** Soft-float helpers that anything but `<m>_convert` needs. */
  readonly floats: readonly string[];
}

const SOFT_FLOAT = /^__\w+sf\d?$|^__fix\w*sf|^__float/;

async function nm(folder: string, object: string): Promise<string[]> {
  const { stdout } = await call("avr-nm", ["-u", object], { cwd: folder });
  return stdout.split("\n").map((l) => l.trim().split(/\s+/).at(-1) ?? "").filter((n) => n !== "");
}

/** The sections and the undefined names of a model's object on AVR; once more without its conversion of floats. */
export async function symbolsOf(mcu: string, files: ReadonlyMap<string, string>): Promise<ObjectFacts> {
  return withFiles(files, async (folder) => {
    const source = [...files.keys()].find((p) => p.endsWith(".c")) ?? "";
    const flags = [`-mmcu=${mcu}`, "-std=c99", "-Os", "-fno-tree-loop-distribute-patterns", "-I."];
    await call("avr-gcc", [...flags, "-c", source, "-o", "model.o"], { cwd: folder });
    const { stdout } = await call("avr-size", ["-A", "model.o"], { cwd: folder });
    const size = (name: string): number => [...stdout.matchAll(new RegExp(`^\\.${name}\\S*\\s+(\\d+)`, "gm"))].reduce((a, m) => a + Number(m[1]), 0);
    const text = await readFile(join(folder, source), "utf8");
    await writeFile(join(folder, "bare.c"), text.replace(/^void \w+_convert\([^]*?^}\n/m, ""));
    await call("avr-gcc", [...flags, "-w", "-c", "bare.c", "-o", "bare.o"], { cwd: folder });
    return { data: size("data"), bss: size("bss"), rodata: size("rodata"), wanted: await nm(folder, "model.o"), floats: (await nm(folder, "bare.o")).filter((n) => SOFT_FLOAT.test(n)) };
  });
}
