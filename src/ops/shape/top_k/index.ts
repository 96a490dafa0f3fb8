/** The k largest elements along the last axis, in order, or their positions; the first one first on a tie. */
import { fail } from "../../../ir/diagnostics.js";
import { constantOf, operand } from "../../../ir/foreign-node.js";
import { defineOp, type ForeignNode, type LayerCase, type NetBuilder, type PrepareCtx, type Value } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { count, type Shape, type Tensor } from "../../../ir/types.js";

/** `positions`: y holds places (int32) instead of values. */
export type TopAttrs = { readonly k: number; readonly positions: boolean };

const params = { rows: "len", n: "len", k: "len", positions: "u8" } as const;
type Values = ParamValues<typeof params>;

function infer(a: TopAttrs, [x = []]: readonly Shape[]): readonly Shape[] {
  if (a.k < 1 || a.k > (x.at(-1) ?? 0)) fail("ir/bad-shape", "top_k", `the ${a.k} largest of (${x.join(", ")})`, "Supported: 1 to the length of the last axis.");
  return [[...x.slice(0, -1), a.k]];
}

/** Every place takes the largest element that is smaller than the one before it, or equal and further on. */
function largest(p: Values, x: ArrayLike<number>, y: { [i: number]: number }): void {
  for (let r = 0; r < p.rows; r++) {
    let last = -1;
    for (let j = 0; j < p.k; j++) {
      let best = -1;
      for (let i = 0; i < p.n; i++) {
        const v = x[r * p.n + i] as number;
        const before = last < 0 ? Infinity : (x[r * p.n + last] as number);
        const free = last < 0 || v < before || (v === before && i > last);
        if (free && (best < 0 || v > (x[r * p.n + best] as number))) best = i;
      }
      last = Math.max(0, best);
      y[r * p.k + j] = p.positions !== 0 ? last : (x[r * p.n + last] as number);
    }
  }
}

const geometry = (a: TopAttrs, x: Shape): Values => ({ rows: count(x.slice(0, -1)), n: x.at(-1) ?? 1, k: a.k, positions: a.positions ? 1 : 0 });

function float(a: TopAttrs, [x]: readonly Float64Array[], io?: { readonly inputs: readonly Tensor[] }): readonly Float64Array[] {
  const p = geometry(a, io?.inputs[0]?.shape ?? []);
  const y = new Float64Array(p.rows * p.k);
  largest(p, x ?? [], y);
  return [y];
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<TopAttrs>) {
  const [x, y] = [inputs[0] as Tensor, outputs[0] as Tensor];
  return { params: geometry(attrs, x.shape), outputs: [{ dtype: attrs.positions ? ("i32" as const) : x.dtype, ...(y.quant ? { quant: y.quant } : {}) }] };
}

function fromTflite(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const [k = 0] = constantOf(n, b, 1);
  const [values, places] = n.outputs;
  return [
    b.add("top_k", { k, positions: false }, [operand(n, 0)], values),
    b.add("top_k", { k, positions: true }, [operand(n, 0)], { name: places?.name ?? `${n.name}/positions`, dtype: "i32" }),
  ];
}

const int8 = { dtype: "i8", quant: { scale: [0.1], zero: [4] } } as const;
const layer = (title: string, t: LayerCase<TopAttrs>["output"], shape: Shape, k: number, positions: boolean): LayerCase<TopAttrs> =>
  ({ title, attrs: { k, positions }, inputs: [{ ...t, shape }], output: positions ? { dtype: "i32" } : t, tolerance: 0 });

export default defineOp({
  name: "top_k",
  family: "shape",
  doc: "y = the k largest x of the last axis, in order, or where they are",
  inputs: ["x"],
  outputs: ["y"],
  infer,
  float,
  params,
  levels: 1,
  prepare,
  int: (p: Values, [x], [y]) => { if (x && y) largest(p, x, y); },
  traits: {},
  from: {},
  net: { tflite: { TOPK_V2: fromTflite } },
  cases: [],
  layerCases: [
    layer("values", int8, [2, 9], 3, false),
    layer("positions, many ties", int8, [1, 300], 20, true),
    layer("all of them", { dtype: "i16", quant: { scale: [0.1], zero: [0] } }, [5], 5, true),
  ],
});
