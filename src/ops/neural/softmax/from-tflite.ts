/** SOFTMAX: options SoftmaxOptions. */
import { numberOption, operand } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";

export const fromTflite = (n: ForeignNode, b: NetBuilder): readonly Value[] => [b.add("softmax", { beta: numberOption(n, "beta", 1) }, [operand(n, 0)], n.outputs[0])];
