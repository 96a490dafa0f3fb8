/** CONCATENATION and PACK. Constants among computed operands are copied to RAM: kernels read one address space through one pointer. */
import { axisOf, fusedActivation, numberOption, operands, refuse, shapeOf } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";
import { addStrided, allocatable, whole } from "../../../ir/strided.js";
import { count, makeArray, type Tensor } from "../../../ir/types.js";

/** All operands are constants: so is the result. */
function folded(n: ForeignNode, b: NetBuilder, all: readonly Tensor[], axis: number, stack: boolean): Value {
  const [first] = all as [Tensor];
  const outer = count(first.shape.slice(0, axis));
  const y = makeArray(first.dtype, allocatable(all.reduce((s, t) => s + count(t.shape), 0), n.name));
  let to = 0;
  for (let o = 0; o < outer; o++) for (const t of all) {
    const run = count(t.shape.slice(axis));
    for (let r = 0; r < run; r++) y[to++] = t.data?.[o * run + r] ?? 0;
  }
  const shape = stack ? first.shape.toSpliced(axis, 0, all.length) : first.shape.with(axis, all.reduce((s, t) => s + (t.shape[axis] as number), 0));
  return b.constant({ name: n.name, dtype: first.dtype, shape: n.outputs[0]?.shape ?? shape, data: y, ...(n.outputs[0]?.quant ? { quant: n.outputs[0].quant } : {}) });
}

const sameFormat = (a: Tensor, b: Tensor): boolean => a.dtype === b.dtype && (!a.quant || !b.quant || (a.quant.scale[0] === b.quant.scale[0] && a.quant.zero[0] === b.quant.zero[0]));

/** An operand that a kernel can read: a constant is copied to RAM by a node of its own. */
function readable(n: ForeignNode, b: NetBuilder, v: Value, i: number): Value {
  const t = b.tensor(v);
  return t.data ? b.add("constant", {}, [v], { name: `${n.name}/operand ${i}`, dtype: t.dtype, ...(t.quant ? { quant: t.quant } : {}) }) : v;
}

function join(n: ForeignNode, b: NetBuilder, axis: number, stack: boolean): readonly Value[] {
  const values = operands(n);
  const all = values.map((v) => b.tensor(v));
  const [first] = all;
  const out = n.outputs[0];
  if (!first) return refuse(n, "no operands", "The file is damaged; convert the model again.");
  const y: Tensor = { ...first, ...(out?.dtype ? { dtype: out.dtype } : {}), ...(out?.quant ? { quant: out.quant } : {}) };
  const other = all.find((t) => !sameFormat(t, y));
  if (other) refuse(n, `${other.name} has another type or scale than the result`, "Supported: operands of one scale, as TensorFlow's converter writes them. Convert the model again.");
  if (all.every((t) => t.data)) return [folded(n, b, all, axis, stack)];
  const made = b.add("concat", { axis, stack }, values.map((v, i) => readable(n, b, v, i)), out);
  // A scalar has one axis here and none in the file.
  return [out?.shape && out.shape.length !== shapeOf(b, made).length ? addStrided(b, made, whole(shapeOf(b, made)), out.shape, { ...out, name: `${out.name}/shape` }) : made];
}

function concatenation(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const [x = 0] = operands(n);
  if (fusedActivation(n) !== "none") refuse(n, "a fused activation", "Supported: none here; put the activation in a layer of its own.");
  return join(n, b, axisOf(n, numberOption(n, "axis", 0), shapeOf(b, x).length), false);
}

function pack(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const [x = 0] = operands(n);
  return join(n, b, axisOf(n, numberOption(n, "axis", 0), shapeOf(b, x).length + 1), true);
}

export const fromTflite = { CONCATENATION: concatenation, PACK: pack };
