/** Values that the shared suite does not draw: not-a-number, infinities, ends of types, divisors of zero. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { makeArray, type Attrs, type Tensor, type TypedArray } from "../../ir/types.js";
import { findOp } from "../registry.js";

function run(op: string, attrs: Attrs, inputs: readonly TypedArray[], types: readonly Tensor["dtype"][], quants: readonly (Tensor["quant"] | null)[]): number[] {
  const { prepare, int } = findOp(op);
  const n = Math.max(...inputs.map((x) => x.length));
  const tensors = types.map((dtype, i): Tensor => {
    const quant = quants[i];
    return { name: `t${i}`, dtype, shape: [inputs[i]?.length ?? n], ...(quant ? { quant } : {}) };
  });
  const y = tensors.at(-1) as Tensor;
  const made = prepare?.({ attrs, arithmetic: "int", inputs: tensors.slice(0, -1), outputs: [y], inputStats: [], outputStats: [], perElementOutput: false, level: 0 });
  const out = makeArray(y.dtype, n);
  int(made?.params ?? {}, inputs, [out]);
  return [...out];
}

const q = (scale: number, zero: number): NonNullable<Tensor["quant"]> => ({ scale: [scale], zero: [zero] });

test("quantize: ties go away from zero, not-a-number to the lower end, infinities to the ends", () => {
  assert.deepEqual(run("quantize", {}, [Float32Array.of(0.5, -0.5, 0.49999997, 1.5, NaN, Infinity, -Infinity, 3e38)], ["f32", "i8"], [null, q(1, 0)]), [1, -1, 0, 2, -128, 127, -128, 127]);
});

test("cast: floats lose their fraction and stop at the ends of the type", () => {
  assert.deepEqual(run("cast", { truth: false }, [Float32Array.of(1.9, -1.9, 300, -300, NaN)], ["f32", "i8"], []), [1, -1, 127, -128, -128]);
  assert.deepEqual(run("cast", { truth: false }, [Float32Array.of(3e9, -3e9, 7)], ["f32", "i32"], []), [2 ** 31 - 128, -(2 ** 31), 7]);
  assert.deepEqual(run("cast", { truth: true }, [Float32Array.of(0.25, 0, -0)], ["f32", "u8"], []), [1, 0, 0]);
});

test("compare: not-a-number equals nothing", () => {
  const [a, b] = [Float32Array.of(NaN, 1, 2), Float32Array.of(NaN, 1, 1)];
  const of = (kind: string): number[] => run("compare", { kind }, [a, b], ["f32", "f32", "u8"], []);
  assert.deepEqual([of("equal"), of("not_equal"), of("less_equal"), of("greater")], [[0, 1, 0], [1, 0, 1], [0, 1, 0], [0, 0, 1]]);
});

test("div: a divisor of zero gives an end of the output, zero by zero its zero point", () => {
  assert.deepEqual(run("div", { activation: "none" }, [Int8Array.of(5, -5, 0), Int8Array.of(3, 3, 3)], ["i8", "i8", "i8"], [q(0.1, 0), q(0.1, 3), q(0.1, 7)]), [127, -128, 7]);
});

test("relu6 keeps its input's scale, as TFLite Micro does", () => {
  const attrs = { above: 1, below: 0, lo: 0, hi: 6, rescale: false };
  assert.deepEqual(run("rectify", attrs, [Int8Array.of(-128, 0, 3, 64, 127)], ["i8", "i8"], [q(0.1, 3), q(0.5, -9)]), [3, 3, 3, 63, 63]);
});

test("16-bit tensors with a zero point, and functions with steps in 16 bits, are refused", () => {
  assert.throws(() => run("add", { subtract: false, activation: "none" }, [Int16Array.of(1), Int16Array.of(1)], ["i16", "i16", "i16"], [q(1, 3), q(1, 0), q(1, 0)]), /zero point 3/);
  assert.throws(() => run("unary", { kind: "round", alpha: 1 }, [Int16Array.of(1)], ["i16", "i16"], [q(1, 0), q(1, 0)]), /16-bit/);
});
