/** One step of a program as C: its flash arrays, its kernel under the types of this model, its constants, and the call. */
import type { AnyOp, Program, Step, Unrolled } from "../ir/op.js";
import { dtypeOf, type Tensor, type TypedArray } from "../ir/types.js";
import { findOp } from "../ops/registry.js";
import { paramsStruct, typeMacros } from "./params-header.js";
import { cType, comment, literal, romArray } from "./text.js";
import { unrolledFunction } from "./unrolled.js";

/** `table`: a loop over constants in flash; `inline`: straight code, where the operator has that form. */
export type Form = "table" | "inline";

/** Text of an operator's kernel file: `("tree_ensemble", "kernel.c")`. */
export type KernelSource = (op: string, file: `kernel${string}.c`) => string | null;

export interface EmittedStep {
  readonly text: string;
  /** The call, given the C names of the tensors, and of the scratch memory where the step needs some. */
  readonly call: (names: readonly string[], scratch?: string | null) => string;
}

/** Kernels that stand in the file already, by their text and types: the name of the function that each defines. */
export type Instances = Map<string, string>;

/** Arrays that stand in the file already, by type and values. */
export type Arrays = Map<string, string>;

/** What layers share. */
export interface Shared {
  readonly instances: Instances | null;
  readonly arrays: Arrays;
}

/** The array of this name, or the name of one with the same elements. */
function sharedArray(name: string, values: TypedArray, arrays: Arrays): { readonly name: string; readonly text: string } {
  const key = `${dtypeOf(values)} ${new Uint8Array(values.buffer, values.byteOffset, values.byteLength).join()}`;
  const known = arrays.get(key);
  if (known !== undefined) return { name: known, text: "" };
  arrays.set(key, name);
  return { name, text: romArray(name, values) };
}

const lengthType = (v: number): string => (v < 256 ? "uint8_t" : v < 65536 ? "uint16_t" : "uint32_t");

/** Type of each macro the kernel is written in. */
function macroTypes(op: AnyOp, step: Step, tensors: readonly Tensor[]): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  op.inputs.forEach((n, i) => types.set(`${n.toUpperCase()}_T`, cType(tensors[step.inputs[i] ?? 0]?.dtype ?? "i32")));
  op.outputs.forEach((n, i) => types.set(`${n.toUpperCase()}_T`, cType(tensors[step.outputs[i] ?? 0]?.dtype ?? "i32")));
  for (const [n, kind] of Object.entries(op.params)) {
    const v = step.params[n];
    if (kind === "rom") types.set(`${n.toUpperCase()}_T`, cType(dtypeOf(v as TypedArray)));
    if (kind === "len") types.set(`${n.toUpperCase()}_T`, lengthType(v as number));
  }
  return types;
}

