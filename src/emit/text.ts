/** Small pieces of C text: names, numbers, arrays. */
import { cTypes } from "../ir/params.js";
import { dtypeOf, type DType, type TypedArray } from "../ir/types.js";

/** A header of this name would stand before one that the C includes, or a source before the harness's. */
const taken = new Set(["stdint", "string", "coincell", "entry", "stddef", "stdio", "time"]);

/** A C identifier from any name; never empty, never starting with a digit or with the prefix of the kernels. */
export function identifier(name: string): string {
  const s = name.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
  const whole = s.slice(0, 64).replace(/_$/, "");
  return whole === "" ? "model" : /^[0-9]|^cell(_|$)/.test(whole) ? `m_${whole}` : taken.has(whole) ? `${whole}_model` : whole;
}

export function cType(d: DType): string {
  if (d === "f64") throw new Error("f64 has no C type on a device");
  return cTypes[d];
}

/** A literal that gives exactly `v` in the C type of `d`. */
export function literal(v: number, d: DType): string {
  if (d === "f32") return floatLiteral(v);
  if (d === "i32" && v === -(2 ** 31)) return "(-2147483647 - 1)";
  return d === "u32" || d === "u16" && v > 32767 ? `${v}U` : String(v);
}

export function floatLiteral(v: number): string {
  const s = String(Math.fround(v) === v && Math.abs(v) < 1e7 && Number.isInteger(v) ? v : Number(Math.fround(v).toPrecision(9)));
  return `${/[.e]/.test(s) ? s : `${s}.0`}f`;
}

/** `static const T name[n] CELL_ROM_DATA = { … };`, 16 numbers a line. */
export function romArray(name: string, values: TypedArray): string {
  const d = dtypeOf(values);
  const words = Array.from(values, (v) => literal(v, d));
  const lines: string[] = [];
  for (let i = 0; i < words.length; i += 16) lines.push(`    ${words.slice(i, i + 16).join(", ")},`);
  return `static const ${cType(d)} ${name}[${values.length}] CELL_ROM_DATA = {\n${lines.join("\n")}\n};\n`;
}

/** Text that is safe inside a C comment and a C string. */
export const comment = (s: string): string =>
  s.replace(/[^\x20-\x7e]/g, "?").replace(/\?(?=\?)/g, "? ").replace(/\*(?=\/)/g, "* ").replace(/\/(?=\*)/g, "/ ");
export const stringLiteral = (s: string): string =>
  `"${[...new TextEncoder().encode(s)].map((b) => (b >= 0x20 && b < 0x7f && b !== 0x22 && b !== 0x5c && b !== 0x3f ? String.fromCharCode(b) : `\\${b.toString(8).padStart(3, "0")}`)).join("")}"`;
