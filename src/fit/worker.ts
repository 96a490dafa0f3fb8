/** A process of the pool: takes one job at a time, answers, and ends when its parent does. */
import type { FromWorker, Setting, ToWorker } from "./jobs.js";
import { learners } from "../train/all.generated.js";
import { work } from "./work.js";

let setting: Setting | null = null;

const send = (m: FromWorker): void => { process.send?.(m); };

// Ctrl-C reaches the whole group of processes; the parent decides what becomes of us.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit(0));
process.on("message", (m: ToWorker) => {
  if (m.type === "setting") {
    setting = m.setting;
    return send({ type: "ready" });
  }
  const known = setting;
  if (known) void work(learners, known, m.job).then((outcome) => send({ type: "done", id: m.id, outcome }));
});
