import type { RunReport } from "./types.js";
export interface TerminalOptions { readonly colour: boolean; readonly columns: number }
export const terminalReport = (r: readonly RunReport[], _o: TerminalOptions): string => JSON.stringify(r);
export const terminalTable = terminalReport;
