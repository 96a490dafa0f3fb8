/** Milliseconds from a graph to C text, per model of bench/peers/out, best of three in one process; writes docs/tool-speed.md. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { compile, emit, importModel, importTable } from "../src/pipeline.js";

const out = new URL("./peers/out/", import.meta.url);
const rows: { readonly name: string; readonly milliseconds: number }[] = [];
const index = JSON.parse(readFileSync(new URL("index.json", out), "utf8")) as { readonly models: readonly { readonly data: string; readonly model: string }[] };
for (const { data, model } of index.models) {
  const folder = new URL(`${data}/${model}/`, out);
  const file = ["xgb.json", "lgbm.txt", "pipeline.pkl", "model.pkl"].map((f) => new URL(f, folder)).find((u) => existsSync(u));
  if (!file) continue;
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    const graph = await importModel(file.pathname).catch(() => null);
    if (!graph) break;
    const train = await importTable(new URL("train.csv", folder).pathname, graph);
    const start = performance.now();
    emit(compile(graph, { rows: train.rows }), "table");
    times.push(performance.now() - start);
  }
  rows.push({ name: `${model} ${data}`, milliseconds: Math.min(...times) });
  process.stdout.write(`${model} ${data}: first ${times[0]?.toFixed(0) ?? "-"} ms, best ${Math.min(...times).toFixed(0)} ms\n`);
}
const slow = rows.filter((r) => r.milliseconds > 50).toSorted((a, b) => b.milliseconds - a.milliseconds);
writeFileSync(new URL("../docs/tool-speed.md", import.meta.url), `<!-- Written by npm run bench:speed. Do not edit. -->
# How fast the tool is

From a graph and its training rows to C text (choice of input scales and widths included), after start-up, best of three, on 2 cores:
**${rows.length - slow.length} of ${rows.length}** models of the comparison with the peers in at most 50 ms. The others hold many support vectors or neighbours, on
which every width is tried:

| model | ms |
|---|---|
${slow.map((r) => `| ${r.name} | ${r.milliseconds.toFixed(0)} |`).join("\n")}
`);
