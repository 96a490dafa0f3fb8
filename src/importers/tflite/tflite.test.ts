/** .tflite files by hand and real ones: read, written, read again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CoincellError } from "../../ir/diagnostics.js";
import { byteLength, valuesOf, type TensorType } from "./element.js";
import { readTflite, sniffTflite, type TfliteModel } from "./model.js";
import { OPERATORS } from "./operators.js";
import { defaultOptions, OPTIONS, OPTIONS_2 } from "./options.js";
import { operator, sharedFiles, smallModel, tensor } from "./testing.js";
import { writeTflite } from "./write.js";

const code = (want: string) => (e: unknown): boolean => e instanceof CoincellError && e.diagnostic.code === want;
const main = (m: TfliteModel): TfliteModel["subgraphs"][number] => m.subgraphs[0] ?? assert.fail("no graph");

test("tables of the schema: numbers that other sources tell", () => {
  const known = { ADD: 0, CONV_2D: 3, FULLY_CONNECTED: 9, SOFTMAX: 25, CUSTOM: 32, MEAN: 40, UNIDIRECTIONAL_SEQUENCE_LSTM: 44, QUANTIZE: 114, BATCH_MATMUL: 126, CUMSUM: 128, GELU: 150, STABLEHLO_CASE: 209 };
  for (const [name, number] of Object.entries(known)) assert.equal(OPERATORS[number], name);
  assert.equal(OPERATORS.length, 210);
  assert.equal(new Set(OPERATORS).size, 210);
  const options = [...OPTIONS.keys()];
  assert.deepEqual([options.length, options[0], options[7], options[100], options[125]], [126, "Conv2DOptions", "FullyConnectedOptions", "BatchMatMulOptions", "RightShiftOptions"]);
  assert.equal(OPTIONS_2.size, 23);
  assert.deepEqual(defaultOptions("Conv2DOptions"), {
    padding: "SAME", stride_w: 0, stride_h: 0, fused_activation_function: "NONE", dilation_w_factor: 1, dilation_h_factor: 1, quantized_bias_type: "FLOAT32",
  });
  assert.deepEqual(defaultOptions("ResizeBilinearOptions"), { align_corners: false, half_pixel_centers: false });
  assert.equal(defaultOptions("UniqueOptions")?.["idx_out_type"], "INT32");
});

test("the smallest model, laid out by hand: one tensor, the input, and no operator", () => {
  const b = new Uint8Array(136);
  const v = new DataView(b.buffer);
  const words = (at: number, ...w: number[]): void => w.forEach((x, i) => v.setUint16(at + 2 * i, x, true));
  const ints = (at: number, ...w: number[]): void => w.forEach((x, i) => v.setInt32(at + 4 * i, x, true));
  ints(0, 28, 0x334c4654); // root, TFL3
  words(8, 14, 16, 4, 0, 8, 0, 12); // model: version at 4, subgraphs at 8, buffers at 12
  ints(28, 28 - 8, 3, 44 - 36, 124 - 40); // its layout is 20 bytes before it
  ints(44, 1, 60 - 48); // subgraphs: one, at 60
  words(52, 8, 12, 4, 8); // subgraph: tensors at 4, inputs at 8
  ints(60, 60 - 52, 80 - 64, 116 - 68);
  ints(80, 1, 92 - 84); // tensors: one, at 92
  words(88, 4, 4); // tensor: nothing said, so a float32 scalar without a name in buffer 0
  ints(92, 4);
  ints(116, 1, 0); // inputs: [0]
  ints(124, 1, 4, 132 - 88); // buffers: one, at 132, whose layout says nothing either
  const m = readTflite(b, "hand.tflite");
  assert.deepEqual(m.subgraphs, [{ name: "", inputs: [0], outputs: [], operators: [], tensors: [tensor("", [], { type: "FLOAT32", scale: [], zeroPoint: [] })] }]);
  assert.deepEqual(readTflite(writeTflite(m), "again"), m);
});

test("a model of all parts comes back as it was", () => {
  const m = smallModel();
  for (const buffersOutside of [false, true]) {
    const bytes = writeTflite(m, { buffersOutside });
    assert.ok(sniffTflite(bytes));
    const again = readTflite(bytes, "small.tflite");
    assert.deepEqual(again, m);
    assert.deepEqual(writeTflite(again, { buffersOutside }), bytes);
    const t = main(again).tensors;
    assert.equal(t[1]?.data, t[8]?.data, "one buffer, one object");
    assert.equal((t[1]?.data?.byteOffset ?? 1) % 16, 0, "aligned as kernels want it");
  }
});

test("every table of options comes back as it was", () => {
  for (const type of [...OPTIONS.keys(), ...OPTIONS_2.keys()]) {
    const options = Object.fromEntries(Object.entries(defaultOptions(type) ?? {}).map(([k, v]) =>
      [k, typeof v === "number" ? v + 1 : typeof v === "boolean" ? !v : Array.isArray(v) ? [1, 0, 1] : typeof v === "string" && v === "" ? "name" : v]));
    const op = operator("ADD", [0], [1], { optionsType: type, options });
    const m = { ...smallModel(), operatorCodes: [{ name: "ADD", customCode: "", version: 1 }], signatures: [], subgraphs: [{ name: "", tensors: [tensor("x", [1]), tensor("y", [1])], inputs: [0], outputs: [1], operators: [op] }] };
    assert.deepEqual(readTflite(writeTflite(m), type), m);
  }
});

test("operator codes: the larger of the old and the new field counts", () => {
  const m = smallModel();
  const bytes = writeTflite({ ...m, operatorCodes: [], subgraphs: [{ ...main(m), operators: [operator("GELU", [0], [3]), operator("ABS", [3], [7])] }], signatures: [] }, {});
  assert.deepEqual(main(readTflite(bytes, "f")).operators.map((o) => o.name), ["GELU", "ABS"]);
  // As older writers leave it: only the one-byte field.
  const gelu = bytes.findIndex((_, i) => bytes[i] === 150 && bytes[i + 1] === 0 && bytes[i + 4] === 127);
  assert.ok(gelu > 0);
  const old = Uint8Array.from(bytes);
  old.set([0, 0, 0, 0, 3], gelu);
  assert.deepEqual(main(readTflite(old, "f")).operators.map((o) => o.name), ["CONV_2D", "ABS"]);
  old.set([250, 0, 0, 0], gelu);
  assert.throws(() => readTflite(old, "f"), code("tflite/unknown-operator"));
});

const values = (type: TensorType, shape: readonly number[], ...data: number[]): unknown => valuesOf(tensor("c", shape, { type, data: Uint8Array.from(data) }), "f");

test("constants as numbers", () => {
  assert.deepEqual(values("INT4", [3], 0x7f, 0x08), Int8Array.of(-1, 7, -8));
  assert.deepEqual(values("UINT4", [3], 0x7f, 0x08), Uint8Array.of(15, 7, 8));
  assert.deepEqual(values("INT2", [5], 0b11100100, 0b10), Int8Array.of(0, 1, -2, -1, -2));
  assert.deepEqual(values("INT64", [2], 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 1, 0, 0, 0), Float64Array.of(-1, 2 ** 32));
  assert.deepEqual(values("FLOAT16", [4], 0, 0x3c, 0, 0xc0, 1, 0, 0, 0x7c), Float32Array.of(1, -2, 2 ** -24, Infinity));
  assert.deepEqual(values("BFLOAT16", [1], 0x80, 0xbf), Float32Array.of(-1));
  assert.deepEqual(values("BOOL", [2], 0, 7), Uint8Array.of(0, 1));
  assert.deepEqual(values("INT16", [], 1, 128), Int16Array.of(-32767));
  assert.deepEqual(values("FLOAT32", [1], 0, 0, 128, 63), Float32Array.of(1));
  assert.deepEqual(values("INT8", [0, 4]), new Int8Array());
  assert.throws(() => values("INT64", [1], 0, 0, 0, 0, 0, 0, 32, 0), code("tflite/constant-range"));
  assert.throws(() => values("INT8", [4], 1, 2, 3), code("tflite/constant-size"));
  assert.throws(() => values("INT4", [4], 1, 2, 3), code("tflite/constant-size"));
  assert.throws(() => values("STRING", [1], 1), code("tflite/element-type"));
  assert.deepEqual([byteLength("INT4", 3), byteLength("INT64", 2), byteLength("STRING", 1)], [2, 16, null]);
});

for (const folder of ["models", "fixtures/int8"] as const) {
  const files = sharedFiles(folder);
  test(`real files of ${folder}: read, written, read again`, { skip: files ? false : `no ../shared/${folder} on this machine` }, () => {
    assert.ok(files && files.length >= 15);
    for (const { name, bytes } of files) {
      const m = readTflite(bytes, name);
      assert.deepEqual(readTflite(writeTflite(m), name), m, name);
      assert.deepEqual(readTflite(writeTflite(m, { buffersOutside: true }), name), m, name);
      for (const t of main(m).tensors) if (t.data && t.type !== "STRING") assert.equal(valuesOf(t, name).length, t.shape.reduce((a, b) => a * b, 1));
    }
  });
}

test("what stands in a real file", { skip: sharedFiles("models") ? false : "no ../shared/models on this machine" }, () => {
  const file = sharedFiles("models")?.find((f) => f.name === "kws_ref_model.tflite") ?? assert.fail();
  const g = main(readTflite(file.bytes, file.name));
  const input = g.tensors[g.inputs[0] ?? -1];
  assert.deepEqual([input?.type, input?.shape, input?.zeroPoint], ["INT8", [1, 49, 10, 1], [83]]);
  assert.equal(input?.scale[0], Math.fround(0.584702909));
  assert.deepEqual(g.operators.map((o) => o.name), [
    "CONV_2D", ...Array.from({ length: 4 }, () => ["DEPTHWISE_CONV_2D", "CONV_2D"]).flat(), "AVERAGE_POOL_2D", "RESHAPE", "FULLY_CONNECTED", "SOFTMAX",
  ]);
  assert.deepEqual(g.operators[0]?.options, { ...defaultOptions("Conv2DOptions"), stride_w: 2, stride_h: 2, fused_activation_function: "RELU" });
  assert.equal(g.operators.at(-1)?.options["beta"], 1);
});
