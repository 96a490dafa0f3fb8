/** The parts of docs/operators.md about networks: formats, types and CPUs of each operator, beside what TensorFlow Lite Micro has. */
import { existsSync } from "node:fs";
import type { AnyOp, NetFormat } from "../src/ir/op.js";
import { allOps } from "../src/ops/registry.js";
import { tflmBuiltins, tflmCustom, tflmSource } from "./tflm-operators.js";

type Table = (head: readonly string[], rows: readonly (readonly string[])[]) => string;

const types: Readonly<Record<string, string>> = { i8: "int8", i16: "int16", f32: "float32", i32: "int32", u8: "uint8" };
const order = Object.keys(types);

const hasFloatKernel = (op: AnyOp): boolean => existsSync(new URL(`../src/ops/${op.family}/${op.name}/kernel.f32.c`, import.meta.url));

/** Element types in which the operator's shared tests run it, and float32 where it has a kernel for it. */
export const typesOf = (op: AnyOp): string => {
  const seen = new Set<string>(hasFloatKernel(op) ? ["f32"] : []);
  for (const c of op.layerCases ?? []) if (c.inputs[0]) seen.add(c.inputs[0].dtype);
  return order.filter((d) => seen.has(d)).map((d) => types[d]).join(", ") || "-";
};
const names = (op: AnyOp, format: NetFormat): readonly string[] => Object.keys(op.net?.[format] ?? {}).sort();
const code = (list: readonly string[]): string => list.map((n) => `\`${n}\``).join(", ") || "-";
const cpus = (op: AnyOp): string => ["every CPU", ...(op.variants ?? []).map((v) => `${v.name} (${v.needs.join(", ") || "any"})`)].join("; ");
const claims = (format: NetFormat): number => allOps.reduce((n, op) => n + names(op, format).length, 0);

export function networkOperators(table: Table): string {
  const ops = allOps.filter((op) => op.net !== undefined || (op.layerCases?.length ?? 0) > 0).sort((a, b) => (a.name < b.name ? -1 : 1));
  return `\n\n## Operators of networks\n\n${ops.length} operators serve ${claims("tflite")} of TensorFlow Lite, ${claims("onnx")} of ONNX, ${claims("keras")} of Keras. Types: those in which the shared tests compare TypeScript and C, and float32 where there is a kernel for it. Kernels: the plain one runs on every CPU, others are taken where the CPU has what they need; all give equal bytes.\n\n${
    table(["operator", "types", "kernels", "TensorFlow Lite", "ONNX", "Keras"], ops.map((op) => [`\`${op.name}\``, typesOf(op), cpus(op), code(names(op, "tflite")), code(names(op, "onnx")), code(names(op, "keras"))]))}`;
}

/** Names that the importer resolves itself: a variable becomes a state tensor, its initialiser runs at import. */
const byImporter: Readonly<Record<string, string>> = { VAR_HANDLE: "a state tensor, made by the importer", CALL_ONCE: "resolved by the importer: the initial value of a state tensor" };

export function tflmTable(table: Table): string {
  const owner = new Map(allOps.flatMap((op) => names(op, "tflite").map((n) => [n, op] as const)));
  const has = (n: string): boolean => owner.has(n) || n in byImporter;
  const custom = tflmCustom.filter((n) => owner.has(`CUSTOM ${n}`));
  const known = tflmBuiltins.filter(has);
  const more = [...owner.keys()].filter((n) => !n.startsWith("CUSTOM ") && !tflmBuiltins.includes(n)).sort();
  const rows = [...tflmBuiltins].map((n) => { const op = owner.get(n); return [`\`${n}\``, op ? `\`${op.name}\`` : (byImporter[n] ?? "-"), op ? typesOf(op) : "-"]; });
  return `\n\n## Beside TensorFlow Lite Micro\n\n${known.length} of its ${tflmBuiltins.length} builtin operators, ${custom.length} of its ${tflmCustom.length} custom ones${custom.length > 0 ? ` (${code(custom)})` : ""}. Not supported: ${code(tflmBuiltins.filter((n) => !has(n)))}. Beyond its list: ${code(more)}. List: ${tflmSource}.\n\n${
    table(["TensorFlow Lite Micro", "coincell", "types"], rows)}`;
}
