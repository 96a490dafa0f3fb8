/** What a core is to a compiler: the flags that name it, and what its kernels may use besides plain C. A new core is one line here. */
import type { CpuFeature } from "../ir/op.js";

interface CoreFacts { readonly flags: readonly string[]; readonly features: readonly CpuFeature[] }

const thumb = (cpu: string, features: readonly CpuFeature[], ...more: readonly string[]): CoreFacts => ({ flags: ["-mthumb", `-mcpu=${cpu}`, ...more], features });
const hardFloat = ["-mfloat-abi=hard"] as const;

/** A core that no compiler of ours serves has no flags. */
const unserved: CoreFacts = { flags: [], features: [] };

/** `dsp`: two 16-bit lanes in a word; `mve`: Helium; `mul`: a multiplier, and no lanes; `mul32`: one of 32 bits. */
const table = {
  avr25: { flags: [], features: [] },
  avr5: { flags: [], features: ["mul"] },
  avr6: { flags: [], features: ["mul"] },
  "cortex-m0": thumb("cortex-m0", ["mul", "mul32"]),
  "cortex-m0plus": thumb("cortex-m0plus", ["mul", "mul32"]),
  "cortex-m3": thumb("cortex-m3", ["mul", "mul32"]),
  "cortex-m4": thumb("cortex-m4", ["dsp"], ...hardFloat, "-mfpu=fpv4-sp-d16"),
  "cortex-m7": thumb("cortex-m7", ["dsp"], ...hardFloat, "-mfpu=fpv5-sp-d16"),
  "cortex-m33": thumb("cortex-m33", ["dsp"], ...hardFloat, "-mfpu=fpv5-sp-d16"),
  "cortex-m55": thumb("cortex-m55", ["dsp", "mve"], ...hardFloat),
  rv32imc: { flags: ["-march=rv32imc", "-mabi=ilp32"], features: ["mul", "mul32"] },
  "xtensa-lx6": unserved,
  "arc-em": unserved,
  host: { flags: [], features: [] },
} as const satisfies Readonly<Record<string, CoreFacts>>;

/** Instruction-set families; a CPU family that is not simulated yet may already be named by a board. */
export type Core = keyof typeof table;

export const cores: Readonly<Record<Core, CoreFacts>> = table;

/** What the compilers for a core make use of besides plain C. */
export const features = (core: Core): ReadonlySet<CpuFeature> => new Set(cores[core].features);
