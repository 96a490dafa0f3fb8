/** The sum of two int8 tensors of one shape by tables: what each byte of an operand is worth stands in a table, in flash or in scratch memory. */
import { dspAct, dspStage } from "../../../ir/dsp.js";
import type { CpuFeature, KernelVariant, NodeIo } from "../../../ir/op.js";
import type { AnyParams } from "../../../ir/params.js";
import { requant } from "../../../ir/requantise.js";

const stage = { n: "len", mult: "i32", add: "i32", right: "u8", act: "u8", lo: "i16", hi: "i16" } as const;
const operands = { subtract: "u8", zero_a: "i16", zero_b: "i16", mult_a: "i32", mult_b: "i32", shift_a: "i8", shift_b: "i8" } as const;

type Plain = Readonly<Record<"n" | "lo" | "hi" | keyof typeof operands | "rank" | "step_a" | "step_b" | "zero_y" | "mult_y" | "shift_y", number>>;

/** With fewer elements tables in flash take more bytes than plain code, and tables in memory more time than they save. */
const [LEAST_IN_FLASH, LEAST] = [128, 512] as const;

/** Operands are at most 255 * 2^20, and halved at least when they are brought to one scale. */
const BOUND = 2 * 255 * 2 ** 19;

/** The output stage; null where it would not be exact, or shapes differ. */
function common(p: Plain, { inputs: [a] }: NodeIo, least: number) {
  if (a?.dtype !== "i8" || p.rank !== 0 || p.step_a !== 1 || p.step_b !== 1 || p.n < least || p.shift_a > 0 || p.shift_b > 0) return null;
  const made = dspStage(p.mult_y, p.shift_y, p.zero_y, 2 * BOUND);
  return made && { n: p.n, ...made, act: dspAct(p), lo: p.lo, hi: p.hi };
}

/** What the bytes -128 to 127 are worth at the common scale, doubled. */
const worth = (zero: number, mult: number, shift: number, sign: number): Int32Array =>
  Int32Array.from({ length: 256 }, (_, i) => 2 * sign * requant((i - 128 - zero) * 2 ** 20, mult, shift));

/** Tables in flash. */
export const dspTables: KernelVariant = {
  name: "dsp_tables",
  needs: ["dsp"],
  params: { ...stage, of_a: "rom", of_b: "rom" },
  inPlace: () => true,
  repack: (any: AnyParams, io) => {
    const p = any as Plain;
    const made = common(p, io, LEAST_IN_FLASH);
    return made && { params: { ...made, of_a: worth(p.zero_a, p.mult_a, p.shift_a, 1), of_b: worth(p.zero_b, p.mult_b, p.shift_b, p.subtract ? -1 : 1) } };
  },
};

/** Tables in scratch memory: the same work for the DSP extension, and for CPUs with nothing but a 32-bit multiply. */
const tables = (name: string, feature: CpuFeature): KernelVariant => ({
  name,
  needs: [feature],
  params: { ...stage, ...operands },
  inPlace: () => true,
  repack: (any: AnyParams, io) => {
    const p = any as Plain;
    const made = common(p, io, LEAST);
    const { subtract, zero_a, zero_b, mult_a, mult_b, shift_a, shift_b } = p;
    return made && { params: { ...made, subtract, zero_a, zero_b, mult_a, mult_b, shift_a, shift_b }, scratch: 2 * 256 * 4 };
  },
});

export const dsp = tables("dsp", "dsp");
export const pack = tables("pack", "mul32");
