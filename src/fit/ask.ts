/** Jobs answered from the store where they are finished already, else by the pool; every new answer is stored. */
import { createHash } from "node:crypto";
import { CoincellError } from "../ir/diagnostics.js";
import type { Job, Outcome, Result } from "./jobs.js";
import type { Pool } from "./pool.js";
import { configKey } from "./space.js";
import type { Store } from "./store.js";

export interface Counts { trained: number; measured: number; fromStore: number; failed: number }

export interface Asker {
  /** Null where the search ended before the job did. @throws CoincellError where going on has no sense (no compiler, full disk) */
  ask<J extends Job>(job: J): Promise<Outcome<Result<J>> | null>;
  /** Asks for all, not starting any after `until` (ms of the clock); answers in the order of the jobs. */
  askAll<J extends Job>(jobs: readonly J[], until: number, done?: (finished: number, total: number) => void): Promise<readonly (Outcome<Result<J>> | null)[]>;
  readonly counts: Counts;
}

/** Failures of the machine, not of the candidate: the next one would fail the same way. */
const fatal = (code: string): boolean => code === "board/no-compiler" || code.startsWith("file/");
/** Failures that would come again on any machine, so that they may be remembered. */
const lasting = (code: string): boolean => /^(train|quantise|data)\//.test(code) || code === "fit/does-not-fit";

const keyOf = (base: string, job: Job): string => {
  const rest = job.kind === "validate" ? [job.rung] : [job.input, job.goal, job.rows];
  return createHash("sha256").update(JSON.stringify([base, job.kind, configKey(job.config), ...rest])).digest("hex");
};

/** `base` names all that every job hangs on: data, seed, board, limits, versions. Validation hangs on less. */
export interface Bases { readonly validate: string; readonly measure: string }

export function makeAsker(pool: () => Pool, store: Store, bases: Bases, signal: AbortSignal, lanes: number): Asker {
  const counts: Counts = { trained: 0, measured: 0, fromStore: 0, failed: 0 };
  const ask = async <J extends Job>(job: J): Promise<Outcome<Result<J>> | null> => {
    const key = keyOf(bases[job.kind], job);
    const known = store.get<Result<J>>(key);
    if (known) counts.fromStore++;
    const outcome = known ?? (signal.aborted ? null : await pool().run(job));
    // A failure while everything is being torn down says nothing of the candidate.
    if (outcome === null || (signal.aborted && !known && !outcome.ok)) return null;
    if (!outcome.ok && fatal(outcome.error.code)) throw new CoincellError(outcome.error);
    if (!known && (outcome.ok || lasting(outcome.error.code))) store.put(key, `${job.kind} ${configKey(job.config)}`, outcome);
    if (!outcome.ok) counts.failed++;
    if (job.kind === "validate") counts.trained++;
    else counts.measured++;
    return outcome;
  };
  const askAll = async <J extends Job>(jobs: readonly J[], until: number, done?: (finished: number, total: number) => void): Promise<readonly (Outcome<Result<J>> | null)[]> => {
    const answers: (Outcome<Result<J>> | null)[] = jobs.map(() => null);
    let [next, finished] = [0, 0];
    const lane = async (): Promise<void> => {
      for (let i = next++; i < jobs.length && Date.now() < until && !signal.aborted; i = next++) {
        answers[i] = await ask(jobs[i] as J);
        done?.(++finished, jobs.length);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return answers;
  };
  return { ask, askAll, counts };
}
