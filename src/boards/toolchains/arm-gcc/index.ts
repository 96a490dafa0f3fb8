/** C to a Cortex-M program with Debian's arm-none-eabi-gcc; the board's flags choose the core. */

import { bareGcc } from "../bare-gcc.js";

export const toolchain = bareGcc({
  name: "arm-gcc",
  command: "arm-none-eabi-gcc",
  packages: ["gcc-arm-none-eabi"],
  libm: "libnewlib-arm-none-eabi",
  startup: "arm",
});
