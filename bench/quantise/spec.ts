/** The float networks that train.py wrote, as graphs: layers in order, windows with TensorFlow's SAME borders. */
import { readFileSync } from "node:fs";
import { NetworkBuilder } from "../../src/importers/network.js";
import type { Value } from "../../src/ir/op.js";
import type { Attrs, Graph } from "../../src/ir/types.js";
import { padding } from "../../src/ir/window.js";

interface Weights { readonly shape: readonly number[]; readonly data: readonly number[] }
interface Layer { readonly op: string; readonly inputs: readonly number[]; readonly attrs: Readonly<Record<string, number | string>>; readonly weights: readonly Weights[] }
interface Spec { readonly name: string; readonly source: string; readonly input: readonly number[]; readonly layers: readonly Layer[] }

function windowAttrs(b: NetworkBuilder, x: Value, { attrs }: Layer): Attrs {
  const [, h = 1, w = 1] = b.tensor(x).shape;
  const [k, s] = [Number(attrs["kernel"]), Number(attrs["stride"])];
  return { strideY: s, strideX: s, dilationY: 1, dilationX: 1, ...padding(true, [h, w], [k, k], [s, s], [1, 1]) };
}

function attrsOf(b: NetworkBuilder, x: Value, l: Layer): Attrs {
  const activation = String(l.attrs["activation"] ?? "none");
  const k = Number(l.attrs["kernel"]);
  switch (l.op) {
    case "conv_2d": return { ...windowAttrs(b, x, l), groups: 1, activation };
    case "depthwise_conv_2d": return { ...windowAttrs(b, x, l), activation };
    case "max_pool_2d": case "average_pool_2d": return { ...windowAttrs(b, x, l), top: 0, left: 0, bottom: 0, right: 0, kernelY: k, kernelX: k, activation };
    case "fully_connected": return { keepDims: false, activation };
    case "softmax": return { beta: 1 };
    default: throw new Error(`${l.op} is not among the layers of train.py`);
  }
}

export function readSpec(file: string): Graph {
  const spec = JSON.parse(readFileSync(file, "utf8")) as Spec;
  const b = new NetworkBuilder();
  const input = b.place({ name: "input", dtype: "f32", shape: spec.input });
  const values: Value[] = [];
  spec.layers.forEach((l, k) => {
    const x = l.inputs.map((i) => (i < 0 ? input : (values[i] as Value)));
    const name = `${l.op}_${k}`;
    const weights = l.weights.map((w, i) => b.constant({ name: `${name}/${i === 0 ? "w" : "b"}`, dtype: "f32", shape: w.shape, data: Float32Array.from(w.data) }));
    values.push(b.add(l.op, attrsOf(b, x[0] as Value, l), [...x, ...weights], { name, dtype: "f32" }));
  });
  return b.finish({ name: spec.name, source: spec.source, labels: [] }, [input], [values.at(-1) as Value]);
}
