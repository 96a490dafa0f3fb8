/** {@link TfliteModel} → a .tflite file that `readTflite` reads back as the same data, and TensorFlow Lite loads. */
import { FlatBuilder } from "./builder.js";
import type { Member } from "./codec.js";
import { write } from "./encode.js";
import { codeKey, type OperatorCode, type TfliteModel, type TfliteOperator, type TfliteTensor } from "./types.js";
import { OPERATORS, PLACEHOLDER } from "./operators.js";
import { OPTIONS, OPTIONS_2 } from "./options.js";
import { IDENTIFIER, MODEL, type RawModel, type RawOperator, type RawTensor } from "./schema.js";

export interface WriteOptions {
  /** Puts constants behind the FlatBuffer (schema 3c), as converters do for models beyond 2 GB. */
  readonly buffersOutside?: boolean;
}

type RawBuffer = RawModel["buffers"][number];

/** Constants in order of first use, each once; number 0 is the empty one that computed tensors name. */
class Pool {
  readonly list: (Uint8Array | null)[] = [null];
  private readonly numbers = new Map<Uint8Array, number>();

  number(data: Uint8Array | null): number {
    if (data === null) return 0;
    const known = this.numbers.get(data);
    if (known !== undefined) return known;
    this.numbers.set(data, this.list.push(data) - 1);
    return this.list.length - 1;
  }
}

/** The model's own list first, then codes that only operators name. */
function codeTable(m: TfliteModel): ReadonlyMap<string, { readonly index: number; readonly code: OperatorCode }> {
  const table = new Map<string, { readonly index: number; readonly code: OperatorCode }>();
  for (const code of [...m.operatorCodes, ...m.subgraphs.flatMap((g) => g.operators)]) {
    if (!table.has(codeKey(code))) table.set(codeKey(code), { index: table.size, code });
  }
  return table;
}

function rawCode(c: OperatorCode): RawModel["operatorCodes"][number] {
  const code = OPERATORS.indexOf(c.name);
  if (code < 0) throw new Error(`${c.name} is no builtin operator`);
  return { oldCode: Math.min(code, PLACEHOLDER), customCode: c.customCode, version: c.version, code };
}

function rawTensor(t: TfliteTensor, pool: Pool): RawTensor {
  const quantized = t.scale.length > 0 || t.zeroPoint.length > 0 || t.quantizedDimension !== 0 || t.otherQuantization !== null;
  return {
    shape: t.shape, type: t.type, buffer: pool.number(t.data), name: t.name, isVariable: t.isVariable, sparsity: t.sparsity,
    quantization: quantized
      ? { min: [], max: [], scale: t.scale, zeroPoint: t.zeroPoint, details: t.otherQuantization, quantizedDimension: t.quantizedDimension }
      : null,
    shapeSignature: t.shapeSignature, hasRank: true, variantTensors: [], externalBuffer: 0,
  };
}

function rawOperator(o: TfliteOperator, opcode: number): RawOperator {
  const options: Member | null = o.optionsType === null ? null : { type: o.optionsType, value: o.options };
  if (options && !OPTIONS.has(options.type) && !OPTIONS_2.has(options.type)) throw new Error(`${options.type} is no table of options`);
  const second = options !== null && OPTIONS_2.has(options.type);
  return {
    opcode, inputs: o.inputs, outputs: o.outputs, options: second ? null : options, options2: second ? options : null,
    customOptions: o.customOptions, customOptionsFormat: 0, mutatingInputs: [], intermediates: o.intermediates,
    largeOffset: 0, largeSize: 0, debugMetadata: -1,
  };
}

function rawModel(m: TfliteModel, pool: Pool): Omit<RawModel, "buffers"> {
  const codes = codeTable(m);
  return {
    version: m.version, description: m.description, operatorCodes: [...codes.values()].map((c) => rawCode(c.code)),
    subgraphs: m.subgraphs.map((g) => ({
      tensors: g.tensors.map((t) => rawTensor(t, pool)), inputs: g.inputs, outputs: g.outputs,
      operators: g.operators.map((o) => rawOperator(o, codes.get(codeKey(o))?.index ?? 0)), name: g.name, debugMetadata: -1,
    })),
    metadataBuffer: [], metadata: m.metadata.map((x) => ({ name: x.name, buffer: pool.number(x.data) })),
    signatures: m.signatures.map((s) => ({ ...s, deprecatedTag: "" })),
  };
}

function build(raw: Omit<RawModel, "buffers">, buffers: readonly RawBuffer[]): Uint8Array {
  const b = new FlatBuilder();
  const head = b.reserve(8, 4);
  for (let i = 0; i < IDENTIFIER.length; i++) b.scalar(head + 4 + i, "u8", IDENTIFIER.charCodeAt(i));
  b.refer(head, write(b, MODEL, { ...raw, buffers }));
  return b.finish();
}

function buildOutside(raw: Omit<RawModel, "buffers">, pool: Pool): Uint8Array {
  const place = (start: number): { readonly buffers: RawBuffer[]; readonly end: number } => {
    let end = start;
    const buffers = pool.list.map((data): RawBuffer => {
      if (data === null) return { data: null, offset: 0, size: 0 };
      const offset = end;
      end = Math.ceil((offset + data.length) / 16) * 16;
      return { data: null, offset, size: data.length };
    });
    return { buffers, end };
  };
  // Offsets have a fixed width, so a first build with any offsets tells how long the FlatBuffer will be.
  const { buffers, end } = place(build(raw, place(16).buffers).length);
  const flat = build(raw, buffers);
  const out = new Uint8Array(end);
  out.set(flat);
  pool.list.forEach((data, i) => { if (data) out.set(data, buffers[i]?.offset); });
  return out;
}

/** The bytes depend on nothing but the model. */
export function writeTflite(m: TfliteModel, options: WriteOptions = {}): Uint8Array {
  const pool = new Pool();
  const raw = rawModel(m, pool);
  return options.buffersOutside === true ? buildOutside(raw, pool) : build(raw, pool.list.map((data) => ({ data, offset: 0, size: 0 })));
}
