/**
 * Rounding once more, layer after layer, on the inputs that the integer network itself hands on: a layer then also takes back what the
 * layers before it have changed. All rows go through the network together, once.
 */
import { convertRows } from "../../ir/conversion.js";
import type { Program } from "../../ir/op.js";
import { elements, type AnyNode, type Graph, type Tensor, type TypedArray } from "../../ir/types.js";
import { findOp } from "../../ops/registry.js";
import { prepareNetwork } from "../quantise/network.js";
import { initial } from "../run-program.js";
import type { Scales } from "./groups.js";
import { Collector, type Narrowable } from "./hessian.js";
import { narrower, type Narrowed } from "./narrow-layer.js";
import { dequantised } from "./reals.js";
import { thinned, tracer } from "./trace.js";

type Narrow = ReadonlyMap<AnyNode, Narrowed>;

/** Bytes that all rows may hold together. */
const ROOM = 2e8;

/** What the float network's layers read, for every row. */
function exactInputs(graph: Graph, layers: readonly Narrowable[], rows: readonly ArrayLike<number>[]): readonly ReadonlyMap<number, Float32Array>[] {
  const { run, reals } = tracer(graph);
  return rows.map((row) => { const values = run(row); return new Map(layers.map((l) => [l.x, Float32Array.from(reals(values, l.x))])); });
}

/** The rows as far as they have come. */
class Going {
  private readonly values: readonly TypedArray[][];
  private done = 0;

  constructor(p: Program, rows: readonly ArrayLike<number>[]) {
    const inputs = [p.input, ...p.moreInputs];
    this.values = rows.map((row) => {
      const all = p.tensors.map(initial);
      convertRows(Float64Array.from(row), inputs.map((t) => p.tensors[t] as Tensor)).forEach((x, i) => { all[inputs[i] as number] = x; });
      return all;
    });
  }

  /** Up to the step that makes the layer's output; gives what it reads in every row. */
  upTo(p: Program, layer: string): readonly ArrayLike<number>[] {
    const to = p.steps.findIndex((s) => p.tensors[s.outputs[0] ?? 0]?.name === layer);
    const x = p.steps[to]?.inputs[0] ?? p.input;
    for (const all of this.values) for (const s of p.steps.slice(this.done, to)) findOp(s.op).int(s.params, s.inputs.map((t) => all[t] as TypedArray), s.outputs.map((t) => (all[t] as TypedArray).fill(0)));
    this.done = Math.max(this.done, to);
    return this.values.map((all) => dequantised(all[x] as TypedArray, p.tensors[x] as Tensor));
  }
}

/** The float network that is to become integers, and how. */
export interface Basis {
  readonly graph: Graph;
  readonly scales: Scales;
  readonly build: (narrow: Narrow) => Graph;
}

/** From layers that are rounded by themselves (which tells their widths, and stands in for those further down) to layers rounded one after the other. */
export function refiner(basis: Basis, layers: readonly Narrowable[], rows: readonly ArrayLike<number>[]): (first: Narrow) => Narrow {
  const each = basis.graph.tensors.reduce((n, t) => n + (t.data ? 0 : 5 * elements(t)), 1);
  const some = thinned(rows, Math.max(8, Math.floor(ROOM / each)));
  const exact = exactInputs(basis.graph, layers, some);
  return (first) => {
    const narrow = new Map(first);
    const program = (): Program => prepareNetwork(basis.build(narrow));
    const going = new Going(program(), some);
    for (const l of layers) {
      const bits = narrow.get(l.node)?.bits;
      if (bits === undefined) continue;
      const moments = new Collector(l.taps, some.length, true);
      going.upTo(program(), basis.graph.tensors[l.y]?.name ?? "").forEach((x, r) => moments.row(r, x, exact[r]?.get(l.x) ?? null));
      narrow.set(l.node, narrower(basis.graph, l, moments.moments(), basis.scales(l.x, "i8").scale[0] ?? 1)(bits));
    }
    return narrow;
  };
}
