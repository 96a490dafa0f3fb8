import type { Importer } from "../importer.js";
import { readGraph, sniffGraph } from "./index.js";

export default {
  format: "graph",
  title: "coincell graph file",
  sniff: sniffGraph,
  read: readGraph,
} satisfies Importer;
