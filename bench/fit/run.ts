/** The searches of docs/fit.md: `node --import tsx bench/fit/run.ts [set [board [mode [seconds]]]]`; prints a line of Markdown each. */
import { loadavg, availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fit, type FitOptions } from "../../src/fit/index.js";
import { makeData } from "./data.js";

const folder = join(tmpdir(), "coincell-bench-fit");
const sets = makeData(folder);
const print = (text: string): void => { process.stdout.write(`${text}\n`); };
const warn = (text: string): void => { process.stderr.write(`${text}\n`); };
const wanted = process.argv.slice(2);
const limits = { flash: null, ram: null, stack: null, latency: null, battery: null };
const percent = (v: number): string => `${(100 * v).toFixed(2)} %`;

print(`${availableParallelism()} cores, load ${loadavg().map((l) => l.toFixed(1)).join(" ")}\n`);
print("| set | board | mode | best | validated | test | flash | RAM | cycles | µJ | trained | compiled and run | candidates a minute | s |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
for (const set of sets) for (const board of ["attiny85", "attiny45"]) for (const mode of ["first", "front"] as const) {
  if (![set, board, mode].every((w, i) => wanted[i] === undefined || wanted[i] === w)) continue;
  let [begun, ended, done] = [0, 0, 0];
  const options: FitOptions = {
    board, mode, limits, seed: 1, test: join(folder, set, "test.csv"), ...(wanted[3] === undefined ? {} : { budget: Number(wanted[3]) }),
    onProgress: (phase, n) => { if (phase === "compiled and run") { begun ||= Date.now(); ended = Date.now(); done = n; } },
  };
  const { report: r } = await fit(join(folder, set, "train.csv"), options);
  const b = r.best;
  // The clock starts with the first that is finished.
  const rate = done > 1 ? `${Math.round(((done - 1) * 60_000) / (ended - begun))}` : "";
  print(`| ${set} | ${board} | ${mode} | ${b ? `${b.family}: ${Object.entries(b.hyper).map(([k, v]) => `${k} ${v}`).join(", ")}` : "none"} | ${b ? percent(b.validated) : ""} | ${b ? percent(b.tested ?? NaN) : ""} | ${b?.flash.total ?? ""} | ${b?.ram.total ?? ""} | ${b?.cycles ? Math.round(b.cycles.mean) : ""} | ${b?.energy?.microjoules.typical.toPrecision(3) ?? ""} | ${r.counts.trained} | ${r.counts.measured} | ${rate} | ${r.seconds.toFixed(0)} |`);
  for (const w of r.why) warn(`  ${set} ${board} ${mode}: ${w}`);
}
print(`\nload at the end ${loadavg().map((l) => l.toFixed(1)).join(" ")}`);
