/** A model as C files: one header, one source (and a C++ header for old sketches); plain C99, no heap, no library calls, all constants in flash. */
import { conversion } from "../ir/conversion.js";
import type { Program, Step } from "../ir/op.js";
import { bytesOf, count, limits, isInt, type Tensor } from "../ir/types.js";
import { answerType, header, type Measured } from "./header.js";
import { shim } from "./shim.js";
import { runtimeFor } from "./runtime.js";
import { emitStep, type EmittedStep, type Form, type KernelSource } from "./step.js";
import { comment, cType, floatLiteral, identifier, romArray, stringLiteral } from "./text.js";

export type { Measured } from "./header.js";
export type { Form, KernelSource } from "./step.js";
export { identifier } from "./text.js";

/** What is emitted: the whole program, and the shorter one that only finds the label (null: the same one). */
export interface EmitRequest {
  readonly program: Program;
  readonly labelProgram: Program | null;
  readonly form: Form;
  readonly sources: KernelSource;
  /** `coincell.h` with its arch headers pasted in. */
  readonly runtime: string;
  readonly measured: Measured | null;
}

interface Body {
  readonly texts: readonly string[];
  readonly lines: readonly string[];
}

/** Steps as calls over local arrays; `given` are tensors that have a C name already. */
function stepCalls(prefix: string, program: Program, steps: readonly Step[], given: ReadonlyMap<number, string>, request: EmitRequest): Body {
  const names = new Map(given);
  const lines: string[] = [];
  const texts: string[] = [];
  for (const [i, step] of steps.entries()) {
    const made: EmittedStep = emitStep(`${prefix}${step.op}_${i}`, step, program, request.form, request.sources);
    texts.push(made.text);
    for (const t of step.outputs) {
      if (names.has(t)) continue;
      const tensor = program.tensors[t] as Tensor;
      const name = `t${t}`;
      names.set(t, name);
      lines.push(`    ${cType(tensor.dtype)} ${name}[${tensor.shape[0] ?? 1}]; /* ${comment(tensor.name)} */`);
    }
    lines.push(`    ${made.call([...step.inputs, ...step.outputs].map((t) => names.get(t) ?? "x"))}`);
  }
  return { texts, lines };
}

/** Declarations first: C99 allows mixing, but a reader wants the memory in one place. */
const ordered = (lines: readonly string[]): string => [...lines.filter((l) => l.includes("]; /*")), ...lines.filter((l) => !l.includes("]; /*"))].join("\n");

function scoresFunction(m: string, p: Program, steps: readonly Step[], request: EmitRequest): Body {
  const given = new Map([[p.input, "x"], [p.scores, "scores"]]);
  const b = stepCalls(`${m}_`, p, steps, given, request);
  const copy = p.scores === p.input ? [`    for (uint8_t i = 0; i < ${p.scoresView.shape[0] ?? 1}; i++)`, "        scores[i] = x[i];"] : [];
  return { texts: [...b.texts, `void ${m}_scores(const ${m}_input_t *x, ${m}_score_t *scores)\n{\n${ordered([...b.lines, ...copy])}\n}\n`], lines: [] };
}

/** Steps the scores need, and the steps that only the label needs. */
function parts(p: Program): { readonly scores: readonly Step[]; readonly label: readonly Step[] } {
  const needed = new Set([p.scores]);
  const scores = new Set<Step>();
  for (const s of [...p.steps].reverse()) {
    if (!s.outputs.some((t) => needed.has(t))) continue;
    scores.add(s);
    s.inputs.forEach((t) => needed.add(t));
  }
  return { scores: p.steps.filter((s) => scores.has(s)), label: p.steps.filter((s) => !scores.has(s)) };
}

function predictFunction(m: string, request: EmitRequest): string[] {
  const { program: p, labelProgram: short } = request;
  const open = `${m}_answer_t ${m}_predict(const ${m}_input_t *x)\n{\n`;
  if (short) {
    const b = stepCalls(`${m}_label_`, short, short.steps, new Map([[short.input, "x"], [short.label ?? -1, "answer"]]), request);
    return [...b.texts, `${open}    ${answerType(p)} answer[1] = { 0 };\n${ordered(b.lines)}\n    return answer[0];\n}\n`];
  }
  const n = p.scoresView.shape[0] ?? 1;
  const first = `    ${m}_score_t scores[${n}];\n`;
  if (p.label === null) return [`${open}${first}    ${m}_scores(x, scores);\n    return scores[0];\n}\n`];
  const b = stepCalls(`${m}_decide_`, p, parts(p).label, new Map([[p.input, "x"], [p.scores, "scores"], [p.label, "answer"]]), request);
  return [...b.texts, `${open}${first}    ${answerType(p)} answer[1] = { 0 };\n    ${m}_scores(x, scores);\n${ordered(b.lines)}\n    return answer[0];\n}\n`];
}

function convertFunction(m: string, p: Program): string {
  const x = p.tensors[p.input] as Tensor;
  const n = x.shape[0] ?? 0;
  const open = `void ${m}_convert(const float *units, ${m}_input_t *x)\n{\n`;
  const loop = `    for (uint16_t i = 0; i < ${n}; i++)`;
  if (!isInt(x.dtype)) return `${open}${loop}\n        x[i] = units[i];\n}\n`;
  const pairs = Array.from({ length: n }, (_, i) => conversion(x, i));
  const [lo, hi] = limits(x.dtype);
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

function labelFunction(m: string, p: Program): string {
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

export function emitC(request: EmitRequest): ReadonlyMap<string, string> {
  const { program: p } = request;
  const m = identifier(p.name);
  const scores = scoresFunction(m, p, parts(p).scores, request);
  const body = [...scores.texts, ...predictFunction(m, request), convertFunction(m, p), labelFunction(m, p)].join("\n");
  const source = [
    `/* ${m}: ${comment(p.source)}. Made by coincell; the kernels below are copied as they stand in its operators. */`,
    `#include "${m}.h"\n`, runtimeFor(request.runtime, body), body,
  ].join("\n");
  return new Map([[`${m}.h`, header(p, request.measured)], [`${m}.c`, source], [`${m}_eloquent.h`, shim(p)]]);
}

/** The glue between a board's harness and the model: one row of input, the answer (or the scores) back. */
export function entry(p: Program, what: "answer" | "scores"): { readonly text: string; readonly inBytes: number; readonly outBytes: number } {
  const m = identifier(p.name);
  const call = what === "answer" ? `*(${m}_answer_t *)out = ${m}_predict((const ${m}_input_t *)in);` : `${m}_scores((const ${m}_input_t *)in, (${m}_score_t *)out);`;
  const x = p.tensors[p.input] as Tensor;
  return {
    text: `#include "${m}.h"\nvoid cell_entry(const void *in, void *out);\nvoid cell_entry(const void *in, void *out)\n{\n    ${call}\n}\n`,
    inBytes: bytesOf(x.dtype) * count(x.shape),
    outBytes: what === "answer" ? bytesOf((p.tensors[p.label ?? p.scores] as Tensor).dtype) : bytesOf(p.scoresView.dtype) * count(p.scoresView.shape),
  };
}
