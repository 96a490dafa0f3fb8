/**
 * Quantised ONNX as integers. A DequantizeLinear makes no node: its output is remembered as "the real numbers of these integers".
 * An operator whose operands are all such, and whose output is quantised next, runs on the integers; every other one runs in float32
 * between nodes that convert. See docs/decisions/006-quantised-onnx.md for what is not the same as in ONNX Runtime.
 */
import { fail } from "../../ir/diagnostics.js";
import type { Template, Value } from "../../ir/op.js";
import { count, type DType, type Quant, type Tensor } from "../../ir/types.js";
import { integerBias, integerNormalisation } from "./integer-layers.js";
import type { OnnxBuilder } from "./onnx-builder.js";
import { FIXED, KEEPS_SCALE, ONE_SCALE, plainOf, RESCALES, WEIGHTED, type Plain } from "./qlinear.js";
import { formatOf, quantised, realValues, sameFormat, shifted, type Format } from "./scales.js";
import type { Node, Values } from "./values.js";

export type Lower = (type: string, inputs: readonly (Value | null)[], outputs: readonly Template[]) => readonly Value[];

const LOOKED_THROUGH = ["Relu", "Clip"];

/** Less than 1 % apart, and zero at the same place. */
const near = (a: Quant | undefined, b: Quant): boolean => Math.abs((a?.scale[0] ?? 0) / (b.scale[0] ?? 1) - 1) < 0.01 && a?.zero[0] === b.zero[0];

export class Quantised {
  /** Real values by the integers they are made of. */
  private readonly integers = new Map<string, Value>();
  /** DequantizeLinear nodes whose integers keep the scale of their kernel. */
  private readonly kept = new Set<Node>();

  constructor(private readonly b: OnnxBuilder, private readonly values: Values, private readonly readers: ReadonlyMap<string, readonly Node[]>, private readonly outputs: ReadonlySet<string>, private readonly file: string) {}

  private tensor(name: string): Tensor | null {
    const v = this.values.get(name);
    return v === undefined ? null : this.b.tensor(v);
  }

  /** Numbers that must be stored: scales and zero points. */
  private stored(n: Node, i: number): NonNullable<Tensor["data"]> | null {
    const name = n.inputs[i] ?? "";
    if (name === "") return null;
    return this.tensor(name)?.data ?? fail("onnx/computed-scale", n.foreign.where, `the scale or zero point "${name.slice(0, 40)}" is computed by the network`, "Supported: static quantisation, whose scales are stored in the file.");
  }

  private format(n: Node, scale: number, zero: number, dtype: DType, rank: number): Format {
    const s = this.stored(n, scale) ?? fail("onnx/scale", n.foreign.where, "a scale is missing", "Quantise the model again.");
    if (n.foreign.fields.get("block_size")) fail("onnx/scale", n.foreign.where, "scales for blocks", "Supported: one scale per tensor or per channel.");
    const axis = n.foreign.fields.get("axis");
    const converts = n.type === "DequantizeLinear" || n.type === "QuantizeLinear";
    // Weights of the integer operators have one scale for each output: their first axis.
    const at = !converts ? 0 : typeof axis === "number" ? axis : 1;
    return formatOf(s, this.stored(n, zero), dtype, at < 0 ? at + rank : at, n.foreign.where);
  }

  /** What a QuantizeLinear makes: the type of its zero point, uint8 without one. */
  private target(n: Node): Format {
    const zero = this.tensor(n.inputs[2] ?? "");
    return this.format(n, 1, 2, zero?.dtype ?? "u8", 1);
  }

  /** The format that a real value gets next, by all who read it. */
  private wanted(name: string, depth = 0): Format | null {
    const readers = this.readers.get(name) ?? [];
    const [first] = readers;
    if (!first || this.outputs.has(name)) return null;
    if (readers.every((r) => r.type === "QuantizeLinear")) {
      const all = readers.map((r) => this.target(r));
      return all.every((f) => sameFormat(f, all[0] as Format)) ? all[0] ?? null : null;
    }
    return readers.length === 1 && LOOKED_THROUGH.includes(first.type) && depth < 4 ? this.wanted(first.outputs[0] ?? "", depth + 1) : null;
  }

