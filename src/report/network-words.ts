/** A network's layers and memory in words and figures, for terminal and page alike. */
import { short, whole } from "./format.js";
import type { LayerReport, MemoryBlock, MemoryMap, RunReport } from "./types.js";

export type CostKind = "cycles" | "instructions" | "macs";

/** The best cost that all layers have: cycles, else instructions, else what the operators count. */
export function costKind(layers: readonly LayerReport[]): CostKind {
  if (layers.every((l) => l.cycles !== null)) return "cycles";
  return layers.every((l) => l.instructions !== null) ? "instructions" : "macs";
}

export const costOf = (l: LayerReport, kind: CostKind): number => l[kind] ?? 0;

export const costTitle: Readonly<Record<CostKind, string>> = { cycles: "cycles", instructions: "instructions", macs: "MACs" };

export const shapeText = (shape: readonly number[]): string => shape.join("×");

/** Converters join the names of all operations that they fused: the first one, without the path that all share, says enough. */
export function layerName(name: string, max = 32): string {
  const [first = name] = name.split(";");
  const parts = first.split("/").filter((p) => p !== "");
  return short(parts.slice(-2).join("/") || name, max);
}

/** Bytes as people read memories. */
export const kilo = (bytes: number): string => (bytes < 10_000 ? `${whole(bytes)} B` : `${(bytes / 1024).toFixed(bytes < 102_400 ? 1 : 0)} KB`);

export function memoryText(m: MemoryMap): string {
  const most = m.bytes === m.bound ? "no plan can be smaller" : `no plan can be below ${whole(m.bound)}`;
  return `${whole(m.bytes)} bytes hold ${m.blocks.length} tensors; ${most}`;
}

/** Step -1 is what is there before the first layer. */
export const lifeText = (b: MemoryBlock, steps: number): string =>
  `${b.first < 0 ? "from the start" : `from layer ${b.first}`} ${b.last >= steps ? "to the end" : `to layer ${b.last}`}`;

export const blockText = (b: MemoryBlock, steps: number): string =>
  `${layerName(b.name, 60)}: ${whole(b.bytes)} bytes at ${whole(b.offset)} to ${whole(b.offset + b.bytes)}, ${lifeText(b, steps)}`;

export const totalMacs = (r: RunReport): number => (r.perLayer ?? []).reduce((n, l) => n + l.macs, 0);
