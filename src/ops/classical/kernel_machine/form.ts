/** What the two kinds of kernel are given and what they make of it, in fixed point. */
import type { IntDType, TypedArray } from "../../../ir/types.js";

/** The input as the vectors must match it. */
export interface Domain {
  readonly dtype: IntDType;
  /** Per element; all equal for a radial kernel. */
  readonly scale: readonly number[];
  readonly zero: readonly number[];
  readonly min: number;
  readonly max: number;
}

/** Constants of one kernel; `top` and `unit`: its largest value as an integer, and what one of it stands for. */
export interface KernelParams {
  readonly kernel: number;
  readonly narrow: number;
  readonly coarse: number;
  readonly centre: number;
  readonly up: number;
  readonly down: number;
  readonly limit: number;
  readonly period: number;
  readonly fine: number;
  readonly smooth: number;
  readonly degree: number;
  readonly cut: number;
  readonly sv: TypedArray;
  readonly table: TypedArray;
  readonly offset: TypedArray;
  /** What each vector's coefficients are multiplied by. */
  readonly weight: Float64Array;
  readonly top: number;
  readonly unit: number;
}
