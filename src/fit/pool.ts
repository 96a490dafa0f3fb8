/** Child processes that share the work: a crash, a leak or a Ctrl-C in one of them costs one job, never the search. */
import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FromWorker, Job, Outcome, Result, Setting } from "./jobs.js";

type Answer = Outcome<Result>;
interface Waiting { readonly job: Job; readonly resolve: (o: Answer | null) => void }
interface Member { readonly child: ChildProcess; busy: Waiting | null }

/** The worker beside this file: TypeScript in development, JavaScript in the package. */
const worker = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);

const loaders: readonly string[] = ["--import", "--require", "-r", "--loader", "--experimental-loader"];

/** Of the parent's options only loaders and memory limits: a script given with -e would start a search in every worker. */
export function inherited(argv: readonly string[]): string[] {
  return argv.flatMap((a, i) => {
    const [name = ""] = a.split("=", 1);
    if (name === "--max-old-space-size" || (loaders.includes(name) && a.includes("="))) return [a];
    const value = argv[i + 1];
    return loaders.includes(a) && value !== undefined ? [a, value] : [];
  });
}

const died = (job: Job, code: number | null, signal: string | null): Answer => ({
  ok: false,
  error: { code: "fit/worker-died", where: job.config.family, what: `the worker process ended (${signal ?? `status ${code}`}), perhaps for want of memory`, cure: "Use fewer --jobs, fewer rows, or other --models." },
});

/** Processes that died without having finished anything, before the pool gives up. */
const MAX_DEATHS = 20;

export class Pool {
  private readonly members: Member[] = [];
  private readonly queue: Waiting[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), "coincell-fit-"));
  private deaths = 0;
  private closed = false;
  private readonly removeFolder = (): void => rmSync(this.folder, { recursive: true, force: true });

  constructor(private readonly setting: Setting, size: number) {
    process.once("exit", this.removeFolder);
    for (let i = 0; i < size; i++) this.start();
  }

  private start(): void {
    // Compilers' temporary files go below one folder, so that nothing stays behind when a worker is killed.
    const child = fork(worker, [], { execArgv: inherited(process.execArgv), serialization: "advanced", env: { ...process.env, TMPDIR: this.folder }, stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const member: Member = { child, busy: null };
    this.members.push(member);
    child.on("message", (m: FromWorker) => this.heard(member, m));
    child.on("error", () => {});
    child.on("exit", (code, signal) => this.gone(member, code, signal));
    child.send({ type: "setting", setting: this.setting }, () => {});
    this.feed();
  }

  private heard(member: Member, m: FromWorker): void {
    if (m.type !== "done") return;
    const { busy } = member;
    member.busy = null;
    this.deaths = 0;
    busy?.resolve(m.outcome);
    this.feed();
  }

  private gone(member: Member, code: number | null, signal: string | null): void {
    if (!this.members.includes(member)) return;
    this.members.splice(this.members.indexOf(member), 1);
    member.busy?.resolve(this.closed ? null : died(member.busy.job, code, signal));
    if (this.closed) return;
    if (++this.deaths <= MAX_DEATHS) this.start();
    else for (const w of this.queue.splice(0)) w.resolve(died(w.job, code, signal));
  }

  private feed(): void {
    for (const member of this.members) {
      if (member.busy) continue;
      const next = this.queue.shift();
      if (!next) return;
      member.busy = next;
      member.child.send({ type: "job", id: 0, job: next.job }, () => {});
    }
  }

  /** Null where the pool was closed before the job came to its end. */
  run<J extends Job>(job: J): Promise<Outcome<Result<J>> | null> {
    if (this.closed) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.queue.push({ job, resolve: resolve as (o: Answer | null) => void });
      this.feed();
    });
  }

  /** Answers null to every open job and replaces the processes that were busy: what is next need not wait for what is slow. */
  drop(): void {
    for (const w of this.queue.splice(0)) w.resolve(null);
    for (const m of this.members.filter((b) => b.busy !== null)) {
      this.members.splice(this.members.indexOf(m), 1);
      m.child.kill("SIGKILL");
      m.busy?.resolve(null);
      if (!this.closed) this.start();
    }
  }

  /** Ends all processes and answers null to every open job. */
  close(): void {
    this.closed = true;
    for (const w of this.queue.splice(0)) w.resolve(null);
    for (const m of this.members) {
      m.busy?.resolve(null);
      m.child.kill("SIGKILL");
    }
    process.removeListener("exit", this.removeFolder);
    this.removeFolder();
  }
}
