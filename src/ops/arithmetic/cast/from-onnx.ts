/** Cast: 16- and 64-bit floats are float32 here, 64-bit integers are sizes of 32 bits. */
import { numberOption, operand, refuse } from "../../../ir/foreign-node.js";
import { outputOf } from "../../../ir/onnx-node.js";
import type { NetLowering } from "../../../ir/op.js";
import type { DType } from "../../../ir/types.js";

const types: Readonly<Record<number, DType>> = { 1: "f32", 2: "u8", 3: "i8", 4: "u16", 5: "i16", 6: "i32", 7: "i32", 9: "u8", 10: "f32", 11: "f32", 12: "u32", 16: "f32" };
const BOOL = 9;

const cast: NetLowering = (n, b) => {
  const x = operand(n, 0);
  const to = numberOption(n, "to");
  const dtype = types[to] ?? refuse(n, `a cast to type ${to}`, "Supported: float, integers of up to 32 bits, bool.");
  return [b.tensor(x).dtype === dtype && to !== BOOL ? x : b.add("cast", { truth: to === BOOL }, [x], { ...outputOf(n), dtype })];
};

export const fromOnnx = { Cast: cast };
