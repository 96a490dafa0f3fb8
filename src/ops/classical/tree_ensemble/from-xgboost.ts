import type { Lowering } from "../../../ir/op.js";
export const xgboost: Readonly<Record<string, Lowering>> = {};
