/** Facts of the ESP32-C3; source: `reference/boards.md`, section 9 (P: PlatformIO board documents); currents: section 8. */

import type { Board } from "../board.js";

export const board: Board = {
  name: "esp32-c3",
  aliases: ["esp32c3"],
  title: "ESP32-C3",
  chip: "esp32-c3",
  core: "rv32imc",
  clockHz: 160_000_000,
  flashBytes: 4 * 1024 * 1024,
  chipFlashBytes: 4 * 1024 * 1024,
  ramBytes: 320 * 1024,
  memory: { flashStart: 0x80000000, ramStart: 0x84000000, ramEnd: 0x8404ffff, dataOffset: 0 },
  fpu: false,
  hardwareMultiply: true,
  toolchain: "riscv-gcc",
  optimise: "-O2",
  simulator: "qemu",
  machine: "virt",
  cycles: "instructions",
  supplyVolts: 3.3,
  currents: [
    { mode: "active", milliamps: 26.8, volts: null, clockHz: 160_000_000, source: "private measurement, busy at 160 MHz", confidence: "one measurement: low" },
    { mode: "power-down", milliamps: 0.35, volts: null, clockHz: null, source: "ESP32-C3 data sheet, light sleep, quoted", confidence: "low; deep sleep is 0.005 mA but loses RAM" },
  ],
  note: "Sizes from the PlatformIO board documents. Simulated on QEMU's riscv32 virt, linked for that machine's addresses; flash and RAM are checked against the chip's own sizes. Modules sleep at up to 300 uA. No cycle table exists for this core: instructions are counted exactly, cycles are not given.",
};
