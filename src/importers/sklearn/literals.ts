/** The text opcodes of pickle protocol 0: numbers and quoted strings on a line; source of truth: CPython's `pickletools.py`. */
import { clip, damaged } from "./limits.js";

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\\": "\\", "'": "'", '"': '"', a: "\x07", b: "\b", f: "\f", v: "\v" };
const CODE = /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([\s\S]))/g;

function integer(text: string, where: string): number | bigint {
  if (!/^[+-]?\d{1,255}$/.test(text)) return damaged(where, `"${clip(text)}" is not an integer`);
  const v = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return v >= -(2n ** 53n) && v <= 2n ** 53n ? Number(v) : v;
}

function float(text: string, where: string): number {
  const special = /^([+-]?)(nan|inf|infinity)$/i.exec(text);
  if (special !== null) return special[2]?.toLowerCase() === "nan" ? NaN : special[1] === "-" ? -Infinity : Infinity;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : damaged(where, `"${clip(text)}" is not a number`);
}

function quoted(text: string, where: string): string {
  const quote = text.at(0);
  if (text.length < 2 || (quote !== "'" && quote !== '"') || text.at(-1) !== quote) return damaged(where, "a string has no quotes");
  return text.slice(1, -1).replaceAll(CODE, (_, hex?: string, octal?: string, letter = "") => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255);
    return ESCAPES[letter] ?? `\\${letter}`;
  });
}

function rawUnicode(text: string, where: string): string {
  return text.replaceAll(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short?: string, full?: string) => {
    const point = Number.parseInt(short ?? full ?? "", 16);
    return point > 0x10ffff ? damaged(where, "a string holds an invalid character") : String.fromCodePoint(point);
  });
}

export type LineKind = "int" | "long" | "float" | "string" | "unicode";

/** One line of a text opcode. `int` also carries protocol 0's booleans (`00`, `01`). */
export function parseLine(kind: LineKind, text: string, where: string): boolean | number | bigint | string {
  switch (kind) {
    case "int": return text === "00" ? false : text === "01" ? true : integer(text, where);
    case "long": return integer(text.endsWith("L") ? text.slice(0, -1) : text, where);
    case "float": return float(text, where);
    case "string": return quoted(text, where);
    case "unicode": return rawUnicode(text, where);
  }
}
