/** Gemm, and MatMul with constant weights; a MatMul of two computed matrices is `batch_matmul`. */
import { transposed } from "../../../ir/channels.js";
import { numberOption, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import { number, outputOf } from "../../../ir/onnx-node.js";
import type { ForeignNode, NetBuilder, Template, Value } from "../../../ir/op.js";
import { count } from "../../../ir/types.js";

const layer = { keepDims: true, activation: "none" } as const;

function scaled(n: ForeignNode, b: NetBuilder, v: Value, key: string): Value {
  const by = numberOption(n, key, 1);
  if (by === 1) return v;
  if (b.tensor(v).quant) refuse(n, `${key} ${by} with quantised operands`, `Supported: ${key} 1.`);
  return b.add("mul", { activation: "none" }, [v, number(b, `${n.name}/${key}`, by)], { name: `${b.tensor(v).name}/${key}` });
}

/** One bias for each output; a constant of length 1 is repeated. Null where it is no such thing. */
function biasOf(b: NetBuilder, c: Value, out: number): Value | null {
  const t = b.tensor(c);
  if (!t.data || t.shape.slice(0, -1).some((d) => d !== 1)) return null;
  if (count(t.shape) === out) return c;
  return count(t.shape) === 1 && !t.quant ? b.constant({ name: `${t.name}/each`, dtype: t.dtype, shape: [out], data: new Float32Array(out).fill(t.data[0] ?? 0) }) : null;
}

function gemm(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const [a, w] = [operand(n, 0), operand(n, 1)];
  if (shapeOf(b, a).length !== 2 || shapeOf(b, w).length !== 2) refuse(n, `(${shapeOf(b, a).join(", ")}) times (${shapeOf(b, w).join(", ")})`, "Supported: two matrices.");
  const x = numberOption(n, "transA", 0) === 0 ? a : transposed(b, a, [1, 0], `${b.tensor(a).name}/transposed`);
  const columns = numberOption(n, "transB", 0) !== 0;
  const c = n.inputs[2] ?? null;
  const y = outputOf(n);
  if (!b.tensor(w).data) {
    const product = scaled(n, b, b.add("batch_matmul", { adjX: false, adjY: columns }, [x, w], c === null ? y : { ...y, name: `${y.name}/product` }), "alpha");
    return [c === null ? product : b.add("add", { subtract: false, activation: "none" }, [product, scaled(n, b, c, "beta")], y)];
  }
  const rows = scaled(n, b, columns ? w : transposed(b, w, [1, 0], `${b.tensor(w).name}/transposed`), "alpha");
  if (c === null) return [b.add("fully_connected", layer, [x, rows], y)];
  const addend = scaled(n, b, c, "beta");
  const bias = biasOf(b, addend, shapeOf(b, rows)[0] ?? 1);
  if (bias !== null) return [b.add("fully_connected", layer, [x, rows, bias], y)];
  return [b.add("add", { subtract: false, activation: "none" }, [b.add("fully_connected", layer, [x, rows], { ...y, name: `${y.name}/product` }), addend], y)];
}

/** Vectors are matrices of one row or column, whose axis is lost again. */
function matmul(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const [a, w] = [operand(n, 0), operand(n, 1)];
  const [s, r] = [shapeOf(b, a), shapeOf(b, w)];
  const y: Template = outputOf(n);
  if (s.length < 1 || r.length < 1) refuse(n, "a product with a single number", "Supported: matrices and vectors.");
  const matrix = (v: Value, shape: readonly number[]): Value => b.add("reshape", { shape: Int32Array.from(shape) }, [v], { ...b.tensor(v), name: `${b.tensor(v).name}/matrix`, shape });
  const [p, q] = [s.length === 1 ? matrix(a, [1, ...s]) : a, r.length === 1 ? matrix(w, [...r, 1]) : w];
  const vector = s.length === 1 || r.length === 1;
  const as = vector ? { ...y, name: `${y.name}/matrix` } : y;
  const stored = b.tensor(q).data !== undefined && shapeOf(b, q).length === 2;
  const product = stored ? b.add("fully_connected", layer, [p, transposed(b, q, [1, 0], `${b.tensor(q).name}/transposed`)], as) : b.add("batch_matmul", { adjX: false, adjY: false }, [p, q], as);
  if (!vector) return [product];
  const all = shapeOf(b, product);
  const shape = all.filter((_, d) => !(s.length === 1 && d === all.length - 2) && !(r.length === 1 && d === all.length - 1));
  return [b.add("reshape", { shape: Int32Array.from(shape) }, [product], y)];
}

export const fromOnnx = { Gemm: gemm, MatMul: matmul };
