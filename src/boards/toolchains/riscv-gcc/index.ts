/** C to an RV32 program with Debian's riscv64-unknown-elf-gcc, which makes 32-bit code too. */

import { bareGcc } from "../bare-gcc.js";

export const toolchain = bareGcc({
  name: "riscv-gcc",
  command: "riscv64-unknown-elf-gcc",
  packages: ["gcc-riscv64-unknown-elf"],
  libm: "picolibc-riscv64-unknown-elf",
  startup: "riscv",
});
