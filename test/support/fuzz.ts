/** The fuzzer: real files of every format, damaged by a seeded generator, given to a process of its own with limits of time and memory. */
import { fork, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { writeGraph } from "../../src/importers/graph/index.js";
import { refusal } from "./compare.js";
import { allFixtures, graphOf } from "./fixtures.js";
import type { Told } from "./fuzz-worker.js";
import { inside, mutations, type Mutation } from "./mutate.js";
import { random } from "./random.js";

export interface Seed { readonly format: string; readonly file: string; readonly bytes: Uint8Array }
export interface Fault { readonly format: string; readonly file: string; readonly mutation: string; readonly number: number; readonly what: string; readonly bytes: Uint8Array }
export interface Counts { readonly mutants: number; readonly byFormat: ReadonlyMap<string, ReadonlyMap<string, number>>; readonly faults: readonly Fault[]; readonly slowest: number }

const formatOf = (file: string): string =>
  /\.(raw|zlib|gzip|lz4)\.joblib$/.exec(file)?.[0].slice(1) ?? (/\.(pkl|joblib|skops|onnx|ubj|json|txt|tflite|h5|keras)$/.exec(file)?.[1] ?? "other");

/** Networks: files that carry their whole model. */
function networks(largest: number): Seed[] {
  return ["int8", "keras"].flatMap((folder) => {
    const at = new URL(`../fixtures/${folder}/`, import.meta.url);
    const files = readdirSync(at).filter((f) => /\.(tflite|h5|keras)$/.test(f)).sort();
    return files.map((file): Seed => ({ format: formatOf(file), file, bytes: new Uint8Array(readFileSync(new URL(file, at))) })).filter((s) => s.bytes.length <= largest);
  });
}

/** Small fixtures of every format, and graph files made from some of them. */
export function seeds(largest = 6000): Seed[] {
  const out: Seed[] = networks(largest * 2);
  for (const f of allFixtures()) {
    const bytes = new Uint8Array(readFileSync(f.model));
    if (f.truth.expect === "refuse" || bytes.length > largest || /versions\/1\.[2-7]|\.(bz2|xz|lzma)\.joblib/.test(f.id)) continue;
    out.push({ format: formatOf(f.model.pathname), file: f.model.pathname.split("/").at(-1) ?? "", bytes });
    if (!f.id.startsWith("sklearn/") || refusal(() => { graphOf(f); }) || bytes.length > 3000) continue;
    const text = writeGraph(graphOf(f));
    out.push({ format: "graph", file: `${f.truth.case}.graph.json`, bytes: typeof text === "string" ? new TextEncoder().encode(text) : text });
  }
  return out;
}

const LIMIT_MS = 2000;
const MEMORY_MB = 512;

class Runner {
  private worker = this.start();

  private start(): ChildProcess {
    const path = fileURLToPath(new URL("./fuzz-worker.ts", import.meta.url));
    return fork(path, { execArgv: ["--import", "tsx", `--max-old-space-size=${MEMORY_MB}`], serialization: "advanced", stdio: ["ignore", "ignore", "ignore", "ipc"] });
  }

  /** A worker that is stuck or dies is replaced. */
  run(bytes: Uint8Array, file: string, limit: number): Promise<Told> {
    const { worker } = this;
    return new Promise((resolve) => {
      const end = (told: Told, lost: boolean): void => {
        clearTimeout(timer);
        worker.removeAllListeners();
        if (lost) { worker.kill("SIGKILL"); this.worker = this.start(); }
        resolve(told);
      };
      const timer = setTimeout(() => end({ outcome: "stuck", fault: `did not end within ${limit} ms`, milliseconds: limit }, true), limit);
      worker.once("message", (told: Told) => end(told, false));
      worker.once("exit", (code, signal) => end({ outcome: "died", fault: `the worker died (${signal ?? code}): out of memory?`, milliseconds: 0 }, true));
      worker.send({ bytes, file });
    });
  }

  close(): void {
    this.worker.removeAllListeners();
    this.worker.kill("SIGKILL");
  }
}

const count = (m: Map<string, Map<string, number>>, format: string, outcome: string): void => {
  const inner = m.get(format) ?? new Map<string, number>();
  inner.set(outcome, (inner.get(outcome) ?? 0) + 1);
  m.set(format, inner);
};

export interface FuzzOptions {
  readonly seed: number;
  /** Called before each mutant with the number made so far; false ends the run. */
  readonly more: (mutants: number) => boolean;
  readonly onFault?: (f: Fault) => void;
  readonly files?: readonly Seed[];
}

export async function fuzz(o: FuzzOptions): Promise<Counts> {
  const files = o.files ?? seeds();
  const formats = [...new Set(files.map((f) => f.format))];
  const runner = new Runner();
  await runner.run(files[0]?.bytes ?? new Uint8Array(1), "warm.up", 60_000);
  const byFormat = new Map<string, Map<string, number>>();
  const faults: Fault[] = [];
  let [mutants, slowest] = [0, 0];
  for (; o.more(mutants); mutants++) {
    const r = random(o.seed * 1_000_003 + mutants);
    const format = formats[mutants % formats.length] as string;
    const same = files.filter((f) => f.format === format);
    const [victim, other] = [r.pick(same), r.pick(same)];
    const mutation = r.pick(Object.keys(mutations));
    const plain = mutations[mutation] as Mutation;
    const bytes = (format === "zlib.joblib" && r.next() < 0.7 ? inside(plain) : plain)(victim.bytes, r, other.bytes);
    let told = await runner.run(bytes, victim.file, LIMIT_MS);
    // A busy machine is no fault of the importer: what was slow is asked again, alone.
    if (told.outcome === "stuck") {
      await runner.run(victim.bytes, victim.file, 60_000);
      told = await runner.run(bytes, victim.file, LIMIT_MS * 2);
    }
    slowest = Math.max(slowest, told.milliseconds);
    count(byFormat, format, told.outcome);
    if (told.fault === null) continue;
    const fault: Fault = { format, file: victim.file, mutation, number: mutants, what: told.fault, bytes };
    faults.push(fault);
    o.onFault?.(fault);
  }
  runner.close();
  return { mutants, byFormat, faults, slowest };
}
