/**
 * Transposes and reshapes are not done but remembered, as views of what was there before; operators that do not mind the order
 * of axes are run in the order that needs no copy. What meets its inverse is gone; what a kernel needs in order is copied once.
 */
import type { AnyOp } from "../../ir/op.js";
import { readStrided, rearrangement, type Strided } from "../../ir/strided.js";
import { count, makeArray, type AnyNode, type Attrs, type Graph, type Shape, type Tensor } from "../../ir/types.js";
import { findOp } from "../../ops/registry.js";
import { draft, place, tensorOf, type Draft } from "./rebuild.js";
import { axesOf, axesOfLoops, direct, inOrder, orderOf, reordered, reshaped, rowMajor, widened, type Axes, type View } from "./views.js";

interface Arrange { readonly size: ArrayLike<number>; readonly step: ArrayLike<number>; readonly start: number }

/** Attributes of a strided copy, whatever the operator's name. */
function arrangeOf({ size, step, start }: Attrs): Arrange | null {
  return ArrayBuffer.isView(size) && ArrayBuffer.isView(step) && typeof start === "number" ? { size, step, start } : null;
}

const strided = (v: View): Strided => ({ start: 0, loops: v.loops });

class Writer {
  readonly d: Draft;
  private readonly views = new Map<number, View>();
  private readonly copies = new Map<string, number>();

  constructor(private readonly g: Graph) {
    this.d = draft(g);
  }

  private view(t: number): View {
    return this.views.get(t) ?? direct(t, tensorOf(this.d, t).shape);
  }

  private stored(v: View): boolean {
    return tensorOf(this.d, v.base).data !== undefined;
  }

  /** The view's elements in order, as a tensor of its shape: nothing to do, another shape, a new constant, or a copy. */
  private need(v: View, name: string): number {
    if (inOrder(v) && tensorOf(this.d, v.base).shape.join() === v.shape.join()) return v.base;
    const key = `${v.base} ${v.shape.join()} ${v.loops.map((l) => `${l.size}:${l.step}`).join()}`;
    const known = this.copies.get(key) ?? this.copy(v, name);
    this.copies.set(key, known);
    return known;
  }

  private copy(v: View, name: string): number {
    const { data, ...rest } = tensorOf(this.d, v.base);
    const t: Tensor = { ...rest, name, shape: v.shape };
    if (data) return place(this.d, { ...t, ...this.movedScales(v), data: inOrder(v) ? data : readStrided(data, strided(v), makeArray(t.dtype, data.length)) });
    const to = place(this.d, t);
    const still = inOrder(v);
    this.d.nodes.push({ name, op: still ? "reshape" : "rearrange", attrs: still ? { shape: Int32Array.from(v.shape) } : rearrangement(strided(v), v.shape), inputs: [v.base], outputs: [to] });
    return to;
  }

  /** The axis that a constant's scales run along, where its axes are reordered. */
  private movedScales(v: View): Pick<Tensor, "quant"> {
    const { quant, shape } = tensorOf(this.d, v.base);
    if (!quant || quant.scale.length === 1) return quant ? { quant } : {};
    const axis = quant.axis ?? shape.length - 1;
    const step = rowMajor(shape)[axis];
    return { quant: { ...quant, axis: axesOf(v)?.steps.findIndex((s, d) => s === step && v.shape[d] === shape[axis]) ?? axis } };
  }

  /** A node as it stands, on operands in order. */
  private plain(n: AnyNode): void {
    this.d.nodes.push({ ...n, inputs: n.inputs.map((t) => this.need(this.view(t), `${tensorOf(this.d, t).name}/in_order`)) });
  }

  /** A node whose output has the elements of the old one in another order. */
  private moved(n: AnyNode, attrs: Attrs, inputs: readonly number[], shape: Shape, loops: View["loops"]): void {
    const [old = 0] = n.outputs;
    const y = tensorOf(this.d, old);
    const to = place(this.d, { ...y, shape });
    this.d.nodes.push({ ...n, attrs, inputs, outputs: [to] });
    this.views.set(old, { base: to, shape: y.shape, loops });
  }

  /** A node with the axes of its operands reordered; `order` is that of its output. */
  private turned(n: AnyNode, attrs: Attrs, inputs: readonly View[], order: readonly number[]): void {
    const y = tensorOf(this.d, n.outputs[0] ?? 0);
    const shape: Shape = order.map((d) => y.shape[d] as number);
    const steps = rowMajor(shape);
    const loops = y.shape.map((size, d) => ({ size, step: steps[order.indexOf(d)] as number }));
    this.moved(n, attrs, inputs.map((v, i) => this.need(v, `${n.name}/operand_${i}`)), shape, loops);
  }

  /** Transposes and reshapes: only remembered. Null where elements must move in another way. */
  private remembered(n: AnyNode, op: AnyOp): View | null {
    const [x = 0] = n.inputs;
    const { shape } = tensorOf(this.d, n.outputs[0] ?? 0);
    const v = this.view(x);
    if (tensorOf(this.d, x).state) return null;
    if (op.traits.view === true) return reshaped(v, shape);
    const a = arrangeOf(n.attrs);
    const axes = a ? axesOfLoops(v.shape, a.size, a.step, a.start) : null;
    const given = axes && axesOf(v);
    return axes && given && reshaped(reordered(given, axes), shape);
  }

