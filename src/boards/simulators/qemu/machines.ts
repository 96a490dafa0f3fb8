/** The machines of QEMU 7.2 that boards run on; memories as in its sources (hw/arm, hw/riscv) and `reference/boards.md`, section 4. */

import { fail } from "../../../ir/diagnostics.js";
import type { Board } from "../../board.js";

export interface Machine {
  readonly emulator: "qemu-system-arm" | "qemu-system-riscv32";
  readonly args: readonly string[];
  /** Bytes from the board's `flashStart` and `ramStart` on; a chip may have more, a program that runs here may not use more. */
  readonly flashBytes: number;
  readonly ramBytes: number;
  /** Wants every access aligned to its size. */
  readonly aligned: boolean;
}

const KB = 1024;
const MB = 1024 * KB;
const arm = (flashBytes: number, ramBytes: number, aligned = false): Machine => ({ emulator: "qemu-system-arm", args: [], flashBytes, ramBytes, aligned });

const machines: Readonly<Record<string, Machine>> = {
  microbit: arm(256 * KB, 16 * KB, true),
  "mps2-an385": arm(4 * MB, 4 * MB),
  "mps2-an386": arm(4 * MB, 4 * MB),
  "mps2-an500": arm(4 * MB, 4 * MB),
  "mps2-an505": arm(4 * MB, 4 * MB),
  "mps3-an547": arm(512 * KB, 512 * KB),
  netduinoplus2: arm(1 * MB, 128 * KB),
  virt: { emulator: "qemu-system-riscv32", args: ["-bios", "none"], flashBytes: 64 * MB, ramBytes: 64 * MB, aligned: true },
};

export function machineOf(board: Board): Machine {
  const found = machines[board.machine ?? ""];
  return found ?? fail("board/unknown-machine", board.name, `QEMU's machine "${board.machine ?? ""}" is not known here`, `Supported: ${Object.keys(machines).join(", ")}`);
}
