/** A node whose operands are all constants is a constant: what it computes, in the type of its output. */
import { CoincellError } from "./diagnostics.js";
import type { AnyOp } from "./op.js";
import { arrayFrom, count, isInt, makeArray, type Attrs, type Tensor, type TypedArray } from "./types.js";

/** Larger results stay nodes: the file would grow, and a damaged one must not ask for more. */
const MAX_ELEMENTS = 1_000_000;

const none = { min: new Float64Array(0), max: new Float64Array(0), mean: new Float64Array(0) };

/** Real numbers and plain integers: the operator's meaning, rounded to the type. */
function plain(op: AnyOp, attrs: Attrs, inputs: readonly Tensor[], y: Tensor): TypedArray | null {
  const [values] = op.float(attrs, inputs.map((t) => Float64Array.from(t.data ?? [])), { inputs, outputs: [y] });
  if (values?.length !== count(y.shape)) return null;
  return arrayFrom(y.dtype, isInt(y.dtype) ? values.map(Math.trunc) : values);
}

/** Integers with a scale: exactly what the device would compute. */
function exact(op: AnyOp, attrs: Attrs, inputs: readonly Tensor[], y: Tensor): TypedArray | null {
  const made = op.prepare?.({ attrs, arithmetic: "int", inputs, outputs: [y], inputStats: inputs.map(() => none), outputStats: [none], perElementOutput: false, level: op.levels - 1 });
  const out = makeArray(y.dtype, count(y.shape));
  if (!made) return null;
  op.int(made.params, inputs.slice(0, op.variadic ? inputs.length : op.inputs.length).map((t) => t.data as TypedArray), [out]);
  return out;
}

/** Null where an operand is computed, or the operator is there to copy a constant. */
export function foldNode(op: AnyOp, attrs: Attrs, inputs: readonly Tensor[], y: Tensor): TypedArray | null {
  if (op.inputs.length === 0 || inputs.length === 0 || inputs.some((t) => !t.data) || count(y.shape) > MAX_ELEMENTS) return null;
  if (op.traits.view === true) return inputs[0]?.data ?? null;
  try {
    return [...inputs, y].some((t) => t.quant) ? exact(op, attrs, inputs, y) : plain(op, attrs, inputs, y);
  } catch (e) {
    // Types that the kernels do not have: the node stays, and is refused where it is prepared.
    if (e instanceof CoincellError) return null;
    throw e;
  }
}
