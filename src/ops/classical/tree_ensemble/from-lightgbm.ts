import type { Lowering } from "../../../ir/op.js";
export const lightgbm: Readonly<Record<string, Lowering>> = {};
