/** For the tests of this room only: hand-encoded AVR programs as ELF data, and what is installed on this machine. */

import { spawnSync } from "node:child_process";
import type { Board } from "./board.js";
import type { Elf, ElfSymbol } from "./elf.js";
import { findBoard } from "./index.js";
import type { Runnable } from "./simulators/simulator.js";

/** Reason to skip a test, or false when the program is on PATH. */
export function without(command: string): string | false {
  return spawnSync(command, ["--version"]).error === undefined ? false : `${command} is not installed`;
}

/** Reason to skip a test on this board: its compiler, its emulator, or what builds the emulator's plugin. */
export function withoutBoard(name: string): string | false {
  const { toolchain, simulator, core } = findBoard(name);
  const compilers: Readonly<Record<string, string>> = { "avr-gcc": "avr-gcc", "host-gcc": "gcc", "arm-gcc": "arm-none-eabi-gcc", "riscv-gcc": "riscv64-unknown-elf-gcc" };
  const emulator = core === "rv32imc" ? "qemu-system-riscv32" : "qemu-system-arm";
  return without(compilers[toolchain] ?? toolchain) || (simulator === "qemu" ? without(emulator) || without("gcc") : false);
}

const label = (name: string, address: number, section = ".text"): ElfSymbol => ({ name, address, bytes: 0, kind: "other", section });

/**
 * A program whose row runs `words` from address 0 and ends behind the last of them; SP is RAMEND, as after a reset.
 * One input byte and one output byte are the whole of its static RAM, at the start of the SRAM.
 */
export function handMade(boardName: string, words: readonly number[], staticBytes = 2): Runnable {
  const board: Board = findBoard(boardName);
  const ram = (board.memory?.dataOffset ?? 0) + (board.memory?.ramStart ?? 0);
  const stop = words.length * 2;
  const content = new Uint8Array(Uint16Array.from([...words, rjmp(-words.length - 1)]).buffer);
  const elf: Elf = {
    file: new Uint8Array(),
    machine: 83,
    segments: [{ virtualAddress: 0, physicalAddress: 0, memoryBytes: content.length, content }],
    sections: [
      { name: ".text", address: 0, bytes: content.length, allocated: true, writable: false, empty: false },
      { name: ".bss", address: ram, bytes: staticBytes, allocated: true, writable: true, empty: true },
    ],
    symbols: [
      label("cell_mark_ready", 0),
      label("cell_mark_start", 0),
      label("cell_mark_stop", stop),
      label("cell_in", ram, ".bss"),
      label("cell_out", ram + 1, ".bss"),
      { name: "the_model", address: 0, bytes: stop, kind: "function", section: ".text" },
    ],
  };
  return { board, elf, inBytes: 1, outBytes: 1 };
}

/** Relative jump; `distance` counts words from the next instruction. */
export const rjmp = (distance: number): number => 0xc000 | (distance & 0xfff);
export const rcall = (distance: number): number => 0xd000 | (distance & 0xfff);
/** Load constant into r16..r31. */
export const ldi = (register: number, value: number): number =>
  0xe000 | ((value & 0xf0) << 4) | ((register - 16) << 4) | (value & 15);
export const RET = 0x9508;
export const NOP = 0x0000;
