/** Where a layer's weights stand: by path in .keras files (Keras 3), by name in .h5 files, by name in TensorFlow.js' lists. */
import type { H5Object } from "./hdf5/index.js";
import { clip, damaged, LIMITS, tooLarge } from "./limits.js";
import type { KerasLayer } from "./topology.js";

export interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The weights of a layer in the order in which Keras lists them: kernel before bias, trained before measured. */
export type WeightSource = (layer: KerasLayer) => readonly Weight[];

/** Weights of all layers together, before they are copied: tensors may share bytes. */
function budget(where: string): (w: Weight) => Weight {
  let left: number = LIMITS.weights;
  return (w) => ((left -= w.data.length) < 0 ? tooLarge(where, `it has more than ${LIMITS.weights} weights`) : w);
}

function dataset(o: H5Object | null, name: string, where: string): Weight {
  const values = o?.values() ?? damaged(where, `the weights "${clip(name)}" are missing`);
  return { name, ...values };
}

/** Recurrent layers keep their weights in their cell. */
const cellOf = (type: string): string => (["LSTM", "GRU", "SimpleRNN"].includes(type) ? "/cell" : "");

/** `model.weights.h5` of a .keras file: `layers/dense/vars/0`. Keras 2.12 to 2.15 call the outermost group otherwise. */
export function byPath(root: H5Object, where: string): WeightSource {
  const pay = budget(where);
  const old = root.at("layers") === null;
  const own = (l: KerasLayer): readonly Weight[] => {
    const path = `${l.path}${cellOf(l.type)}/vars`;
    const group = root.at(old ? path.replaceAll(/(^|\/)layers\//g, "$1_layer_checkpoint_dependencies/") : path);
    return (group?.names() ?? []).filter((n) => /^\d+$/.test(n)).sort((a, b) => Number(a) - Number(b)).map((n) => pay(dataset(group?.at(n) ?? null, `${path}/${n}`, l.where)));
  };
  const all = (l: KerasLayer): readonly Weight[] => (l.inner.length > 0 ? l.inner.flatMap(all) : own(l));
  return (l) => {
    // A Bidirectional of Keras 2 does not say that its backward layer is the mirror of the forward one.
    const [first] = l.inner;
    return l.type === "Bidirectional" && first && l.inner.length === 1 ? [...all(first), ...all({ ...first, path: first.path.replace(/forward_layer$/, "backward_layer") })] : all(l);
  };
}

/** Long lists of names are split over several attributes. */
function namesIn(group: H5Object, key: string): readonly string[] {
  const whole = group.texts(key);
  if (whole) return whole;
  const out: string[] = [];
  for (let k = 0; k < LIMITS.layers; k++) {
    const part = group.texts(`${key}${k}`);
    if (!part) break;
    out.push(...part);
  }
  return out;
}

/** Whether a weight belongs to a layer inside a model: the layer's name is a part of the weight's. */
const belongs = (name: string, layer: string): boolean => name.split("/").slice(0, -1).includes(layer);

/** Groups of a .h5 file, one for each layer, each with the names of its weights. */
export function byName(root: H5Object, where: string): WeightSource {
  const pay = budget(where);
  const groups = root.at("model_weights") ?? root;
  return (l) => {
    const [outer = l.name] = l.names;
    const group = groups.at(outer);
    if (!group) return [];
    return namesIn(group, "weight_names").filter((n) => l.names.length === 1 || belongs(n, l.name)).map((n) => pay(dataset(group.at(n), n, l.where)));
  };
}

/** A flat list, as TensorFlow.js writes it. */
export function fromList(weights: readonly Weight[]): WeightSource {
  return (l) => {
    const all = weights.filter((w) => belongs(w.name, l.name));
    const within = all.filter((w) => l.names.every((n) => belongs(w.name, n)));
    return within.length > 0 ? within : all;
  };
}
