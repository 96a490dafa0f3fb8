/** Functions that every emitted model has: conversion from real units, names of labels. */
import { conversion, convertible } from "../ir/conversion.js";
import type { Program } from "../ir/op.js";
import { bytesOf, elements, isInt, type Tensor } from "../ir/types.js";
import { floatLiteral, romArray, stringLiteral } from "./text.js";

/** `<m>_convert`: floats in the model's own units to device input; of an input that is handed over by rows, one row. */
export function convertFunction(m: string, p: Program): string {
  const x = p.tensors[p.input] as Tensor;
  const [line] = p.rows && !p.rows.resident ? p.rows.lines : [];
  const n = line ? line.bytes / bytesOf(x.dtype) : elements(x);
  const open = `void ${m}_convert(const float *units, ${m}_input_t *x)\n{\n`;
  const loop = `    for (${n > 65535 ? "uint32_t" : "uint16_t"} i = 0; i < ${n}; i++)`;
  if (!isInt(x.dtype)) return `${open}${loop}\n        x[i] = units[i];\n}\n`;
  const pairs = Array.from({ length: n }, (_, i) => conversion(x, i));
  const [lo, hi] = convertible(x.dtype);
  const inverse = Float32Array.from(pairs, (c) => c.inverse);
  const zero = Float32Array.from(pairs, (c) => c.zero);
  const same = inverse.every((v) => v === inverse[0]) && zero.every((v) => v === zero[0]);
  const arrays = same ? "" : romArray(`${m}_input_inverse`, inverse) + romArray(`${m}_input_zero`, zero);
  const scaled = same ? `units[i] * ${floatLiteral(inverse[0] ?? 1)} + ${floatLiteral(zero[0] ?? 0)}` : `units[i] * CELL_ROM(float, ${m}_input_inverse + i) + CELL_ROM(float, ${m}_input_zero + i)`;
  return `${arrays}${open}${loop} {
        float v = ${scaled};
        v = v < ${floatLiteral(lo)} ? ${floatLiteral(lo)} : v > ${floatLiteral(hi)} ? ${floatLiteral(hi)} : v;
        x[i] = (${m}_input_t)(v < 0.0f ? v - 0.5f : v + 0.5f);
    }
}
`;
}

/** `<m>_label`: the name of a label, from flash. */
export function labelFunction(m: string, p: Program): string {
  if (p.label === null) return "";
  const text = p.labels.map((l) => stringLiteral(String(l).replaceAll("\0", ""))).join(' "\\0"\n    ');
  return `static const char ${m}_label_text[] CELL_ROM_DATA =\n    ${text === "" ? '""' : text};

const char *${m}_label(${m}_answer_t label)
{
    const char *text = ${m}_label_text;
    for (; label > 0; label--) {
        while (CELL_ROM(int8_t, (const int8_t *)text) != 0)
            text++;
        text++;
    }
    return text;
}
`;
}
