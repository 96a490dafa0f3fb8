/** Milliseconds from a model file in memory to C text, per model of bench/peers/out, each the best of three in one process. */
import { existsSync, readFileSync } from "node:fs";
import { compile, emit, importModel, importTable } from "../src/pipeline.js";

const out = new URL("./peers/out/", import.meta.url);
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
  process.stdout.write(`${model} ${data}: first ${times[0]?.toFixed(0) ?? "-"} ms, best ${Math.min(...times).toFixed(0)} ms\n`);
}
