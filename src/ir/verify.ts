/** Which graphs are legal: a table of rules, each with the error a user sees. Importers and readers of graph files pass through it. */
import { fail } from "./diagnostics.js";
import { count, type AnyNode, type Graph } from "./types.js";

/** What the rules ask about operators; the registry answers, so that this room needs no operator. */
export interface Known {
  hasOp(name: string): boolean;
  outputShapes(node: AnyNode, inputs: readonly (readonly number[])[]): readonly (readonly number[])[];
}

interface Rule {
  readonly code: string;
  /** Null when the graph obeys; else what is wrong, and where. */
  readonly broken: (g: Graph, known: Known) => { readonly where: string; readonly what: string } | null;
}

/** Elements one tensor may have: far beyond any microcontroller, small enough to allocate. */
const MAX_ELEMENTS = 1_000_000;

const first = <T>(items: readonly T[], test: (t: T, i: number) => string | null, where: (t: T) => string): { where: string; what: string } | null => {
  for (const [i, t] of items.entries()) {
    const what = test(t, i);
    if (what !== null) return { where: where(t), what };
  }
  return null;
};

/** First definition of each tensor, by node index; inputs, constants and states are defined before all. */
function producers(g: Graph): Map<number, number> {
  const made = new Map<number, number>([[g.input, -1], ...(g.moreInputs ?? []).map((t) => [t, -1] as const)]);
  g.tensors.forEach((t, i) => { if (t.data || t.state) made.set(i, -1); });
  g.nodes.forEach((n, i) => n.outputs.forEach((t) => { if (!made.has(t)) made.set(t, i); }));
  return made;
}

export const rules: readonly Rule[] = [
  { code: "ir/bad-tensor", broken: (g) => first(g.tensors, (t) => (t.shape.length > 0 && t.shape.every((d) => Number.isInteger(d) && d >= 1) && count(t.shape) <= MAX_ELEMENTS ? null : `shape (${t.shape.join(", ")})`), (t) => t.name) },
  { code: "ir/bad-input", broken: (g) => (g.tensors[g.input] ? null : { where: g.name, what: `input tensor ${g.input} does not exist` }) },
  { code: "ir/unknown-operator", broken: (g, k) => first(g.nodes, (n) => (k.hasOp(n.op) ? null : `no operator "${n.op}"`), (n) => n.name) },
  { code: "ir/dangling-value", broken: (g) => first(g.nodes, (n) => ([...n.inputs, ...n.outputs].every((t) => g.tensors[t]) ? null : "reads or writes a tensor that does not exist"), (n) => n.name) },
  { code: "ir/not-in-order", broken: (g) => { const made = producers(g); return first(g.nodes, (n, i) => (n.inputs.every((t) => (made.get(t) ?? Infinity) < i) ? null : "reads a tensor before it is made"), (n) => n.name); } },
  { code: "ir/written-twice", broken: (g) => { const made = producers(g); return first(g.nodes, (n, i) => (n.outputs.every((t) => made.get(t) === i) ? null : "writes a tensor that another node has written"), (n) => n.name); } },
  { code: "ir/shape", broken: (g, k) => first(g.nodes, (n) => shapesDiffer(g, n, k), (n) => n.name) },
  { code: "ir/no-output", broken: (g) => { const made = producers(g); return g.outputs.some((o) => o.role === "scores") && g.outputs.every((o) => made.has(o.tensor)) ? null : { where: g.name, what: "scores are missing, or an output is never made" }; } },
  { code: "ir/bad-label", broken: (g) => { const o = g.outputs.find((x) => x.role === "label"); return !o || count(g.tensors[o.tensor]?.shape ?? [0]) === 1 ? null : { where: g.name, what: "the label is not one number" }; } },
  { code: "ir/bad-label", broken: (g) => (g.labels.length <= 32767 ? null : { where: g.name, what: `${g.labels.length} labels` }) },
];

function shapesDiffer(g: Graph, n: AnyNode, known: Known): string | null {
  const want = known.outputShapes(n, n.inputs.map((t) => g.tensors[t]?.shape ?? []));
  const have = n.outputs.map((t) => g.tensors[t]?.shape ?? []);
  return want.length === have.length && want.every((s, i) => s.join() === have[i]?.join()) ? null : `outputs (${have.map((s) => s.join("x")).join(", ")}), but the operator gives (${want.map((s) => s.join("x")).join(", ")})`;
}

/** Returns the graph itself. @throws CoincellError of the first rule that is broken. */
export function verifyGraph(g: Graph, known: Known): Graph {
  for (const rule of rules) {
    const broken = rule.broken(g, known);
    if (broken) fail(rule.code, broken.where, broken.what, "The model file is damaged or was not written by coincell; import the original model again.");
  }
  return g;
}
