/** A .tflite file → {@link TfliteModel}, inert data: the border between untrusted bytes and the operators that claim them. */
import { fail } from "../../ir/diagnostics.js";
import { checkModel } from "./check.js";
import { decode } from "./decode.js";
import { FlatReader } from "./flatbuffer.js";
import { OPERATORS, PLACEHOLDER } from "./operators.js";
import { IDENTIFIER, MODEL, type RawModel, type RawOperator, type RawTensor } from "./schema.js";
import { codeKey, type OperatorCode, type TfliteModel, type TfliteOperator, type TfliteTensor } from "./types.js";

export type * from "./types.js";

const MAX_BYTES = 64 * 2 ** 20;

/** Bytes outside the FlatBuffer, counted from the start of the file; offsets 0 and 1 say that there are none. */
function outside(bytes: Uint8Array, offset: number, size: number, where: string): Uint8Array | null {
  if (offset <= 1 || size === 0) return null;
  if (offset < 0 || size < 0 || offset + size > bytes.length) {
    fail("tflite/damaged", where, `${size} bytes are announced at byte ${offset} of a file of ${bytes.length}`,
      "The file is truncated; copy it again, or convert the model again");
  }
  return bytes.subarray(offset, offset + size);
}

function codeOf(raw: RawModel["operatorCodes"][number], i: number, file: string): OperatorCode {
  // Writers before schema 3a know only the one-byte field; later ones fill both, with a placeholder in it for what does not fit.
  const number = Math.max(raw.oldCode, raw.code);
  const name = OPERATORS[number];
  if (name === undefined || number === PLACEHOLDER) {
    return fail("tflite/unknown-operator", `${file}: operator code ${i}`, `operator number ${number} is not known`,
      `Numbers 0 to ${OPERATORS.length - 1} are; convert the model with an older TensorFlow, or the file is damaged`);
  }
  return { name, customCode: raw.customCode, version: raw.version };
}

/** What an unsigned index of the file leads to. */
function at<T>(list: readonly T[], index: number, what: string, where: string): T {
  if (index < list.length) return list[index] as T;
  return fail("tflite/damaged", where, `it names ${what} ${index} of ${list.length}`, "The file is damaged; convert the model again");
}

function tensorOf(raw: RawTensor, buffers: readonly (Uint8Array | null)[], where: string): TfliteTensor {
  if (raw.externalBuffer !== 0) {
    fail("tflite/external-data", where, "its data lie in another file", "Convert the model with its weights inside the .tflite file");
  }
  const q = raw.quantization;
  // Old converters gave a bias the dimension of its weights; a list has only one.
  const quantizedDimension = raw.shape.length === 1 ? 0 : q?.quantizedDimension ?? 0;
  return {
    name: raw.name, type: raw.type, shape: raw.shape, shapeSignature: raw.shapeSignature,
    data: at(buffers, raw.buffer, "buffer", where),
    scale: q?.scale ?? [], zeroPoint: q?.zeroPoint ?? [], quantizedDimension, otherQuantization: q?.details ?? null,
    isVariable: raw.isVariable, sparsity: raw.sparsity,
  };
}

function operatorOf(raw: RawOperator, codes: readonly OperatorCode[], bytes: Uint8Array, where: string): TfliteOperator {
  const options = raw.options ?? raw.options2;
  return {
    ...at(codes, raw.opcode, "operator code", where),
    inputs: raw.inputs, outputs: raw.outputs, intermediates: raw.intermediates,
    optionsType: options?.type ?? null, options: options?.value ?? {},
    customOptions: raw.customOptions ?? outside(bytes, raw.largeOffset, raw.largeSize, where),
  };
}

function readRaw(bytes: Uint8Array, file: string): RawModel {
  if (bytes.length > MAX_BYTES) {
    fail("tflite/too-large", file, `the file has ${bytes.length} bytes`, `Files of up to ${MAX_BYTES} bytes are read; this one fits no microcontroller`);
  }
  const reader = new FlatReader(bytes, file);
  if (!sniffTflite(bytes)) reader.broken(`bytes 4 to 7 are not "${IDENTIFIER}"`, 4);
  const raw = decode(reader, MODEL, reader.target(0));
  if (raw.version !== 3) {
    fail("tflite/version", file, `schema version ${raw.version}`, "Version 3 is read, which TensorFlow has written since 2018; convert the model again");
  }
  return raw;
}

/**
 * Reads a whole file and checks that all of its indices, shapes and the order of its operators make sense.
 * @throws CoincellError `tflite/…`, in time and memory bounded by the length of the file.
 */
export function readTflite(source: Uint8Array, file: string): TfliteModel {
  // A Node Buffer would pass its own class on to every constant.
  const bytes = new Uint8Array(source.buffer, source.byteOffset, source.length);
  const raw = readRaw(bytes, file);
  const codes = raw.operatorCodes.map((c, i) => codeOf(c, i, file));
  const buffers = raw.buffers.map((b, i) => b.data ?? outside(bytes, b.offset, b.size, `${file}: buffer ${i}`));
  const model: TfliteModel = {
    version: raw.version, description: raw.description,
    operatorCodes: [...new Map(codes.map((c) => [codeKey(c), c])).values()],
    subgraphs: raw.subgraphs.map((g, s) => ({
      name: g.name, inputs: g.inputs, outputs: g.outputs,
      tensors: g.tensors.map((t, i) => tensorOf(t, buffers, `${file}: subgraph ${s}: tensor ${i} "${t.name}"`)),
      operators: g.operators.map((o, i) => operatorOf(o, codes, bytes, `${file}: subgraph ${s}: operator ${i}`)),
    })),
    metadata: raw.metadata.map((m) => ({ name: m.name, data: at(buffers, m.buffer, "buffer", `${file}: metadata "${m.name}"`) })),
    signatures: raw.signatures.map(({ key, subgraph, inputs, outputs }) => ({ key, subgraph, inputs, outputs })),
  };
  checkModel(model, bytes.length, file);
  return model;
}

/** True when the bytes begin like a .tflite file. */
export function sniffTflite(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && [...IDENTIFIER].every((c, i) => bytes[4 + i] === c.charCodeAt(0));
}
