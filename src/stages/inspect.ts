/** What a model is and what it would need: the facts behind `coincell check`. */
import { CoincellError } from "../ir/diagnostics.js";
import type { Program } from "../ir/op.js";
import { elements, bytesOf, type Graph, type Shape } from "../ir/types.js";
import { boards } from "../boards/index.js";
import { isNetwork } from "../passes/quantise/network.js";
import { compile, type CompileOptions } from "./compile.js";
import { inspectNetwork, type NetworkFacts } from "./inspect-network.js";

type InputType = NonNullable<CompileOptions["inputType"]>;
const inputTypes: readonly InputType[] = ["u8", "i8", "i16", "f32"];

export interface InputFact {
  readonly type: InputType;
  /** `yes`: as it is; `calibrate`: with typical rows; `no`: see `reason`. */
  readonly possible: "yes" | "calibrate" | "no";
  readonly reason: string;
  /** Constants in flash, bytes; null where they are not known without rows. */
  readonly constants: number | null;
}

export interface BoardFact {
  readonly board: string;
  readonly guess: "likely" | "tight" | "no" | "no limit";
  readonly flash: number | null;
  readonly ram: number | null;
}

/** Where a node ends up: in the device's C, folded into the quantisation of its input, or on the host; null where nothing could be prepared yet. */
export type Role = "device" | "folded" | "host" | null;

export interface Inspection {
  readonly supported: true;
  readonly name: string;
  readonly source: string;
  readonly task: Graph["task"];
  readonly features: number;
  readonly featureNames: readonly string[];
  readonly labels: readonly (string | number)[];
  readonly nodes: readonly { readonly name: string; readonly op: string; readonly shape: Shape; readonly numbers: number; readonly role: Role }[];
  readonly inputTypes: readonly InputFact[];
  readonly calibration: string;
  /** Bytes of constants and of arrays, from which the boards are guessed; a bound, not a measurement. */
  readonly estimate: { readonly constants: number; readonly arrays: number };
  readonly boards: readonly BoardFact[];
  readonly notes: readonly string[];
  /** Neural networks; null for classical models, whose fields the ones above are. */
  readonly network: NetworkFacts | null;
}

const size = (v: unknown): number => (ArrayBuffer.isView(v) ? v.byteLength : 0);
const constantsOf = (p: Program): number => p.steps.reduce((sum, s) => sum + Object.values(s.params).reduce((a: number, v) => a + size(v), 0), 0);

interface Trial { readonly fact: InputFact; readonly program: Program | null }

function tryInput(graph: Graph, type: InputType): Trial {
  try {
    const { program, labelProgram } = compile(graph, { inputType: type });
    // Nothing was put between the input and the model's own operators.
    const direct = type === "f32" && program.steps.every((s) => graph.nodes.some((n) => n.name === s.name));
    const reason = direct ? "float32 as it comes, no calibration needed" : "ranges come from the model's own constants; --calibrate measures them";
    return { fact: { type, possible: "yes", reason, constants: constantsOf(labelProgram ?? program) }, program };
  } catch (e) {
    if (!(e instanceof CoincellError)) throw e;
    const { code, what } = e.diagnostic;
    return { fact: { type, possible: code === "quantise/no-calibration" ? "calibrate" : "no", reason: what, constants: null }, program: null };
  }
}

function roleOf(node: Graph["nodes"][number], program: Program | null): Role {
  if (program === null) return null;
  if (program.steps.some((s) => s.name === node.name)) return "device";
  return program.host.some((h) => h.op === node.op && h.attrs === node.attrs) ? "host" : "folded";
}

const numbersOf = (n: Graph["nodes"][number]): number => Object.values(n.attrs).reduce((a: number, v) => a + (ArrayBuffer.isView(v) ? v.length : 0), 0);

/** Kernels, decision and conversion of a typical model: what comes to the constants. */
const CODE_BYTES = 700;

