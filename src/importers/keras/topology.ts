/** Models as layers and their uses: Sequential and Functional, in the forms of Keras 2, Keras 3 and TensorFlow.js. */
import { fail } from "../../ir/diagnostics.js";
import { optionsOf, type Options } from "./config.js";
import { firstOf, isList, isObject, list, object, own, type Json, type JsonObject } from "./json.js";
import { clip, damaged, LIMITS, tooLarge } from "./limits.js";
import { refuseUnsupported } from "./supported.js";

/** An output of a use of a layer. */
export interface Ref { readonly layer: string; readonly node: number; readonly output: number }

export interface KerasLayer {
  readonly name: string;
  readonly type: string;
  readonly where: string;
  readonly options: Options;
  /** Path of its weights in a .keras file. */
  readonly path: string;
  /** Names of the models that hold it, and its own. */
  readonly names: readonly string[];
  /** Operands of each use. */
  readonly calls: readonly (readonly Ref[])[];
  /** Shape without the batch, where the layer says it. */
  readonly shape: readonly (number | null)[] | null;
  /** The layers inside a wrapper, or the model that is used as a layer. */
  readonly inner: readonly KerasLayer[];
  readonly model: KerasModel | null;
}

export interface KerasModel {
  readonly layers: readonly KerasLayer[];
  readonly inputs: readonly Ref[];
  readonly outputs: readonly Ref[];
}

export const SEQUENTIAL = "Sequential";
export const isModel = (type: string): boolean => type === SEQUENTIAL || type === "Functional" || type === "Model";

/** The class of a layer or model; classes of the user's own keep their name, whatever they call themselves. */
export function typeOf(raw: JsonObject): string | null {
  const [type, module, registered] = ["class_name", "module", "registered_name"].map((k) => own(raw, k));
  const foreign = typeof module === "string" ? !/^(keras|tf_keras|tensorflow)\b/.test(module) : typeof registered === "string" && registered.includes(">");
  return typeof type !== "string" ? null : foreign ? `custom ${clip(typeof registered === "string" ? registered : type)}` : type;
}

/** Layers whose weights stand in parts of them: each under its own path. */
const wrappers: Readonly<Record<string, readonly (readonly [field: string, path: string])[]>> = {
  TimeDistributed: [["layer", "layer"]],
  Bidirectional: [["layer", "forward_layer"], ["backward_layer", "backward_layer"]],
};
const partsOf = (type: string): readonly (readonly [string, string])[] => (Object.hasOwn(wrappers, type) ? wrappers[type] ?? [] : []);

/** Types and names of all layers, those inside others included, without reading more of them. */
export function namedLayers(v: Json | undefined): readonly { readonly type: string; readonly name: string }[] {
  if (!isObject(v)) return [];
  const [type, config] = [typeOf(v) ?? "", own(v, "config")];
  const inner = isList(config) ? config : isObject(config) && isModel(type) ? own(config, "layers") : isObject(config) ? partsOf(type).map(([field]) => own(config, field) ?? null) : [];
  const name = (isObject(config) ? own(config, "name") : undefined) ?? own(v, "name");
  return [{ type, name: typeof name === "string" ? name : type }, ...(isList(inner) ? inner : []).filter((l) => l !== null).flatMap(namedLayers)];
}

/** What a reader of models has met so far. */
interface Walk { readonly file: string; layers: number }
interface Place { readonly path: string; readonly names: readonly string[]; readonly depth: number }

