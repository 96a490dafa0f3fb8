/** Builds networks from ONNX: nodes on constants are folded at once, so that chains over shapes are numbers where a later node wants them. */
import { foldNode } from "../../ir/fold.js";
import type { Template, Value } from "../../ir/op.js";
import { count, type Attrs, type Graph, type Tensor } from "../../ir/types.js";
import { sweep } from "../../ir/sweep.js";
import { findOp } from "../../ops/registry.js";
import { NetworkBuilder, type NetworkAbout } from "../network.js";

export class OnnxBuilder extends NetworkBuilder {
  override add(name: string, attrs: Attrs, inputs: readonly Value[], as?: Template): Value {
    const given = inputs.map((v) => this.tensor(v));
    const constant = given.length > 0 && given.every((t) => t.data) ? this.folded(name, attrs, given, as) : null;
    if (constant !== null) return constant;
    // Only constants may have no axis at all.
    const { shape } = attrs;
    return super.add(name, ArrayBuffer.isView(shape) && shape.byteLength === 0 ? { ...attrs, shape: Int32Array.of(1) } : attrs, inputs, as);
  }

  private folded(name: string, attrs: Attrs, given: readonly Tensor[], as: Template | undefined): Value | null {
    const op = findOp(name);
    const [shape = []] = op.infer(attrs, given.map((t) => t.shape));
    const quant = as ? as.quant : given[0]?.quant;
    const y: Tensor = { name: as?.name ?? `${name}_constant`, dtype: as?.dtype ?? given[0]?.dtype ?? "f32", shape, ...(quant ? { quant } : {}) };
    const data = foldNode(op, attrs, given, y);
    return data?.length === count(shape) ? this.constant({ ...y, data }) : null;
  }

  override finish(about: NetworkAbout, inputs: readonly Value[], outputs: readonly Value[]): Graph {
    const g = sweep(super.finish(about, inputs, outputs));
    return { ...g, tensors: g.tensors.map((t) => (t.shape.length === 0 ? { ...t, shape: [1] } : t)) };
  }
}