  /** An input that is only quantised is an integer from the start; one of integers gets its meaning from who reads it. */
  input(name: string, dtype: DType): { readonly name: string; readonly dtype: DType; readonly quant?: Quant; readonly pass: (v: Value) => void } {
    const f = dtype === "f32" ? this.wanted(name) : this.meaning(name, dtype);
    if (!f || f.quant.scale.length > 1) return { name, dtype, pass: (v) => { this.values.set(name, v); } };
    if (dtype === "u8") this.b.note(`input "${name}" is int8 on the device: 128 less than the file's uint8`);
    return { name, ...f, pass: (v) => { (dtype === "f32" ? this.integers : this.values).set(name, v); } };
  }

  private meaning(name: string, dtype: DType): Format | null {
    const [n] = this.readers.get(name) ?? [];
    if (!n || (dtype !== "u8" && dtype !== "i8" && dtype !== "i16")) return null;
    if (n.type === "DequantizeLinear") return this.format(n, 1, 2, dtype, 1);
    const operand = plainOf(n)?.operands.find((o) => n.inputs[o.at] === name);
    return operand && operand.scale !== null && operand.zero !== null ? this.format(n, operand.scale, operand.zero, dtype, 1) : null;
  }

  /** The value as float32, converted where it is integers so far. */
  real(name: string): Value {
    const known = this.values.get(name);
    const q = this.integers.get(name);
    if (known !== undefined) return known;
    if (q === undefined) return fail("onnx/not-made", this.file, `the value "${name.slice(0, 80)}" is not made by any node that is supported`, "Export the model again.");
    const t = this.b.tensor(q);
    const made = t.data ? this.b.constant({ name, dtype: "f32", shape: t.shape, data: realValues(t) }) : this.b.add("dequantize", {}, [q], { name, dtype: "f32" });
    this.values.set(name, made);
    return made;
  }

  /** Answers stay integers: the host reads their scale. */
  output(name: string): Value {
    const q = this.integers.get(name);
    return q !== undefined && !this.b.tensor(q).data ? q : this.real(name);
  }

  /** @returns whether the node was done here. */
  run(n: Node, lower: Lower): boolean {
    if (n.type === "DequantizeLinear") return this.dequantize(n);
    if (n.type === "QuantizeLinear") return this.quantize(n);
    const plain = plainOf(n);
    if (plain) return this.plain(n, plain, lower);
    return this.carried(n, lower) || this.layer(n, lower);
  }

  private set(n: Node, made: readonly Value[], where: Values): boolean {
    n.outputs.forEach((name, i) => { const v = made[i]; if (v !== undefined && name !== "") where.set(name, v); });
    return true;
  }

  /** Integers with their meaning: a constant gets it here, a computed value has it. */
  private meant(n: Node, i: number, scale: number, zero: number): Value {
    const name = n.inputs[i] ?? "";
    const v = this.values.get(name) ?? fail("onnx/not-made", n.foreign.where, `input ${i} "${name.slice(0, 80)}" is no integer tensor`, "Export the model again.");
    const t = this.b.tensor(v);
    if (t.quant) {
      const told = this.tensor(n.inputs[zero] ?? "")?.dtype;
      const f = this.format(n, scale, zero, told ?? t.dtype, t.shape.length);
      const same = f.quant.scale.every((s, k) => s === t.quant?.scale[k]) && (told === undefined || f.quant.zero.every((z, k) => z === t.quant?.zero[k]));
      return same || this.kept.has(n) ? v : fail("onnx/scales-differ", n.foreign.where, `"${name.slice(0, 80)}" was made with the scale ${t.quant.scale[0]} and is read with ${f.quant.scale[0]} (zero points ${t.quant.zero[0]}, ${f.quant.zero[0]})`, "Quantise the model again.");
    }
    if (!t.data) return fail("onnx/no-scale", n.foreign.where, `"${name.slice(0, 80)}" is computed without a scale`, "Supported: QuantizeLinear, QLinear operators.");
    const f = this.format(n, scale, zero, t.dtype, t.shape.length);
    const { scale: s, axis = 0 } = f.quant;
    if (s.length > 1 && s.length !== t.shape[axis]) fail("onnx/scale", n.foreign.where, `${s.length} scales along axis ${axis} of (${t.shape.join(", ")})`, "Quantise the model again.");
    return this.b.constant({ name, dtype: f.dtype, shape: t.shape.length > 0 ? t.shape : [1], data: shifted(t.data, t.dtype), quant: f.quant });
  }