/** Most of the flash may be constants; what needs more than it all cannot fit in this form. */
function boardFact(b: (typeof boards)[number], constants: number, arrays: number): BoardFact {
  const { flashBytes, ramBytes } = b;
  const share = Math.max(flashBytes === null ? 0 : (constants + CODE_BYTES) / flashBytes, ramBytes === null ? 0 : (arrays + 32) / ramBytes);
  return { board: b.name, flash: flashBytes, ram: ramBytes, guess: flashBytes === null ? "no limit" : share <= 0.8 ? "likely" : share <= 1.2 ? "tight" : "no" };
}

function calibrationText(facts: readonly InputFact[]): string {
  if (facts.every((f) => f.possible !== "calibrate")) return "not needed: the model itself tells the range of its inputs; --calibrate train.csv still gives better widths";
  const free = facts.filter((f) => f.possible === "yes").map((f) => f.type);
  const reason = facts.find((f) => f.possible === "calibrate")?.reason ?? "";
  return `needed${free.length > 0 ? ` (not for ${free.join(", ")})` : ""}: ${reason}; give typical rows with --calibrate train.csv`;
}

const guesses = { fits: "likely", tight: "tight", no: "no", "no limit": "no limit" } as const;

/** A network brings its types with it: no input type is tried, nothing is calibrated here. */
function inspectionOfNetwork(graph: Graph, rows: boolean): Inspection {
  const network = inspectNetwork(graph, rows);
  return {
    supported: true, name: graph.name, source: graph.source, task: graph.task, features: elements(graph.tensors[graph.input]), featureNames: graph.featureNames, labels: graph.labels,
    nodes: graph.nodes.map((n) => ({ name: n.name, op: n.op, shape: graph.tensors[n.outputs[0] ?? 0]?.shape ?? [], numbers: numbersOf(n), role: "device" as const })),
    inputTypes: [], calibration: network.arithmetic === "int" ? "not needed: the types and scales are in the file" : "a float network: give typical rows with --calibrate to get integers, or --arithmetic float to keep float32",
    estimate: { constants: network.weights, arrays: network.activations.plan }, boards: network.boards.map((b) => ({ ...b, guess: guesses[b.guess] })), notes: graph.notes, network,
  };
}

/**
 * @param rows networks: also what they take with their first layers run row by row, which takes seconds
 * @throws CoincellError only for a fault of the graph itself; an impossible input type is a fact.
 */
export function inspect(graph: Graph, rows = false): Inspection {
  if (isNetwork(graph)) return inspectionOfNetwork(graph, rows);
  const trials = inputTypes.map((t) => tryInput(graph, t));
  const facts = trials.map((t) => t.fact);
  const known = facts.flatMap((f) => (f.constants === null ? [] : [f.constants]));
  const program = trials.find((t) => t.program !== null)?.program ?? null;
  const nodes = graph.nodes.map((n) => ({ name: n.name, op: n.op, shape: graph.tensors[n.outputs[0] ?? 0]?.shape ?? [], numbers: numbersOf(n), role: roleOf(n, program) }));
  const device = graph.nodes.filter((_, i) => { const role = nodes[i]?.role; return role === "device" || role === null; });
  // Without ranges nothing is prepared yet: half of the numbers take a byte, half of them two.
  const constants = known.length > 0 ? Math.min(...known) : Math.ceil(device.reduce((sum, n) => sum + numbersOf(n), 0) * 1.5);
  const features = elements(graph.tensors[graph.input]);
  const arrays = features * bytesOf("u8") + device.flatMap((n) => n.outputs).reduce((sum, t) => sum + (elements(graph.tensors[t])) * bytesOf("i32"), 0);
  return {
    supported: true, name: graph.name, source: graph.source, task: graph.task, features, featureNames: graph.featureNames, labels: graph.labels, nodes,
    inputTypes: facts, calibration: calibrationText(facts), estimate: { constants, arrays }, boards: boards.map((b) => boardFact(b, constants, arrays)), notes: graph.notes, network: null,
  };
}
