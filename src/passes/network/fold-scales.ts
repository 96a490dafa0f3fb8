/** Products and sums with one constant for each channel, behind a layer with weights, go into its weights and biases (batch normalisation). Float32 only. */
import { count, type AnyNode, type Graph, type Tensor } from "../../ir/types.js";
import { findOp } from "../../ops/registry.js";
import { isReal, makers, uses } from "./rebuild.js";

/** One number for each channel, channels on the last axis; null where the constant runs along another one. */
function perChannel(t: Tensor | undefined, channels: number): Float64Array | null {
  if (!t?.data || !isReal(t)) return null;
  const { data } = t;
  if (count(t.shape) === 1) return new Float64Array(channels).fill(data[0] ?? 0);
  return t.shape.at(-1) === channels && count(t.shape) === channels ? Float64Array.from(data) : null;
}

function scaledWeights(w: Tensor, axis: number, by: Float64Array): Tensor {
  const inside = count(w.shape.slice(axis + 1));
  return { ...w, data: Float32Array.from(w.data ?? [], (v, i) => v * (by[Math.floor(i / inside) % by.length] ?? 1)) };
}

interface Found { readonly layer: AnyNode; readonly kind: "times" | "plus" | "minus"; readonly by: Float64Array; readonly axis: number }

/** A layer without activation whose only reader is a product or sum with a constant. */
function find(n: AnyNode, made: ReadonlyMap<number, AnyNode>, read: readonly number[], tensors: readonly Tensor[]): Found | null {
  const { traits } = findOp(n.op);
  const kind = traits.channelScale?.(n.attrs) ?? null;
  if (kind === null || n.inputs.length !== 2) return null;
  const at = tensors[n.inputs[0] ?? 0]?.data && kind !== "minus" ? 1 : 0;
  const x = n.inputs[at] ?? 0;
  const layer = made.get(x);
  const axis = layer ? findOp(layer.op).traits.quantise?.weights?.outputs : undefined;
  if (!layer || axis === undefined || read[x] !== 1 || !isReal(tensors[x]) || (layer.attrs["activation"] ?? "none") !== "none") return null;
  const shape = tensors[x]?.shape ?? [];
  const by = perChannel(tensors[n.inputs[1 - at] ?? 0], shape.at(-1) ?? 1);
  const weights = tensors[layer.inputs[1] ?? -1];
  const same = tensors[n.outputs[0] ?? 0]?.shape.join() === shape.join();
  return by && same && weights?.data && isReal(weights) && weights.shape[axis] === by.length ? { layer, kind, by, axis } : null;
}

export function foldScales(g: Graph): Graph {
  const tensors = [...g.tensors];
  const read = uses(g);
  const nodes: AnyNode[] = [];
  const made = makers([]);
  const add = (n: AnyNode): void => { nodes.push(n); for (const t of n.outputs) made.set(t, n); };
  for (const n of g.nodes) {
    const found = find(n, made, read, tensors);
    if (!found) { add(n); continue; }
    const { layer, kind, by, axis } = found;
    const [x = 0, w = 0, b] = layer.inputs;
    const bias = b === undefined ? new Float64Array(by.length) : Float64Array.from(tensors[b]?.data ?? []);
    const weights = kind === "times" ? tensors.push(scaledWeights(tensors[w] as Tensor, axis, by)) - 1 : w;
    const moved = bias.map((v, c) => (kind === "times" ? v * (by[c] as number) : kind === "plus" ? v + (by[c] as number) : v - (by[c] as number)));
    const biases = tensors.push({ name: `${layer.name}/bias`, dtype: "f32", shape: [by.length], data: Float32Array.from(moved) }) - 1;
    nodes.splice(nodes.indexOf(layer), 1);
    add({ ...layer, inputs: [x, weights, biases], outputs: n.outputs });
  }
  return { ...g, tensors, nodes };
}
