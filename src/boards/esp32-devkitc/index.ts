/** Facts of the ESP32-DevKitC; source: `reference/boards.md`, section 9 (P: PlatformIO board documents). */

import type { Board } from "../board.js";

export const board: Board = {
  name: "esp32-devkitc",
  aliases: ["esp32"],
  title: "ESP32-DevKitC",
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
  note: "Sizes from the PlatformIO board documents. No Xtensa compiler is packaged and QEMU 7.2 has no ESP32 machine: nothing is built or run here. Needed: Espressif's xtensa-esp-elf-gcc and its QEMU fork. That the plain C compiles with them was not tried.",
};
