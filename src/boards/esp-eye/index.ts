/** Facts of the ESP-EYE (ESP32); source: `reference/boards.md`, section 9 (M: from memory, not verified). */

import type { Board } from "../board.js";

export const board: Board = {
  name: "esp-eye",
  aliases: [],
  title: "ESP-EYE (ESP32)",
  chip: "esp32",
  core: "xtensa-lx6",
  clockHz: 240_000_000,
  flashBytes: 4 * 1024 * 1024,
  chipFlashBytes: 4 * 1024 * 1024,
  ramBytes: 320 * 1024,
  memory: null,
  fpu: true,
  hardwareMultiply: true,
  toolchain: "none",
  optimise: "-Os",
  simulator: "none",
  cycles: "none",
  supplyVolts: null,
  currents: [],
  note: "Sizes from memory, not verified. 8 MB of external RAM are not counted. No Xtensa compiler is packaged and QEMU 7.2 has no ESP32 machine: nothing is built or run here. Needed: Espressif's xtensa-esp-elf-gcc and its QEMU fork. That the plain C compiles with them was not tried.",
};