  private dequantize(n: Node): boolean {
    return this.set(n, [this.meant(n, 0, 1, 2)], this.integers);
  }

  private quantize(n: Node): boolean {
    const [name = ""] = n.inputs;
    const f = this.target(n);
    const as = { name: n.name, ...f };
    const q = this.integers.get(name);
    if (q !== undefined) {
      const t = this.b.tensor(q);
      if (sameFormat(t, f) || this.finer(n, t, f)) return this.set(n, [q], this.values);
      if (!t.data) return this.set(n, [this.b.add("requantize", {}, [q], as)], this.values);
    }
    const x = this.real(name);
    const t = this.b.tensor(x);
    if (!t.data && f.quant.scale.length > 1) fail("onnx/scale", n.foreign.where, "a computed value with a scale for each channel", "Supported: one scale for activations.");
    return this.set(n, [t.data ? this.b.constant({ ...as, shape: t.shape, data: quantised(t.data, t.shape, f) }) : this.b.add("quantize", {}, [x], as)], this.values);
  }

  /** Probabilities have 1/256 here where ONNX's tools write 1/255: an answer of the network keeps what its kernel gives. */
  private finer(n: Node, t: Tensor, f: Format): boolean {
    const readers = this.readers.get(n.outputs[0] ?? "") ?? [];
    return !t.data && near(t.quant, f.quant) && readers.length > 0 && readers.every((r) => r.type === "DequantizeLinear" && this.outputs.has(r.outputs[0] ?? "")) && this.keepScale(readers, t);
  }

  private keepScale(readers: readonly Node[], t: Tensor): boolean {
    this.b.note(`output "${readers[0]?.outputs[0] ?? ""}" has the scale ${t.quant?.scale[0] ?? 1}; the file's is less than 1 % away`);
    for (const r of readers) this.kept.add(r);
    return true;
  }

  private operandsOf(n: Node): readonly (Value | null)[] | null {
    const all = n.inputs.map((name) => (name === "" ? null : this.integers.get(name) ?? this.values.get(name) ?? null));
    const [x] = n.inputs;
    return x !== undefined && this.integers.has(x) && !this.b.tensor(this.integers.get(x) ?? 0).data ? all : null;
  }

  /** Operators that leave the scale as it is. */
  private carried(n: Node, lower: Lower): boolean {
    const plainIntegers = this.values.get(n.inputs[0] ?? "");
    const raw = plainIntegers !== undefined && this.b.tensor(plainIntegers).quant !== undefined && !this.b.tensor(plainIntegers).data;
    if (!KEEPS_SCALE.has(n.type) || (!raw && !this.operandsOf(n))) return false;
    const inputs = raw ? n.inputs.map((name) => (name === "" ? null : this.real(name))) : this.operandsOf(n) ?? [];
    const { dtype, quant } = this.b.tensor(inputs[0] ?? 0);
    return this.set(n, lower(n.type, inputs, n.outputs.map((name) => ({ name, dtype, ...(quant ? { quant } : {}) }))), raw ? this.values : this.integers);
  }

  private layer(n: Node, lower: Lower): boolean {
    const f = RESCALES.has(n.type) || ONE_SCALE.has(n.type) ? this.wanted(n.outputs[0] ?? "") : null;
    const inputs = f ? this.operandsOf(n) : null;
    if (!f || !inputs || f.dtype !== "i8" || f.quant.scale.length > 1) return false;
    const made = this.integerForm(n, n.type, inputs, f, lower);
    return made !== null && this.set(n, [made], this.integers);
  }

