/** `npm run fuzz -- --minutes N --seed S`: damaged model files of every format; whatever is neither answered nor refused clearly is saved in out/fuzz/. */
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fuzz, type Fault } from "../test/support/fuzz.js";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "1" }, seed: { type: "string", default: "1" } } });
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
if (!(minutes > 0) || !Number.isInteger(seed)) {
  process.stderr.write("usage: npm run fuzz -- [--minutes N] [--seed S]\n");
  process.exit(2);
}

const folder = new URL("../out/fuzz/", import.meta.url);
function save(f: Fault): void {
  mkdirSync(folder, { recursive: true });
  const name = `${f.format}-${seed}-${f.number}-${f.file}`;
  writeFileSync(new URL(name, folder), f.bytes);
  process.stderr.write(`out/fuzz/${name} (${f.mutation}): ${f.what}\n`);
}

const end = Date.now() + minutes * 60_000;
const { mutants, byFormat, faults, slowest } = await fuzz({ seed, more: () => Date.now() < end, onFault: save });
for (const [format, outcomes] of [...byFormat].sort()) {
  const total = [...outcomes.values()].reduce((a, b) => a + b, 0);
  process.stdout.write(`${format}: ${total} mutants\n`);
  for (const [outcome, n] of [...outcomes].sort((a, b) => b[1] - a[1])) process.stdout.write(`  ${String(n).padStart(7)}  ${outcome}\n`);
}
process.stdout.write(`${mutants} mutants with seed ${seed}, slowest ${Math.round(slowest)} ms, ${faults.length} faults\n`);
process.exit(faults.length === 0 ? 0 : 1);