  node(n: AnyNode): void {
    const op = findOp(n.op);
    const seen = this.remembered(n, op);
    if (seen) { this.views.set(n.outputs[0] ?? 0, seen); return; }
    const { elementwise, followsAxes, readsRows } = op.traits;
    const done = elementwise ? this.alike(n) || this.elementwise(n) : followsAxes ? this.follows(n, op) : readsRows ? this.rows(n) : false;
    if (!done) this.plain(n);
  }

  /** Operands that would have to be copied. */
  private copiesOf(views: readonly View[]): number {
    return views.filter((v) => !inOrder(v) && !this.stored(v)).length;
  }

  /** Operands that are all seen in the same way, or are single numbers: the order of their elements does not matter. */
  private alike(n: AnyNode): boolean {
    const views = n.inputs.map((t) => this.view(t));
    const lead = views.find((v) => !this.stored(v));
    const y = tensorOf(this.d, n.outputs[0] ?? 0);
    if (!lead || count(lead.shape) !== count(y.shape) || lead.shape.join() !== y.shape.join()) return false;
    const shape = tensorOf(this.d, lead.base).shape;
    const key = (v: View): string => `${v.shape.join()} ${v.loops.map((l) => `${l.size}:${l.step}`).join()} ${tensorOf(this.d, v.base).shape.join()}`;
    const fits = views.every((v) => key(v) === key(lead) || (this.stored(v) && count(v.shape) === 1));
    if (!fits || lead.base === n.inputs[views.indexOf(lead)]) return false;
    const one = (v: View): number => (this.stored(v) ? this.need(reshaped(v, [1]), `${n.name}/number`) : v.base);
    this.moved(n, n.attrs, views.map(one), shape, lead.loops);
    return true;
  }

  private elementwise(n: AnyNode): boolean {
    const { shape } = tensorOf(this.d, n.outputs[0] ?? 0);
    if (n.inputs.some((t) => tensorOf(this.d, t).shape.length > shape.length)) return false;
    const views = n.inputs.map((t) => axesOf(widened(this.view(t), shape.length)));
    const lead = views.find((v) => v && !inOrder(v) && count(v.shape) === count(shape) && !this.stored(v));
    if (!lead || !views.every((v): v is Axes => v !== null)) return false;
    const order = orderOf(lead);
    const turned = views.map((v) => reordered(v, order));
    if (this.copiesOf(turned) >= this.copiesOf(views)) return false;
    this.turned(n, n.attrs, turned, order);
    return true;
  }

  private follows(n: AnyNode, op: AnyOp): boolean {
    const views = n.inputs.map((t) => axesOf(this.view(t)));
    const lead = views.find((v) => v && !inOrder(v));
    if (!lead || !views.every((v): v is Axes => v?.shape.length === lead.shape.length)) return false;
    const order = orderOf(lead);
    const made = op.traits.followsAxes?.(n.attrs, order, lead.shape);
    const turned = views.map((v) => reordered(v, order));
    if (!made || this.copiesOf(turned) >= this.copiesOf(views) || made.order.length !== tensorOf(this.d, n.outputs[0] ?? 0).shape.length) return false;
    this.turned(n, made.attrs, turned, made.order);
    return true;
  }

  /** One row of elements in another order: the columns of the weights go along. */
  private rows(n: AnyNode): boolean {
    const [x = 0, w = 0, ...rest] = n.inputs;
    const [v, weights] = [this.view(x), tensorOf(this.d, w)];
    const [out = 0, depth = 0] = weights.shape;
    if (inOrder(v) || !weights.data || count(v.shape) !== depth) return false;
    // Element i of the view stands at places[i] of the base: so does column i of the weights.
    const places = readStrided(Int32Array.from({ length: depth }, (_, i) => i), strided(v), new Int32Array(depth));
    const data = makeArray(weights.dtype, out * depth);
    for (let o = 0; o < out; o++) places.forEach((p, i) => { data[o * depth + p] = weights.data?.[o * depth + i] ?? 0; });
    const row = this.need({ ...direct(v.base, tensorOf(this.d, v.base).shape), shape: v.shape }, `${n.name}/row`);
    this.d.nodes.push({ ...n, inputs: [row, place(this.d, { ...weights, data }), ...rest] });
    return true;
  }

  finish(): Graph {
    const outputs = this.g.outputs.map((o) => ({ ...o, tensor: this.need(this.view(o.tensor), tensorOf(this.d, o.tensor).name) }));
    return { ...this.g, tensors: this.d.tensors, nodes: this.d.nodes, outputs };
  }
}

export function removeTransposes(g: Graph): Graph {
  const w = new Writer(g);
  for (const n of g.nodes) w.node(n);
  return w.finish();
}
