/** ModelProto → {@link OnnxModel}: the border between an .onnx file and the registry; source: onnx.proto, IR version 11. */
import { fail } from "../../ir/diagnostics.js";
import { readGraph, type Budget, type OnnxGraph } from "./graph.js";
import { CHUNK, VARINT, Wire } from "./protobuf.js";
import { checkWiring } from "./wiring.js";

export interface OnnxModel {
  readonly irVersion: number;
  /** Name and version of the exporter, e.g. `skl2onnx 1.20.0`. */
  readonly producer: string;
  /** Operator set version by domain; the default domain is `ai.onnx`. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: OnnxGraph;
}

const MAX_BYTES = 64 * 2 ** 20;

function readOpset(bytes: Uint8Array, where: string): [string, number] {
  const w = new Wire(bytes, where);
  let domain = "";
  let version = 0;
  while (w.next()) {
    if (w.number === 1) domain = w.text();
    else if (w.number === 2) version = w.integer();
    else w.skip();
  }
  if (version < 1 || version > 10000) w.broken(`version ${version} of an operator set`);
  return [domain || "ai.onnx", version];
}

/** Reads a whole model; throws a CoincellError (`onnx/…`) for anything that is not a well-formed, self-contained one. */
export function readOnnx(bytes: Uint8Array, file: string): OnnxModel {
  if (bytes.length > MAX_BYTES) {
    fail("onnx/too-large", file, `the file has ${bytes.length} bytes`, `Files of up to ${MAX_BYTES} bytes are read; this one fits no microcontroller`);
  }
  const budget: Budget = { file, messages: 1_000_000 };
  const w = new Wire(bytes, file);
  const opsets = new Map<string, number>();
  let irVersion = 0;
  let [producer, version] = ["", ""];
  let graph: Uint8Array | null = null;
  while (w.next()) {
    switch (w.number) {
      case 1: irVersion = w.integer(); break;
      case 2: producer = w.text(); break;
      case 3: version = w.text(); break;
      case 7: if (graph) w.broken("a second graph"); graph = w.chunk(); break;
      case 8: {
        if (opsets.size >= 100) w.broken("more than 100 operator sets");
        const [domain, v] = readOpset(w.chunk(), `${file}: opset_import`);
        opsets.set(domain, v);
        break;
      }
      case 25:
        fail("onnx/functions", file, "the model defines its own functions",
          "Inline them first: onnx.inliner.inline_local_functions(model)"); break;
      default: w.skip();
    }
  }
  if (irVersion < 1 || irVersion > 1000) w.broken(`IR version ${irVersion}`);
  if (!graph) return w.broken("the file holds no graph");
  const model: OnnxModel = { irVersion, producer: `${producer} ${version}`.trim(), opsets, graph: readGraph(graph, file, 0, budget) };
  checkWiring(model.graph, file);
  return model;
}

/** ModelProto fields and their wire types; ONNX has no magic number, so this is how a file is known. */
const MODEL_FIELDS: ReadonlyMap<number, number> = new Map([
  [1, VARINT], [2, CHUNK], [3, CHUNK], [4, CHUNK], [5, VARINT], [6, CHUNK], [7, CHUNK], [8, CHUNK], [14, CHUNK], [20, CHUNK], [25, CHUNK],
]);

/** True when the bytes begin like a ModelProto with a graph (a truncated one included, so that its error is told). */
export function sniffOnnx(bytes: Uint8Array): boolean {
  const w = new Wire(bytes, "");
  try {
    for (let n = 0; n < 64 && w.next(); n++) {
      if (MODEL_FIELDS.get(w.number) !== w.type) return false;
      if (n === 0 && w.number !== 1 && w.number !== 8) return false;
      if (w.number === 7) return true;
      w.skip();
    }
    return false;
  } catch {
    return false;
  }
}
