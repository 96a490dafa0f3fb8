import { numberOption, operand } from "../../../ir/foreign-node.js";
import { output } from "../../../ir/keras-node.js";
import type { NetLowering } from "../../../ir/op.js";

const elu: NetLowering = (n, b) => [b.add("unary", { kind: "elu", alpha: numberOption(n, "alpha", 1) }, [operand(n, 0)], output(n))];

export const fromKeras = { ELU: elu };
