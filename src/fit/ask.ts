/** Jobs answered from the store where they are finished already, else by the pool; every new answer is stored. */
import { createHash } from "node:crypto";
import { CoincellError } from "../ir/diagnostics.js";
import type { Job, Outcome, Result } from "./jobs.js";
import type { Pool } from "./pool.js";
import { configKey } from "./space.js";
import type { Store } from "./store.js";

export interface Counts { trained: number; measured: number; fromStore: number; failed: number }

/** A job of a phase that came to its end. */
export interface Finished { readonly job: Job; readonly outcome: Outcome<Result> | null }

/** When a phase begins no more jobs, and when it waits no longer for those that run: ms of the clock, Infinity without a budget. */
export interface Deadline { readonly begin: () => number; readonly wait: () => number }

export type OnDone = (finished: number, total: number, last: Finished) => void;

export interface Asker {
  /** Null where the search ended before the job did. @throws CoincellError where going on has no sense (no compiler, full disk) */
  ask<J extends Job>(job: J): Promise<Outcome<Result<J>> | null>;
  /** Asks for all until the deadline; answers in the order of the jobs, null for those that did not end. */
  askAll<J extends Job>(jobs: readonly J[], until: Deadline, done?: OnDone): Promise<readonly (Outcome<Result<J>> | null)[]>;
  readonly counts: Counts;
  /** Whether a deadline or the user cut a list. */
  readonly cut: () => boolean;
}

/** Failures of the machine, not of the candidate: the next one would fail the same way. */
const fatal = (code: string): boolean => code === "board/no-compiler" || code.startsWith("file/");
/** Failures that would come again on any machine, so that they may be remembered. */
const lasting = (code: string): boolean => /^(train|quantise|data)\//.test(code) || code === "fit/does-not-fit";

const keyOf = (base: string, job: Job): string => {
  const rest = job.kind === "validate" ? [job.rung, job.integer ?? null] : [job.input, job.goal, job.rows];
  return createHash("sha256").update(JSON.stringify([base, job.kind, configKey(job.config), ...rest])).digest("hex");
};

/** `base` names all that every job hangs on: data, seed, board, limits, versions. Validation hangs on less. */
export interface Bases { readonly validate: string; readonly measure: string }

export function makeAsker(pool: () => Pick<Pool, "run" | "drop">, store: Store, bases: Bases, signal: AbortSignal, lanes: number): Asker {
  let isCut = false;
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
  const askAll = async <J extends Job>(jobs: readonly J[], until: Deadline, done?: OnDone): Promise<readonly (Outcome<Result<J>> | null)[]> => {
    const answers: (Outcome<Result<J>> | null)[] = jobs.map(() => null);
    let [next, finished] = [0, 0];
    const lane = async (): Promise<void> => {
      for (let i = next++; i < jobs.length && Date.now() < until.begin() && !signal.aborted; i = next++) {
        const outcome = await ask(jobs[i] as J);
        answers[i] = outcome;
        done?.(++finished, jobs.length, { job: jobs[i] as J, outcome });
      }
    };
    const timer = whenPast(until.wait, () => pool().drop());
    try {
      await Promise.all(Array.from({ length: lanes }, lane));
    } finally {
      timer.clear();
    }
    isCut ||= answers.includes(null);
    return answers;
  };
  return { ask, askAll, counts, cut: () => isCut };
}

/** Looks at the clock this often: a deadline moves once, when the first worker has started. */
const LOOK = 250;

function whenPast(time: () => number, act: () => void): { readonly clear: () => void } {
  if (time() === Infinity) return { clear: () => {} };
  const timer = setInterval(() => {
    if (Date.now() < time()) return;
    clearInterval(timer);
    act();
  }, LOOK);
  return { clear: () => clearInterval(timer) };
}