  /** QLinear…: the plain operator on the same integers. */
  private plain(n: Node, p: Plain, lower: Lower): boolean {
    const inputs = p.operands.map((o) => (o.scale === null || o.zero === null ? this.values.get(n.inputs[o.at] ?? "") ?? null : this.meant(n, o.at, o.scale, o.zero)));
    const zero = this.tensor(n.inputs[p.zero] ?? "");
    const f = this.format(n, p.scale, p.zero, zero?.dtype ?? "u8", 1);
    const made = p.type === "AveragePool" ? this.rescaledTo(lower(p.type, inputs, [{ name: `${n.name}/pooled`, ...this.formatOfValue(inputs[0] ?? 0) }])[0] ?? 0, f, n.name) : this.integerForm(n, p.type, inputs, f, lower);
    return this.set(n, [made ?? fail("onnx/integer-form", n.foreign.where, `${n.type} with these operands`, "Supported: int8 or uint8 activations with one scale, int8 weights with zero point 0 (uint8: 128). Quantise the model again.")], this.values);
  }

  private formatOfValue(v: Value): Pick<Template, "dtype" | "quant"> {
    const { dtype, quant } = this.b.tensor(v);
    return { dtype, ...(quant ? { quant } : {}) };
  }

  private rescaledTo(v: Value, f: Format, name: string): Value {
    return sameFormat(this.b.tensor(v), f) ? v : this.b.add("requantize", {}, [v], { name, ...f });
  }

  /** The operator on integers; null where it has no such form for these operands. */
  private integerForm(n: Node, type: string, inputs: readonly (Value | null)[], f: Format, lower: Lower): Value | null {
    const [x, w, bias] = inputs;
    if (x === undefined || x === null || this.b.tensor(x).dtype !== "i8") return null;
    if (type === "BatchNormalization") return integerNormalisation(this.b, n.name, x, inputs.slice(1, 5).map((v) => (v === null || v === undefined ? null : this.b.tensor(v))), n.foreign.fields.get("epsilon"), f);
    const as: Template = { name: n.name, ...f };
    if (WEIGHTED.has(type) && w !== undefined && w !== null && this.b.tensor(w).data) {
      const weights = this.b.tensor(w);
      if (weights.dtype !== "i8" || weights.quant?.zero.some((z) => z !== 0) !== false) return null;
      const b = bias === undefined || bias === null ? null : integerBias(this.b, bias, this.b.tensor(x), weights, type === "ConvTranspose" ? 1 : 0);
      if (b === undefined) return null;
      return lower(type, [x, w, ...(b === null ? [] : [b])], [as])[0] ?? null;
    }
    const computed = inputs.filter((v): v is Value => v !== null);
    if (type !== "ReduceMean" && type !== "ReduceSum" && computed.some((v) => { const t = this.b.tensor(v); return !t.quant || t.dtype !== "i8" || count([t.quant.scale.length]) > 1; })) return null;
    if (ONE_SCALE.has(type)) return lower(type, computed.map((v, i) => this.rescaledTo(v, f, `${n.name}/operand_${i}`)), [as])[0] ?? null;
    const fixed = FIXED[type];
    if (!fixed) return lower(type, inputs, [as])[0] ?? null;
    const quant = { scale: [fixed.scale], zero: [fixed.zero] };
    const [made] = lower(type, inputs, [{ name: `${n.name}/unscaled`, dtype: "i8", quant }]);
    return made === undefined ? null : this.close(n, quant, f, this.b.tensor(made)) ? made : this.rescaledTo(made, f, n.name);
  }

  /** A result that is quantised next, or goes straight out, may keep the scale of its kernel. */
  private close(n: Node, quant: Quant, f: Format, made: Tensor): boolean {
    const readers = this.readers.get(n.outputs[0] ?? "") ?? [];
    if (readers.length === 0 || !near(quant, f.quant)) return false;
    if (readers.every((r) => r.type === "QuantizeLinear")) return true;
    return readers.every((r) => r.type === "DequantizeLinear" && this.outputs.has(r.outputs[0] ?? "")) && (sameFormat(made, f) || this.keepScale(readers, made));
  }
}