/** Names of all functions a kernel defines: each instance gets its own, so that two of a kind can stand in one file. */
const definedNames = (kernel: string): string[] => [...kernel.matchAll(/^static (?:inline )?[\w ]+?[ *](cell_\w+)\(/gm)].map((m) => m[1] ?? "");

/** How the kernel reads each operand that may be a constant: from flash, or from memory. */
const accessors = (op: AnyOp, step: Step, kernel: string, tensors: readonly Tensor[]): (readonly [string, string])[] =>
  op.inputs.flatMap((n, i) => {
    const name = `${n.toUpperCase()}_AT`;
    const t = tensors[step.inputs[i] ?? 0];
    if (!t || !kernel.includes(`${name}(`)) return [];
    return [[`${name}(p, i)`, t.data ? `CELL_ROM(${cType(t.dtype)}, (p) + (i))` : "((p)[i])"] as const];
  });

function kernelText(step: Step, program: Program, sources: KernelSource): string {
  // In float arithmetic trees still give integer sums; what reads those needs the integer kernel.
  const real = step.real ?? (program.arithmetic === "float" && program.tensors[step.inputs[0] ?? 0]?.dtype === "f32");
  const file = findOp(step.op).variants?.find((v) => v.name === step.variant)?.file ?? step.variant;
  const kernel = file === undefined ? ((real ? sources(step.op, "kernel.f32.c") : null) ?? sources(step.op, "kernel.c")) : sources(step.op, `kernel.${file}.c`);
  if (kernel === null) throw new Error(`${step.op}: no kernel for ${program.arithmetic} arithmetic`);
  return kernel.replace(/^#include "params[\w.]*\.generated\.h"\n/m, "").trim();
}

/** `{ const T *const xs[] = { … }; f(&constants, xs, y); }`: the first operand stands any number of times. */
function variadicCall(name: string, step: Step, program: Program): EmittedStep["call"] {
  const type = cType((program.tensors[step.inputs[0] ?? 0] as Tensor).dtype);
  return (names) => {
    const xs = names.slice(0, step.inputs.length);
    return `const ${type} *const xs[] = { ${xs.join(", ")} };\n    ${name}, xs, ${names.slice(xs.length).join(", ")});`;
  };
}

function tableStep(name: string, step: Step, plain: AnyOp, program: Program, sources: KernelSource, { instances, arrays: pool }: Shared): EmittedStep {
  const op = { ...plain, params: plain.variants?.find((v) => v.name === step.variant)?.params ?? plain.params };
  const kernel = kernelText(step, program, sources);
  const types = macroTypes(op, step, program.tensors);
  const macros = [...typeMacros(op).map((m) => [m, types.get(m) ?? "int32_t"] as const), ...accessors(op, step, kernel, program.tensors)];
  const key = JSON.stringify([step.op, kernel, macros]);
  const known = instances?.get(key);
  const instance = known ?? name;
  instances?.set(key, instance);
  const renames = [`cell_${step.op}_params`, ...definedNames(kernel)].map((n) => [n, n.replace(`cell_${step.op}`, name).replace(/^cell_/, `${name}_`)] as const);
  const defines = [...macros, ...renames];
  const arrays = new Map(Object.entries(op.params).filter(([, k]) => k === "rom").map(([n]) => [n, sharedArray(`${name}_${n}`, step.params[n] as TypedArray, pool)] as const));
  const fields = Object.entries(op.params).map(([n, k]) => `.${n} = ${k === "rom" ? (arrays.get(n)?.name ?? "") : k === "len" ? String(step.params[n]) : literal(step.params[n] as number, k)}`);
  const params = fields.length > 0;
  const code = [...defines.map(([a, b]) => `#define ${a} ${b}`), params ? paramsStruct(op) : "", kernel, ...defines.map(([a]) => `#undef ${a.replace(/\(.*/, "")}`)];
  const text = [
    ...[...arrays.values()].map((a) => a.text), ...(known === undefined ? code : []),
    params ? `static const ${instance}_params ${name}_constants = {\n    ${fields.join(",\n    ")},\n};\n` : "",
  ].filter((t) => t !== "").join("\n");
  const head = `${instance}(${params ? `&${name}_constants` : ""}`;
  if (op.variadic) return { text, call: variadicCall(head, step, program) };
  return { text, call: (names, scratch) => `${head}${params ? ", " : ""}${[...names, ...(scratch ? [scratch] : [])].join(", ")});` };
}

export function unrolledOf(step: Step, program: Program): Unrolled | null {
  return findOp(step.op).unroll?.(step.params, step.inputs.map((t) => program.tensors[t] as Tensor)) ?? null;
}

/** @param shared kernels (null: every step gets its own) and arrays in flash that steps share */
export function emitStep(name: string, step: Step, program: Program, form: Form, sources: KernelSource, shared: Shared = { instances: null, arrays: new Map() }): EmittedStep {
  const op = findOp(step.op);
  const straight = form === "inline" ? unrolledOf(step, program) : null;
  const shapes = step.inputs.map((t) => program.tensors[t]?.shape.join("x")).join(", ");
  const head = `/* ---- ${comment(step.name)}: ${op.doc} ; (${shapes}) -> (${step.outputs.map((t) => program.tensors[t]?.shape.join("x")).join(", ")}) */\n`;
  if (!straight) {
    const made = tableStep(name, step, op, program, sources, shared);
    return { text: head + made.text, call: made.call };
  }
  const x = program.tensors[step.inputs[0] ?? 0] as Tensor;
  const y = program.tensors[step.outputs[0] ?? 0] as Tensor;
  return { text: head + unrolledFunction(name, straight, x, y), call: (names) => `${name}(${names.join(", ")});` };
}
