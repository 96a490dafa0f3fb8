/** Training in a process of its own, so that the terminal lives: progress is drawn and Ctrl-C is heard while a learner computes. */
import { fork } from "node:child_process";
import { CoincellError, type Diagnostic } from "../ir/diagnostics.js";
import type { Trained, TrainProgress, TrainRequest, TrainStep } from "./train.js";

export type TrainMessage =
  | { readonly kind: "progress"; readonly step: TrainStep; readonly part: number }
  | { readonly kind: "done"; readonly trained: Trained }
  | { readonly kind: "wrong"; readonly diagnostic: Diagnostic }
  | { readonly kind: "fault"; readonly message: string; readonly stack: string };

export interface TrainProcessOptions {
  readonly onProgress?: TrainProgress;
  readonly signal?: AbortSignal;
}

/** The worker beside this file: TypeScript in development, JavaScript in the package. */
const worker = new URL(import.meta.url.endsWith(".ts") ? "./train-worker.ts" : "./train-worker.js", import.meta.url);

/** Options of the parent that a worker must not inherit: those of the test runner and the debugger. */
const execArgv = (): string[] => process.execArgv.filter((a) => !/^--(test|inspect|experimental-test|eval|print)|^-[ep]$/.test(a));

function faultOf(m: { readonly message: string; readonly stack: string }): Error {
  const e = new Error(m.message);
  e.stack = m.stack;
  return e;
}

const died = (model: string, code: number | null, signal: string | null): CoincellError => new CoincellError({
  code: "train/process-died", where: model, what: `the training process ended (${signal ?? `status ${code}`}), perhaps for want of memory`, cure: "Give fewer rows, or choose a smaller model.",
});

/**
 * `trainModel` in a process of its own.
 * @throws CoincellError as trainModel does; the signal's reason when it is aborted, and the process is ended at once
 */
export function trainApart(request: TrainRequest, { signal, onProgress }: TrainProcessOptions = {}): Promise<Trained> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = fork(worker, [], { execArgv: execArgv(), serialization: "advanced", stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const stop = (): void => { child.kill("SIGKILL"); reject(signal?.reason as Error); };
    signal?.addEventListener("abort", stop, { once: true });
    const settle = (act: () => void): void => { signal?.removeEventListener("abort", stop); act(); };
    child.on("message", (m: TrainMessage) => {
      if (m.kind === "progress") onProgress?.(m.step, m.part);
      else if (m.kind === "done") settle(() => resolve(m.trained));
      else if (m.kind === "wrong") settle(() => reject(new CoincellError(m.diagnostic)));
      else settle(() => reject(faultOf(m)));
    });
    child.on("error", (e) => settle(() => reject(e)));
    // After an answer this changes nothing: a promise settles once. Ctrl-C reaches the child first, the parent's signal a moment later.
    child.on("exit", (code, by) => { setTimeout(() => settle(() => reject(died(request.model, code, by))), 50); });
    child.send(request, () => {});
  });
}
