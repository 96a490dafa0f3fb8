/** The parts of a saved report that only networks have. */
import type { Reader } from "./read-fields.js";
import type { Certificate, Difference, KernelReport, LayerFault, LayerReport, MemoryBlock, RunReport } from "./types.js";

export const whatOf = (text: string): Difference["what"] => (text === "scores" || text === "golden" ? text : "answer");

export const layerFault = (r: Reader): LayerFault => ({
  layer: r.number("layer"), name: r.text("name"), op: r.text("op"), index: r.number("index"), device: r.number("device"), reference: r.number("reference"),
});

const kernel = (r: Reader): KernelReport => ({
  kernel: r.maybeText("kernel"), instructions: r.maybe("instructions"), cycles: r.maybe("cycles"), constants: r.number("constants"), scratch: r.number("scratch"), ram: r.number("ram"),
});

function layer(r: Reader): LayerReport {
  const shapes = r.object("shapes");
  return {
    name: r.text("name"), op: r.text("op"), ...(r.has("kernel") ? { kernel: r.text("kernel") } : {}), ...(r.has("kernels") ? { kernels: r.list("kernels", kernel) } : {}),
    shapes: { inputs: shapes.sizeLists("inputs"), output: shapes.sizes("output") }, type: r.text("type"), macs: r.number("macs"),
    instructions: r.maybe("instructions"), cycles: r.maybe("cycles"), weightBytes: r.number("weightBytes"), outputBytes: r.number("outputBytes"),
    offset: r.number("offset"), first: r.number("first"), last: r.number("last"),
  };
}

const kinds = ["input", "layer", "state", "scratch"] as const;

const block = (r: Reader): MemoryBlock => ({
  name: r.text("name"), kind: kinds.find((k) => k === r.text("kind")) ?? "layer", bytes: r.number("bytes"), offset: r.number("offset"), first: r.number("first"), last: r.number("last"),
});

const certificate = (r: Reader): Certificate => ({
  tool: r.text("tool"), board: r.text("board"), compiler: r.maybeText("compiler"), simulator: r.text("simulator"), model: r.maybeText("model"), source: r.text("source"), elf: r.text("elf"),
  inputs: r.text("inputs"), outputs: r.maybeText("outputs"), reference: r.text("reference"), golden: r.maybeText("golden"), rows: r.number("rows"), equal: r.flag("equal"), hash: r.text("hash"),
});

export function networkParts(r: Reader): Pick<RunReport, "random" | "perLayer" | "memoryMap" | "certificate"> {
  const map = r.has("memoryMap") ? r.object("memoryMap") : null;
  return {
    ...(r.has("random") && r.flag("random") ? { random: true as const } : {}),
    ...(r.has("perLayer") ? { perLayer: r.list("perLayer", layer) } : {}),
    ...(map ? { memoryMap: { bytes: map.number("bytes"), bound: map.number("bound"), steps: map.number("steps"), blocks: map.list("blocks", block) } } : {}),
    ...(r.has("certificate") ? { certificate: certificate(r.object("certificate")) } : {}),
  };
}
