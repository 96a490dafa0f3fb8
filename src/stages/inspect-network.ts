/** What a network is and what it would need: nothing is run, the types and scales are in the file. */
import { boards } from "../boards/index.js";
import type { Program } from "../ir/op.js";
import { scaleAt, zeroAt, type DType, type Graph, type Shape } from "../ir/types.js";
import { compile } from "./compile.js";
import { weightBytes, layersOf } from "./measure-network.js";
import { rowFront, type RowFact } from "./rows.js";

/** An input or output as the device sees it: `real = scale * (q - zero)`. */
export interface PortFact {
  readonly name: string;
  readonly shape: Shape;
  readonly type: DType;
  readonly scale: number | null;
  readonly zero: number | null;
}

export interface OperatorFact {
  readonly op: string;
  readonly count: number;
  readonly macs: number;
  readonly weightBytes: number;
  /** Element types of its outputs. */
  readonly types: readonly string[];
}

export interface NetworkBoard {
  readonly board: string;
  readonly guess: "fits" | "tight" | "no" | "no limit";
  readonly flash: number | null;
  readonly ram: number | null;
}

export interface NetworkFacts {
  readonly arithmetic: "int" | "float";
  readonly inputs: readonly PortFact[];
  readonly outputs: readonly PortFact[];
  readonly operators: readonly OperatorFact[];
  readonly layers: number;
  readonly macs: number;
  readonly weights: number;
  /** Memory of all tensors: as planned, the least that any plan could need, the most one step needs besides. */
  readonly activations: { readonly plan: number; readonly bound: number; readonly scratch: number };
  readonly stateful: boolean;
  /** On request: what it takes with its first layers row by row, the input resident or handed over by rows; nothing where none can. */
  readonly rows?: { readonly resident: readonly RowFact[]; readonly byRow: readonly RowFact[] };
  readonly boards: readonly NetworkBoard[];
}

function port(p: Program, t: number): PortFact {
  const tensor = t === p.scores ? p.scoresView : p.tensors[t];
  const { name = "", shape = [], dtype = "i8" as DType, quant } = tensor ?? {};
  return { name, shape, type: dtype, scale: quant ? scaleAt(quant, 0) : null, zero: quant ? zeroAt(quant, 0) : null };
}

function operators(layers: ReturnType<typeof layersOf>): readonly OperatorFact[] {
  const names = [...new Set(layers.map((l) => l.op))];
  return names.map((op) => {
    const all = layers.filter((l) => l.op === op);
    const sum = (of: (l: (typeof layers)[number]) => number): number => all.reduce((n, l) => n + of(l), 0);
    return { op, count: all.length, macs: sum((l) => l.macs), weightBytes: sum((l) => l.weightBytes), types: [...new Set(all.map((l) => l.type))] };
  });
}

/** Code of the kernels: about so much for each kind of layer, and once for all; stack and harness beside the tensors. */
const CODE_PER_KIND = 500;
const CODE = 600;
const STACK = 300;

function boardFact(b: (typeof boards)[number], flash: number, ram: number): NetworkBoard {
  const share = Math.max(b.flashBytes === null ? 0 : flash / b.flashBytes, b.ramBytes === null ? 0 : ram / b.ramBytes);
  return { board: b.name, flash: b.flashBytes, ram: b.ramBytes, guess: b.flashBytes === null ? "no limit" : share <= 0.92 ? "fits" : share <= 1.05 ? "tight" : "no" };
}

/** A float network is looked at as it is: what it takes as integers is known after `coincell quantise`. */
export function inspectNetwork(graph: Graph, rows = false): NetworkFacts {
  const float = graph.tensors[graph.input]?.dtype === "f32";
  const c = compile(graph, float ? { arithmetic: "float" } : {});
  const { program: p, placed } = c;
  const layers = layersOf(c, null);
  const kinds = operators(layers);
  const weights = weightBytes(p);
  const scratch = p.steps.reduce((n, s) => Math.max(n, s.scratch ?? 0), 0);
  const activations = { plan: placed?.arena.bytes ?? 0, bound: placed?.bound ?? 0, scratch };
  return {
    arithmetic: p.arithmetic, inputs: [p.input, ...p.moreInputs].map((t) => port(p, t)), outputs: [p.scores, ...p.moreOutputs].map((t) => port(p, t)),
    operators: kinds, layers: layers.length, macs: layers.reduce((n, l) => n + l.macs, 0), weights, activations, stateful: p.tensors.some((t) => t.state === true),
    ...(rows ? { rows: { resident: rowFront(p, true), byRow: rowFront(p, false) } } : {}),
    boards: boards.map((b) => boardFact(b, weights + CODE + CODE_PER_KIND * kinds.length, activations.plan + STACK)),
  };
}
