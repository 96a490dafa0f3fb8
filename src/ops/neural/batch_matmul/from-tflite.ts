/** BATCH_MATMUL: options BatchMatMulOptions. */
import { flagOption, operand } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";

export const fromTflite = (n: ForeignNode, b: NetBuilder): readonly Value[] =>
  [b.add("batch_matmul", { adjX: flagOption(n, "adj_x"), adjY: flagOption(n, "adj_y") }, [operand(n, 0), operand(n, 1)], n.outputs[0])];
