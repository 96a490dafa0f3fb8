/** Writes the page of a training and says where it is. */
import { htmlTraining } from "../report/train-html.js";
import type { TrainReport } from "../report/train-types.js";
import { writeText } from "./files.js";
import type { Io } from "./io.js";

export async function writePage(io: Io, path: string, report: TrainReport): Promise<void> {
  await writeText(path, htmlTraining(report));
  io.err(`wrote ${path}\n`);
}