/** As Keras names what it saves: `BatchNormalization` is `batch_normalization`. */
const snake = (type: string): string => type.replaceAll(/\W+/g, "").replaceAll(/(.)([A-Z][a-z]+)/g, "$1_$2").replaceAll(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();

function counter(): (name: string) => string {
  const used = new Map<string, number>();
  return (name) => {
    const n = used.get(name) ?? 0;
    used.set(name, n + 1);
    return n === 0 ? name : `${name}_${n}`;
  };
}

function shapeOf(config: JsonObject, where: string): readonly (number | null)[] | null {
  const v = firstOf(config, "batch_shape", "batch_input_shape");
  const bare = own(config, "input_shape");
  const found = isList(v) ? v.slice(1) : isList(bare) ? bare : null;
  if (!found) return null;
  return found.map((d) => (d === null || (typeof d === "number" && Number.isInteger(d) && d >= 1 && d <= 1_000_000) ? d : damaged(where, "its input shape is no list of lengths")));
}

const isPlace = (n: Json | undefined): n is number => typeof n === "number" && Number.isInteger(n) && n >= 0;

/** `[layer, node, output]`, or the history of a Keras 3 tensor. */
function readRef(v: readonly Json[], where: string): Ref {
  const [layer, node, output] = v;
  return typeof layer === "string" && isPlace(node) && isPlace(output) ? { layer, node, output } : damaged(where, "a connection between layers is damaged");
}

/** Tensors among the arguments of a Keras 3 call. */
function tensorsIn(v: Json, where: string, out: Ref[] = []): Ref[] {
  if (out.length > LIMITS.calls) return tooLarge(where, "it has too many operands");
  if (isList(v)) for (const x of v) tensorsIn(x, where, out);
  else if (isObject(v) && own(v, "class_name") === "__keras_tensor__") out.push(readRef(list(own(object(own(v, "config"), where, "a tensor"), "keras_history"), where, "the history of a tensor"), where));
  return out;
}

/** Arguments that change what is computed: a state, a mask, a second operand given by name. */
function checkArguments(kwargs: Json | undefined, where: string): void {
  const given = isObject(kwargs) ? Object.keys(kwargs).filter((k) => own(kwargs, k) !== undefined && k !== "training" && !(k === "mask" && !tensorsIn(own(kwargs, k) ?? null, where).length)) : [];
  if (given.length > 0) fail("keras/arguments", where, `it is called with ${given.map((g) => clip(g)).join(", ")}`, "Supported: layers that are called with their inputs alone.");
}

/** One use of a layer. Keras 2 writes a list of `[layer, node, output, arguments]`, Keras 3 an object. */
function readCall(v: Json, where: string): readonly Ref[] {
  if (isObject(v)) {
    checkArguments(own(v, "kwargs"), where);
    const args = list(own(v, "args"), where, "the operands of a call");
    const constant = args.slice(1).some((a) => a !== null && tensorsIn(a, where).length === 0);
    return constant ? fail("keras/arguments", where, "it is called with constants", "Supported: layers that are called with the outputs of others.") : tensorsIn(args, where);
  }
  const items = list(v, where, "the operands of a call");
  const all = typeof items[0] === "string" ? [items] : items.map((i) => list(i, where, "the operand of a call"));
  all.forEach((i) => checkArguments(i[3], where));
  return all.map((i) => readRef(i, where));
}

/** Inputs or outputs of a model: one reference, or lists and tables of them. */
function readRefs(v: Json | undefined, where: string): readonly Ref[] {
  if (isList(v)) return typeof v[0] === "string" ? [readRef(v, where)] : v.flatMap((x) => readRefs(x, where));
  if (isObject(v)) return Object.keys(v).toSorted().flatMap((k) => readRefs(own(v, k), where));
  return damaged(where, "its inputs or outputs are not named");
}

function readLayer(v: Json, at: Place, w: Walk): KerasLayer {
  const raw = object(v, w.file, "a layer");
  const type = typeOf(raw) ?? damaged(w.file, "its configuration lacks the type of a layer");
  const config = object(own(raw, "config"), w.file, `the settings of a ${clip(type)}`);
  const name = firstOf(config, "name") ?? own(raw, "name") ?? type;
  if (typeof name !== "string") return damaged(w.file, `a ${clip(type)} has no name`);
  const where = `${w.file}: layer ${clip(name, 80)}`;
  if (++w.layers > LIMITS.layers) return tooLarge(w.file, `it has more than ${LIMITS.layers} layers`);
  if (at.depth > LIMITS.depth) return tooLarge(where, `models and layers are nested more than ${LIMITS.depth} deep`);
  const names = [...at.names, name];
  const within = (path: string): Place => ({ path: `${at.path}/${path}`, names, depth: at.depth + 1 });
  const nested = isModel(type);
  const calls = own(raw, "inbound_nodes");
  return {
    name, type, where, names, path: at.path, options: nested ? {} : optionsOf(config, where), shape: shapeOf(config, where),
    calls: isList(calls) ? calls.map((c) => readCall(c, where)) : [],
    inner: partsOf(type).flatMap(([field, path]) => { const part = own(config, field); return part === undefined ? [] : [readLayer(part, within(path), w)]; }),
    model: nested ? readModel(type, config, { ...at, names, depth: at.depth + 1 }, w) : null,
  };
}

const chainRef = (layer: KerasLayer | undefined): readonly Ref[] => (layer ? [{ layer: layer.name, node: 0, output: 0 }] : []);

/** Layer after layer. Where no InputLayer stands in front, one is made. */
function sequential(layers: readonly KerasLayer[], config: JsonObject, where: string): KerasModel {
  const built = own(config, "build_input_shape");
  const [first] = layers;
  if (!first) return damaged(where, "the model has no layers");
  const shape = first.shape ?? (isList(built) ? shapeOf({ batch_shape: built }, where) : null) ?? innerShape(first);
  const names = new Set(layers.map((l) => l.name));
  if (names.size < layers.length) return damaged(where, "two layers have one name");
  const front: KerasLayer = { ...first, name: `${first.name}/input`, type: "InputLayer", options: {}, calls: [], inner: [], model: null, shape };
  const all = first.type === "InputLayer" ? layers : [front, ...layers];
  const chained = all.map((l, i) => ({ ...l, calls: i === 0 ? [] : [chainRef(all[i - 1])] }));
  return { layers: chained, inputs: chainRef(chained[0]), outputs: chainRef(chained.at(-1)) };
}

/** The input shape of a model that stands in front of a chain. */
function innerShape(l: KerasLayer): KerasLayer["shape"] {
  const input = l.model?.inputs[0]?.layer;
  return l.model?.layers.find((i) => i.name === input)?.shape ?? null;
}

export function readModel(type: string, config: JsonObject, at: Place, w: Walk): KerasModel {
  const where = at.names.length > 0 ? `${w.file}: model ${clip(at.names.at(-1) ?? "", 80)}` : w.file;
  const unique = counter();
  const layers = list(own(config, "layers"), where, "its layers").map((v) => {
    const kind = isObject(v) ? own(v, "class_name") : undefined;
    return readLayer(v, { ...at, path: `${at.path}${at.path === "" ? "" : "/"}layers/${unique(snake(typeof kind === "string" ? kind : ""))}` }, w);
  });
  if (type === SEQUENTIAL) return sequential(layers, config, where);
  if (new Set(layers.map((l) => l.name)).size < layers.length) return damaged(where, "two layers have one name");
  return { layers: layers.map((l) => (l.type === "InputLayer" ? { ...l, calls: [] } : l)), inputs: readRefs(own(config, "input_layers"), where), outputs: readRefs(own(config, "output_layers"), where) };
}

/** The model that a configuration describes. @throws CoincellError naming every layer that is not supported, before all else. */
export function readTopology(v: Json, file: string): KerasModel {
  const raw = object(v, file, "a model");
  const type = typeOf(raw) ?? damaged(file, "its configuration lacks the type of the model");
  if (!isModel(type)) return fail("keras/subclassed", file, `it is a model of the class ${clip(type)}, whose computation is Python code`, "Supported: Sequential and Functional models. Rebuild it with keras.Sequential or keras.Model(inputs, outputs), copy the weights, and save again.");
  const config = own(raw, "config");
  refuseUnsupported(namedLayers(raw), file);
  // The oldest form of Sequential is a bare list of layers.
  return readModel(type, isList(config) ? { layers: config } : object(config, file, "its settings"), { path: "", names: [], depth: 0 }, { file, layers: 0 });
}
