/** The process a training runs in: one request in, progress and one answer out. */
import { CoincellError } from "../ir/diagnostics.js";
import { trainModel, type TrainRequest } from "./train.js";
import type { TrainMessage } from "./train-process.js";

const send = (m: TrainMessage): void => { process.send?.(m); };

/** Milliseconds between two messages of progress. */
const PAUSE = 80;

function work(request: TrainRequest): TrainMessage {
  let last = 0;
  try {
    const trained = trainModel(request, (step, part) => {
      const now = Date.now();
      if (now - last < PAUSE) return;
      last = now;
      send({ kind: "progress", step, part });
    });
    return { kind: "done", trained };
  } catch (e) {
    if (e instanceof CoincellError) return { kind: "wrong", diagnostic: e.diagnostic };
    return { kind: "fault", message: e instanceof Error ? e.message : String(e), stack: e instanceof Error ? (e.stack ?? "") : "" };
  }
}

process.on("disconnect", () => process.exit(0));
process.on("message", (request: TrainRequest) => {
  process.send?.(work(request) satisfies TrainMessage, () => process.disconnect());
});
