/** Networks with golden outputs of TensorFlow Lite Micro: `test/fixtures/int8`, and the larger set beside the repository where it is present. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { importModel } from "../../src/importers/index.js";
import { arrayFrom, bytesOf, type DType, type Graph, type TypedArray } from "../../src/ir/types.js";

interface Block { readonly dtype: string; readonly offset: number; readonly byteLength: number }
interface Facts { readonly name: string; readonly model: string; readonly data: string; readonly cases: number; readonly inputs: readonly Block[]; readonly outputs: readonly Block[]; readonly stateful?: string }

export interface Golden {
  readonly name: string;
  readonly graph: () => Graph;
  /** State is kept from case to case; else each case starts at rest. */
  readonly stateful: boolean;
  /** One list of arrays for each case. */
  readonly inputs: readonly (readonly TypedArray[])[];
  readonly outputs: readonly (readonly TypedArray[])[];
}

const dtypes: Readonly<Record<string, DType>> = { int8: "i8", int16: "i16", int32: "i32", uint8: "u8", float32: "f32", bool: "u8" };
const getters: Readonly<Record<string, (v: DataView, at: number) => number>> = {
  i8: (v, at) => v.getInt8(at), u8: (v, at) => v.getUint8(at), i16: (v, at) => v.getInt16(at, true), i32: (v, at) => v.getInt32(at, true), f32: (v, at) => v.getFloat32(at, true),
};

function values(b: Block, view: DataView, cases: number): TypedArray[] {
  const dtype = dtypes[b.dtype] ?? "i8";
  const size = bytesOf(dtype);
  const n = b.byteLength / size / cases;
  return Array.from({ length: cases }, (_, k) => arrayFrom(dtype, Array.from({ length: n }, (__, i) => getters[dtype]?.(view, b.offset + (k * n + i) * size) ?? 0)));
}

const byCase = (blocks: readonly Block[], view: DataView, cases: number): TypedArray[][] => {
  const all = blocks.map((b) => values(b, view, cases));
  return Array.from({ length: cases }, (_, k) => all.map((a) => a[k] as TypedArray));
};

function read(file: URL): Golden {
  const f = JSON.parse(readFileSync(file, "utf8")) as Facts;
  const raw = readFileSync(new URL(f.data, file));
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const graph = (): Graph => importModel(readFileSync(new URL(f.model, file)), f.model);
  return { name: f.name, graph, stateful: f.stateful !== undefined, inputs: byCase(f.inputs, view, f.cases), outputs: byCase(f.outputs, view, f.cases) };
}

const committed = new URL("../fixtures/int8/", import.meta.url);
const beside = new URL("../../../shared/fixtures/int8/", import.meta.url);

/** All golden networks at hand; those that are not committed only where the larger set is there. */
export const goldens: readonly { readonly name: string; readonly read: () => Golden }[] = list(existsSync(beside) ? beside : committed);

function list(folder: URL): { readonly name: string; readonly read: () => Golden }[] {
  return readdirSync(folder).filter((f) => f.endsWith(".json")).sort().map((f) => ({ name: f.slice(0, -5), read: () => read(new URL(f, folder)) }));
}
