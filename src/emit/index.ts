/** A model as C files: one header, one source (and a C++ header for old sketches); plain C99, no heap, no library calls, all constants in flash. */
import type { Program, Step } from "../ir/op.js";
import { bytesOf, count, elements, type Tensor } from "../ir/types.js";
import { answerType, header } from "./header.js";
import { shim } from "./shim.js";
import { emitNetwork, networkEntry, type Glue } from "./network.js";
import type { EmitRequest } from "./request.js";
import { runtimeFor } from "./runtime.js";
import { emitStep, type EmittedStep } from "./step.js";
import { convertFunction, labelFunction } from "./parts.js";
import { comment, cType, identifier } from "./text.js";

export type { Measured } from "./header.js";
export { inPlace } from "./network.js";
export type { Arena, EmitRequest } from "./request.js";
export type { Form, KernelSource } from "./step.js";
export { layerFlags, layerGlue, layerHash, layerName, layerRow, WINDOW, type LayerGlue } from "./network-layers.js";
export type { Glue } from "./network.js";
export { identifier } from "./text.js";

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
      lines.push(`    ${cType(tensor.dtype)} ${name}[${elements(tensor)}]; /* ${comment(tensor.name)} */`);
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
  const copy = p.scores === p.input ? [`    for (uint8_t i = 0; i < ${elements(p.scoresView)}; i++)`, "        scores[i] = x[i];"] : [];
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
  const n = elements(p.scoresView);
  const first = `    ${m}_score_t scores[${n}];\n`;
  if (p.label === null) return [`${open}${first}    ${m}_scores(x, scores);\n    return scores[0];\n}\n`];
  const b = stepCalls(`${m}_decide_`, p, parts(p).label, new Map([[p.input, "x"], [p.scores, "scores"], [p.label, "answer"]]), request);
  return [...b.texts, `${open}${first}    ${answerType(p)} answer[1] = { 0 };\n    ${m}_scores(x, scores);\n${ordered(b.lines)}\n    return answer[0];\n}\n`];
}

export function emitC(request: EmitRequest): ReadonlyMap<string, string> {
  const { program: p, arena } = request;
  if (arena) return emitNetwork(request, arena);
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
export function entry(p: Program, what: Glue, network = false): { readonly text: string; readonly inBytes: number; readonly outBytes: number } {
  if (network) return networkEntry(p, what, (t) => bytesOf(t.dtype) * count(t.shape));
  const m = identifier(p.name);
  const call = what === "answer" ? `*(${m}_answer_t *)out = ${m}_predict((const ${m}_input_t *)in);` : `${m}_scores((const ${m}_input_t *)in, (${m}_score_t *)out);`;
  const x = p.tensors[p.input] as Tensor;
  return {
    text: `#include "${m}.h"\nvoid cell_entry(const void *in, void *out);\nvoid cell_entry(const void *in, void *out)\n{\n    ${call}\n}\n`,
    inBytes: bytesOf(x.dtype) * count(x.shape),
    outBytes: what === "answer" ? bytesOf((p.tensors[p.label ?? p.scores] as Tensor).dtype) : bytesOf(p.scoresView.dtype) * count(p.scoresView.shape),
  };
}
