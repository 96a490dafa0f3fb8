/** What a float network is, and hybrid ones (int8 weights, float activations) as plain float ones. */
import { isInt, type Graph, type Tensor } from "../../ir/types.js";
import { inputsOf, realsOf } from "../evaluate.js";
import { isReal } from "./layers.js";

const integers = (t: Tensor): boolean => isInt(t.dtype) && t.quant !== undefined && !t.data;
const stored = (t: Tensor): boolean => t.data !== undefined && t.quant !== undefined;

/** Real numbers come in, and no computed tensor is made of scaled integers; mixed networks were quantised by someone else. */
export function isFloatNetwork(graph: Graph): boolean {
  return inputsOf(graph).some((t) => isReal(graph.tensors[t])) && !graph.tensors.some(integers);
}

/** Constants that are stored as integers with a scale, as the numbers they stand for. */
export function realNetwork(graph: Graph): Graph {
  if (!graph.tensors.some(stored)) return graph;
  return { ...graph, tensors: graph.tensors.map((t): Tensor => (stored(t) ? { name: t.name, dtype: "f32", shape: t.shape, data: Float32Array.from(realsOf(t)) } : t)) };
}
