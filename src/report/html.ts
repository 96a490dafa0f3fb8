import type { RunReport } from "./types.js";
export const htmlReport = (r: readonly RunReport[]): string => JSON.stringify(r);
