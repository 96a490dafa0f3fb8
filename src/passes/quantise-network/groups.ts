/** Tensors that must share a scale, and the scale of each group in both widths. */
import { fail } from "../../ir/diagnostics.js";
import type { FixedScales } from "../../ir/op.js";
import type { AnyNode, Graph, Quant } from "../../ir/types.js";
import { inputsOf, realsOf } from "../evaluate.js";
import type { Calibration } from "./calibrate.js";
import { Histogram } from "./histogram.js";
import { fixedOutput, isReal, sameScale, tensorAt, weightedOf } from "./layers.js";
import { byteQuant, rangeOf, wordQuant, type RangeRule } from "./ranges.js";
import type { Width } from "./reals.js";

export type Scales = (tensor: number, width: Width) => Quant;

/** Disjoint sets of tensors. */
class Sets {
  private readonly parent: number[];

  constructor(n: number) {
    this.parent = Array.from({ length: n }, (_, i) => i);
  }

  of(t: number): number {
    let at = t;
    while (this.parent[at] !== at) at = this.parent[at] as number;
    return at;
  }

  join(a: number, b: number): void {
    this.parent[this.of(b)] = this.of(a);
  }
}

const realOperands = (graph: Graph, n: AnyNode): readonly number[] => n.inputs.filter((t) => isReal(graph.tensors[t]));

/** The makers of outputs whose scale is fixed. An operand of that kind among several is rescaled, so that the others keep their range. */
function setsOf(graph: Graph): { readonly sets: Sets; readonly fixed: ReadonlyMap<number, FixedScales> } {
  const sets = new Sets(graph.tensors.length);
  const made = new Map(graph.nodes.flatMap((n) => { const f = fixedOutput(n); return f ? [[n.outputs[0] ?? 0, f] as const] : []; }));
  const fixed = new Map(made);
  for (const n of graph.nodes) {
    if (!sameScale(n)) continue;
    const [to = 0] = n.outputs;
    const operands = realOperands(graph, n);
    for (const t of operands) {
      const scales = fixed.get(sets.of(t));
      if (scales && operands.length > 1) continue;
      sets.join(t, to);
      if (scales) fixed.set(sets.of(t), scales);
    }
  }
  return { sets, fixed };
}

const quantOf = (f: { readonly scale: number; readonly zero: number }): Quant => ({ scale: [f.scale], zero: [f.zero] });

/** @param declared the scale of the first input, where the user gave one */
export function scalesOf(graph: Graph, calibration: Calibration, rule: RangeRule, declared?: Quant): Scales {
  const { sets, fixed } = setsOf(graph);
  const groups = new Map<number, Histogram>();
  const seen = new Set<Histogram>();
  const weights = new Set(graph.nodes.flatMap((n) => { const l = weightedOf(n); return l ? [l.w, l.b ?? l.w] : []; }));
  const computed = new Set(graph.tensors.flatMap((t, i) => (t.data ? [] : [sets.of(i)])));
  // What the user feeds, and what stands in the file, is kept whole.
  const outside = new Set(inputsOf(graph).map((t) => sets.of(t)));
  graph.tensors.forEach((t, i) => {
    if (!isReal(t) || weights.has(i)) return;
    if (t.data && !computed.has(sets.of(i))) outside.add(sets.of(i));
    const h = calibration.histograms.get(i);
    // Constants count where they share a scale with what is computed; elsewhere each has its own.
    const group = groups.get(sets.of(i)) ?? new Histogram(t.name);
    groups.set(sets.of(i), group);
    if (t.data) group.add(realsOf(t));
    else if (h && !seen.has(h)) { seen.add(h); group.merge(h); }
  });
  const known = new Map<string, Quant>();
  const chosen = (root: number, width: Width): Quant => {
    const set = fixed.get(root);
    const h = groups.get(root) ?? fail("quantise/no-range", tensorAt(graph, root).name, "no values were seen", "This is a fault of coincell: report it with the model.");
    if (set) return quantOf(width === "i8" ? set.i8 : (set.i16 ?? { scale: 1 / 32768, zero: 0 }));
    if (declared && root === sets.of(graph.input)) return declared;
    return width === "i16" ? wordQuant(h) : byteQuant(rangeOf(h, outside.has(root) ? "minmax" : rule));
  };
  return (tensor, width) => {
    const root = sets.of(tensor);
    const key = `${root} ${width}`;
    const quant = known.get(key) ?? chosen(root, width);
    known.set(key, quant);
    return quant;
  };
}
