import { operand, shapeOf } from "../../../ir/foreign-node.js";
import { ofRank, outputOf } from "../../../ir/onnx-node.js";
import type { NetLowering } from "../../../ir/op.js";

const lower: NetLowering = (n, b) => [b.add("prelu", {}, [operand(n, 0), ofRank(b, operand(n, 1), shapeOf(b, operand(n, 0)).length)], outputOf(n))];

export const fromOnnx = { PRelu: lower };
