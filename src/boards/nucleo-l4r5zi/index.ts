/** Facts of the NUCLEO-L4R5ZI (STM32L4R5); source: `reference/boards.md`, section 9 (P: PlatformIO board documents); current: ST's MLPerf Tiny v1.1 energy runs, section 8. */

import type { Board } from "../board.js";

export const board: Board = {
  name: "nucleo-l4r5zi",
  aliases: ["l4r5", "stm32l4r5"],
  title: "NUCLEO-L4R5ZI (STM32L4R5)",
  chip: "stm32l4r5zi",
  core: "cortex-m4",
  clockHz: 120_000_000,
  flashBytes: 2 * 1024 * 1024,
  chipFlashBytes: 2 * 1024 * 1024,
  ramBytes: 640 * 1024,
  memory: { flashStart: 0, ramStart: 0x20000000, ramEnd: 0x2009ffff, dataOffset: 0 },
  fpu: true,
  hardwareMultiply: true,
  toolchain: "arm-gcc",
  optimise: "-O2",
  simulator: "qemu",
  machine: "mps2-an386",
  cycles: "modelled",
  supplyVolts: 1.8,
  currents: [
    {
      mode: "active", milliamps: 23.6, volts: 1.8, clockHz: 120_000_000,
      source: "MLPerf Tiny v1.1, ST: 42.5 mW mean of four models (energy x throughput)", confidence: "computed from published results; -18 to +11 % between models",
    },
  ],
  note: "Sizes from the PlatformIO board documents. Simulated on QEMU's mps2-an386, linked for that machine's addresses; flash and RAM are checked against the chip's own sizes. Published latencies put memory effects of this board at up to 40 %. No sleep current is known here: no battery life. Cycles are modelled from ARM's table without wait states: 30 to 40 % off either way unless fitted on the board itself.",
};
