import { numberOption, operand, textOption } from "../../../ir/foreign-node.js";
import { number, outputOf } from "../../../ir/onnx-node.js";
import type { NetLowering } from "../../../ir/op.js";

const lower = (kind: string, alpha = 1): NetLowering => (n, b) => [b.add("unary", { kind, alpha }, [operand(n, 0)], outputOf(n))];
const gelu: NetLowering = (n, b) => lower(textOption(n, "approximate", "none") === "tanh" ? "gelu_tanh" : "gelu")(n, b);

export const fromOnnx: Readonly<Record<string, NetLowering>> = {
  Exp: lower("exp"), Log: lower("log"), Sqrt: lower("sqrt"), Sin: lower("sin"), Cos: lower("cos"), Floor: lower("floor"), Ceil: lower("ceil"), Round: lower("round"),
  Sign: lower("sign"), HardSwish: lower("hard_swish"), Erf: lower("erf"), Softplus: lower("softplus"), Gelu: gelu, "com.microsoft.Gelu": lower("gelu"),
  Elu: (n, b) => lower("elu", numberOption(n, "alpha", 1))(n, b),
  Reciprocal: (n, b) => [b.add("div", { activation: "none" }, [number(b, `${n.name}/one`, 1), operand(n, 0)], outputOf(n))],
};
