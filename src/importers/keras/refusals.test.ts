/** What is not supported is named with its layer and a cure, before all else; nothing of the file is executed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CoincellError } from "../../ir/diagnostics.js";
import { importModel } from "../index.js";

type Layer = Readonly<Record<string, unknown>>;
const layer = (type: string, config: Layer, more: Layer = {}): Layer => ({ class_name: type, config: { name: `my_${type.toLowerCase()}`, ...config }, ...more });
const input = (...shape: readonly (number | null)[]): Layer => layer("InputLayer", { batch_input_shape: [null, ...shape] });
const sequential = (...layers: readonly Layer[]): Uint8Array => Buffer.from(JSON.stringify({ format: "layers-model", modelTopology: { class_name: "Sequential", config: { layers } } }));

const refused = (bytes: Uint8Array, what: RegExp, cure: RegExp): void =>
  assert.throws(() => importModel(bytes, "m.json"), (e) => e instanceof CoincellError && what.test(`${e.diagnostic.where}: ${e.diagnostic.what}`) && cure.test(e.diagnostic.cure) || assert.fail(String(e)));

const code = { class_name: "__lambda__", config: { code: "4wEAAAAAAAAAAAAAAAIAAAADAAAA", defaults: null, closure: null } };

const cases: readonly (readonly [string, Uint8Array, RegExp, RegExp])[] = [
  ["a Lambda, whatever else is wrong before it", sequential(input(3), layer("Dense", { activation: { class_name: "Custom>f", config: "f" } }), layer("Lambda", { function: code })), /Lambda \(my_lambda\)/, /Python code, which is never run/],
  ["several at once", sequential(input(3), layer("MultiHeadAttention", {}), layer("Masking", {}), layer("Dense", {})), /2 of 4 layers.*MultiHeadAttention.*Masking/, /GRU.*fixed length/],
  ["a layer of the user's own", sequential(input(3), layer("Dense", {}, { module: null, registered_name: "Custom>Dense" })), /custom Custom>Dense/, /Supported/],
  ["a class of the user's own", sequential(input(3), layer("Dense", {}, { module: "__main__", registered_name: "Dense" })), /custom Dense/, /Supported/],
  ["one inside a wrapper", sequential(input(3, 2), layer("TimeDistributed", { layer: layer("Lambda", {}) })), /Lambda/, /never run/],
  ["one inside a model", sequential(input(3), layer("Sequential", { layers: [input(3), layer("Lambda", {})] })), /Lambda/, /never run/],
  ["channels first", sequential(input(3, 4, 4), layer("MaxPooling2D", { pool_size: [2, 2], data_format: "channels_first" })), /my_maxpooling2d.*channels_first/, /channels_last/],
  ["an open length", sequential(input(null, 4), layer("ReLU", {})), /\(batch, any, 4\)/, /keras.Input of fixed lengths/],
  ["no input shape", sequential(layer("ReLU", {})), /shape of the input/, /keras.Input/],
  ["an activation of the user's own", sequential(input(3), layer("Activation", { activation: { class_name: "function", config: "mine" } })), /activation mine/, /Supported: linear, relu/],
  ["quantised weights", sequential(input(3), layer("Dense", { dtype: { class_name: "QuantizedDTypePolicy", config: { mode: "int8" } } })), /quantised by Keras/, /before model.quantize/],
  ["missing weights", sequential(input(3), layer("Dense", {})), /weight 0 is missing/, /model.save/],
  ["return_state", sequential(input(4, 2), layer("LSTM", { return_state: true })), /return_state/, /return_state=False/],
  ["another axis", sequential(input(4, 2), layer("BatchNormalization", { axis: [1] })), /axis 1/, /last axis/],
  ["a relu with a threshold", sequential(input(4), layer("ReLU", { threshold: 1 })), /threshold 1/, /threshold 0/],
  ["cubic", sequential(input(4, 4, 1), layer("UpSampling2D", { size: [2, 2], interpolation: "bicubic" })), /bicubic/, /nearest, bilinear/],
  ["a wrapped convolution", sequential(input(4, 4, 4, 1), layer("TimeDistributed", { layer: layer("MaxPooling2D", {}) })), /TimeDistributed\(MaxPooling2D\)/, /Dense/],
  ["a subclass", Buffer.from(JSON.stringify({ format: "layers-model", modelTopology: { class_name: "MyModel", config: {} } })), /class MyModel.*Python code/, /Sequential and Functional/],
  ["a graph model", Buffer.from(JSON.stringify({ format: "graph-model", modelTopology: { node: [] } })), /graph model/, /tfjs_layers_model/],
];
for (const [title, bytes, what, cure] of cases) test(title, () => refused(bytes, what, cure));

test("the class of a layer may be named like a property of every object", () => {
  for (const name of ["constructor", "toString", "hasOwnProperty"]) refused(sequential(input(3), layer(name, {})), new RegExp(name), /Supported/);
});

test("layers that do nothing leave no node", () => {
  const graph = importModel(sequential(input(3), layer("Dropout", { rate: 0.5 }), layer("Activation", { activation: "linear" }), layer("ReLU", { max_value: 6 }), layer("GaussianNoise", {})), "m.json");
  assert.deepEqual(graph.nodes.map((n) => n.op), ["rectify"]);
});
