/** The sum of two int8 tensors of one shape for Helium, four elements at a time. */
import { dspStage } from "../../../ir/dsp.js";
import { mveSign } from "../../../ir/mve.js";
import type { KernelVariant } from "../../../ir/op.js";
import type { AnyParams } from "../../../ir/params.js";

const params = {
  n: "len", subtract: "u8", zero_a: "i16", zero_b: "i16", mult_a: "i32", mult_b: "i32", shift_a: "i8", shift_b: "i8",
  mult: "i32", add: "i32", right: "u8", sign: "u8", lo: "i16", hi: "i16",
} as const;

type Plain = Readonly<Record<Exclude<keyof typeof params, "mult" | "add" | "right" | "sign"> | "rank" | "step_a" | "step_b" | "zero_y" | "mult_y" | "shift_y", number>>;

/** Operands are at most 255 * 2^20, and halved at least when they are brought to one scale. */
const BOUND = 2 * 255 * 2 ** 19;

export const mve: KernelVariant = {
  name: "mve",
  needs: ["mve"],
  params,
  inPlace: () => true,
  repack: (any: AnyParams, { inputs: [a] }) => {
    const p = any as Plain;
    if (a?.dtype !== "i8" || p.rank !== 0 || p.step_a !== 1 || p.step_b !== 1 || p.n % 4 !== 0 || p.shift_a > 0 || p.shift_b > 0) return null;
    const stage = dspStage(p.mult_y, p.shift_y, p.zero_y, BOUND);
    if (!stage) return null;
    const { n, subtract, zero_a, zero_b, mult_a, mult_b, shift_a, shift_b, lo, hi } = p;
    return { params: { n, subtract, zero_a, zero_b, mult_a, mult_b, shift_a, shift_b, ...stage, sign: mveSign(p), lo, hi } };
  },
};
