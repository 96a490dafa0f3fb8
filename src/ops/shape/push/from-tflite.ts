/** ASSIGN_VARIABLE, READ_VARIABLE, and the custom operator CIRCULAR_BUFFER. */
import { numberOption, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Template, Value } from "../../../ir/op.js";
import { rearrangement, whole } from "../../../ir/strided.js";

/** The state that a resource handle stands for. */
function stateOf(n: ForeignNode, b: NetBuilder): Value {
  const handle = operand(n, 0);
  return b.tensor(handle).state ? handle : refuse(n, `${b.tensor(handle).name} is not a variable`, "The file is damaged; convert the model again.");
}

function assign(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const { dtype, quant } = b.tensor(operand(n, 1));
  b.add("push", {}, [operand(n, 1), stateOf(n, b)], { name: `${n.name}/assigned`, dtype, ...(quant ? { quant } : {}) });
  return [];
}

/** A copy: the variable may be assigned before the value is used for the last time. */
function read(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const state = stateOf(n, b);
  const shape = shapeOf(b, state);
  return [b.add("rearrange", rearrangement(whole(shape), shape), [state], n.outputs[0])];
}

/** The file names its period in options of its own; a longer one would leave all that follows undone in most calls. */
function circularBuffer(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const out: Template | undefined = n.outputs[0];
  const period = n.options["cycles_max"] === undefined ? 0 : numberOption(n, "cycles_max");
  if (period !== 1) refuse(n, period === 0 ? "its period (cycles_max) is not known" : `a period of ${period} calls`, "Supported: cycles_max 1. Export the streaming model with a stride of 1 in time.");
  const x = b.tensor(operand(n, 0));
  const shape = out?.shape ?? x.shape;
  const state = b.state({ name: `${n.name}/state`, dtype: x.dtype, shape, ...(out?.quant ? { quant: out.quant } : {}) });
  return [b.add("push", {}, [operand(n, 0), state], out)];
}

export const fromTflite = { ASSIGN_VARIABLE: assign, READ_VARIABLE: read, "CUSTOM CIRCULAR_BUFFER": circularBuffer };
