/** Golden vectors: inputs and outputs of a network that another runtime computed, as a JSON description beside a file of raw values. */
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import type { Table } from "../data/table.js";
import { fail } from "../ir/diagnostics.js";
import { inputTensors, type Program } from "../ir/program.js";
import { arrayFrom, elements, scaleAt, zeroAt, type DType, type Tensor, type TypedArray } from "../ir/types.js";
import { unreadable } from "./files.js";

export interface Golden {
  readonly file: string;
  /** State is kept from case to case; else every case starts from rest. */
  readonly stateful: boolean;
  /** Device inputs: per case, every input in the program's types. */
  readonly inputs: readonly (readonly TypedArray[])[];
  /** Per case, every output: the scores, then the others. */
  readonly outputs: readonly (readonly TypedArray[])[];
}

type Json = Readonly<Record<string, unknown>>;
const CURE = "Give a description in the form of the project's fixtures: cases, data, inputs and outputs with shape, dtype, offset, byteLength.";
const bad = (where: string, what: string): never => fail("golden/bad-file", where, what, CURE);

const types: Readonly<Record<string, { readonly dtype: DType; readonly bytes: number; readonly read: (v: DataView, at: number) => number }>> = {
  int8: { dtype: "i8", bytes: 1, read: (v, at) => v.getInt8(at) }, uint8: { dtype: "u8", bytes: 1, read: (v, at) => v.getUint8(at) },
  int16: { dtype: "i16", bytes: 2, read: (v, at) => v.getInt16(at, true) }, int32: { dtype: "i32", bytes: 4, read: (v, at) => v.getInt32(at, true) },
  float32: { dtype: "f32", bytes: 4, read: (v, at) => v.getFloat32(at, true) },
};

const isObject = (v: unknown): v is Json => typeof v === "object" && v !== null && !Array.isArray(v);
const whole = (v: unknown, where: string): number => (Number.isSafeInteger(v) && (v as number) >= 0 ? (v as number) : bad(where, "a whole number is wanted"));

/** The cases of one tensor. */
function tensorOf(v: unknown, raw: Uint8Array, cases: number, want: Tensor, where: string): readonly TypedArray[] {
  if (!isObject(v)) return bad(where, "a tensor is wanted");
  const type = Object.hasOwn(types, String(v["dtype"])) ? types[String(v["dtype"])] : undefined;
  if (!type) return bad(`${where}.dtype`, `"${String(v["dtype"]).slice(0, 20)}" is none of ${Object.keys(types).join(", ")}`);
  const [offset, bytes] = [whole(v["offset"], `${where}.offset`), whole(v["byteLength"], `${where}.byteLength`)];
  const each = bytes / cases / type.bytes;
  if (each !== elements(want)) bad(where, `${bytes} bytes in ${cases} cases are ${each} values of ${type.dtype} each, the model has ${elements(want)} in ${want.name}`);
  if (offset + bytes > raw.length) bad(where, `bytes ${offset} to ${offset + bytes} of a file of ${raw.length}`);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Array.from({ length: cases }, (_, c) => arrayFrom(type.dtype, Array.from({ length: each }, (__, i) => type.read(view, offset + (c * each + i) * type.bytes))));
}

function ports(doc: Json, key: "inputs" | "outputs", raw: Uint8Array, cases: number, wanted: readonly Tensor[], file: string): readonly (readonly TypedArray[])[] {
  const given = doc[key];
  if (!Array.isArray(given) || given.length !== wanted.length) return bad(`${file}: ${key}`, `${Array.isArray(given) ? given.length : "no"} ${key}, the model has ${wanted.length}`);
  const all = wanted.map((t, i) => tensorOf(given[i], raw, cases, t, `${file}: ${key}[${i}]`));
  return Array.from({ length: cases }, (_, c) => all.map((a) => a[c] as TypedArray));
}

/** Inputs must have the program's own types: they are given to the device as they are. */
function checkTypes(inputs: readonly (readonly TypedArray[])[], wanted: readonly Tensor[], file: string): void {
  inputs[0]?.forEach((a, i) => {
    const t = wanted[i] as Tensor;
    if (arrayFrom(t.dtype, []).constructor !== a.constructor) bad(`${file}: inputs[${i}]`, `${a.constructor.name} values, the model wants ${t.dtype}`);
  });
}

/** @throws CoincellError golden/… where the description, the values and the model do not agree */
export async function readGolden(file: string, p: Program): Promise<Golden> {
  const text = await readFile(file, "utf8").catch(unreadable(file));
  let doc: unknown;
  try {
    doc = JSON.parse(text);
  } catch (e) {
    return bad(file, `this is no JSON document: ${e instanceof Error ? e.message.slice(0, 80) : ""}`);
  }
  if (!isObject(doc) || typeof doc["data"] !== "string") return bad(file, "this describes no golden vectors");
  if (isAbsolute(doc["data"])) return bad(`${file}: data`, "an absolute path");
  const cases = whole(doc["cases"], `${file}: cases`);
  if (cases < 1) bad(`${file}: cases`, "there are none");
  const data = join(dirname(file), doc["data"]);
  const raw = await readFile(data).catch(unreadable(data));
  const wanted = inputTensors(p);
  const inputs = ports(doc, "inputs", raw, cases, wanted, file);
  checkTypes(inputs, wanted, file);
  return { file, stateful: doc["stateful"] !== undefined && doc["stateful"] !== false, inputs, outputs: ports(doc, "outputs", raw, cases, [p.scoresView, ...p.moreOutputs.map((t) => p.tensors[t] as Tensor)], file) };
}

const real = (a: TypedArray, t: Tensor): number[] => Array.from(a, (q, i) => (t.quant ? scaleAt(t.quant, i) * (q - zeroAt(t.quant, i)) : q));

/** The same inputs in real units, for the float model. */
export function goldenTable(g: Golden, p: Program): Table {
  const tensors = inputTensors(p);
  const rows = g.inputs.map((row) => Float64Array.from(row.flatMap((a, i) => real(a, tensors[i] as Tensor))));
  return { features: Array.from({ length: rows[0]?.length ?? 0 }, (_, i) => `f${i}`), rows, labels: null };
}
