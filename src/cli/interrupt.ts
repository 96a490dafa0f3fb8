/** Ctrl-C while something long runs: it is stopped, nothing is half written, and the terminal gets its line back. */
import { fail } from "../ir/diagnostics.js";

/** @throws CoincellError coincell/interrupted when the user stopped it */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => { controller.abort(); };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    return await work(controller.signal);
  } catch (e) {
    if (controller.signal.aborted) return fail("coincell/interrupted", "coincell", "interrupted; nothing was written", "Run it again; the same seed gives the same model.");
    throw e;
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
}
