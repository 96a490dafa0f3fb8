/** Writes the HTML page and says where it is. */
import { htmlReport } from "../report/html.js";
import type { RunReport } from "../report/types.js";
import { writeText } from "./files.js";
import type { Io } from "./io.js";

export async function writePage(io: Io, path: string, reports: readonly RunReport[]): Promise<void> {
  await writeText(path, htmlReport(reports));
  io.err(`wrote ${path}\n`);
}
