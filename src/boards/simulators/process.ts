/** One child process from start to end, with a time limit and an abort signal; what it printed is data. */

import { spawn } from "node:child_process";

const ERROR_TEXT_LIMIT = 64 * 1024;

export interface Ended {
  readonly output: Buffer;
  readonly errors: string;
  readonly code: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
}

export interface ProcessOptions {
  readonly cwd?: string;
  /** Added to our own environment. */
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: Uint8Array;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Rejects only where the program cannot be started; an abort kills it, and the caller asks the signal. */
export function execute(command: string, args: readonly string[], options: ProcessOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], cwd: options.cwd, env: { ...process.env, ...options.env } });
    const output: Buffer[] = [];
    let errors = "";
    let timedOut = false;
    const timeUp = (): void => {
      timedOut = true;
      child.kill("SIGKILL");
    };
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(timeUp, options.timeoutMs);
    const abort = (): void => void child.kill("SIGKILL");
    if (options.signal?.aborted === true) abort();
    options.signal?.addEventListener("abort", abort);
    const settle = (then: () => void): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", abort);
      then();
    };
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => {
      if (errors.length < ERROR_TEXT_LIMIT) errors += chunk.toString("utf8");
    });
    // A program that dies early closes its input; how it died is told by `close`.
    child.stdin.on("error", () => {});
    child.on("error", (error) => settle(() => reject(error)));
    child.on("close", (code, signal) => settle(() => resolve({ output: Buffer.concat(output), errors, code, signal, timedOut })));
    child.stdin.end(options.input);
  });
}
