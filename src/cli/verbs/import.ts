/** `coincell import`: any model file as coincell's own graph file. */
import { exit } from "../exit.js";
import { writeText } from "../files.js";
import { printJson } from "../io.js";
import { defineVerb } from "../verb.js";
import { importModel } from "../../pipeline.js";
import { writeGraph } from "../../importers/graph/index.js";
import { plain } from "../../report/format.js";

export const verb = defineVerb({
  name: "import",
  about: "Reads a model file and writes it as coincell's own graph file, which every other verb reads back bit for bit.\nNothing of the model file is executed.",
  positional: { name: "FILE", doc: "model file (see coincell check)", min: 1, max: 1 },
  options: { out: { value: "graph.json", short: "o", required: true, doc: "the graph file to write" } },
  examples: ["coincell import colour_svm.joblib -o colour_svm.json", "coincell import model.onnx -o model.json --json"],
  async run({ positionals: [file = ""], options: o }, io) {
    const graph = await importModel(file);
    await writeText(o.out, writeGraph(graph));
    for (const note of graph.notes) io.err(plain(`note: ${note}\n`));
    if (o.json) printJson(io, { file: o.out, name: graph.name, task: graph.task, source: graph.source, nodes: graph.nodes.map((n) => n.op), notes: graph.notes });
    else io.out(`wrote ${o.out}: ${graph.nodes.length} node${graph.nodes.length === 1 ? "" : "s"} (${graph.nodes.map((n) => n.op).join(", ")})\n`);
    return exit.ok;
  },
});
