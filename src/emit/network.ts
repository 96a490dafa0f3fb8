/** A network as C: one static block of memory with every tensor at its planned place, one function for each layer, constants in flash. */
import type { Program } from "../ir/op.js";
import { elements, zeroAt, type Tensor } from "../ir/types.js";
import { answerType } from "./header.js";
import type { Arena, EmitRequest } from "./request.js";
import { networkHeader } from "./network-header.js";
import { rowCounts, rowFunctions, rowLayer } from "./network-rows.js";
import { convertFunction, labelFunction } from "./parts.js";
import { runtimeFor } from "./runtime.js";
import { emitStep, type Shared } from "./step.js";
import { comment, cType, identifier, romArray } from "./text.js";

const inputsOf = (p: Program): readonly number[] => [p.input, ...p.moreInputs];
const outputsOf = (p: Program): readonly number[] => [p.scores, ...p.moreOutputs];

/** `m_t5`: the C name of a tensor. */
const nameOf = (m: string, t: number): string => `${m}_t${t}`;

function tensorLines(m: string, p: Program, arena: Arena): string[] {
  return [...arena.offsets].sort((a, b) => a[0] - b[0]).map(([t, at]) => {
    const { dtype, shape, name } = p.tensors[t] as Tensor;
    return `#define ${nameOf(m, t)} ((${cType(dtype)} *)(void *)(${m}_memory() + ${at})) /* (${shape.join(", ")}) ${comment(name)} */`;
  });
}

/** Constants that kernels read as operands, and what states start with. */
function constantArrays(m: string, p: Program): string[] {
  const read = new Set(p.steps.flatMap((s) => s.inputs));
  return p.tensors.flatMap((t, i) => (t.data && read.has(i) ? [romArray(nameOf(m, i), t.data)] : t.start ? [romArray(`${nameOf(m, i)}_start`, t.start)] : []));
}

interface Layers { readonly texts: readonly string[]; readonly calls: readonly string[] }

function layers(m: string, p: Program, arena: Arena, request: EmitRequest): Layers {
  // Kernels shared by layers of one kind are smaller; one for each layer lets the compiler fold the layer's constants into it.
  const shared: Shared = { instances: request.form === "table" ? new Map() : null, arrays: new Map() };
  const texts: string[] = [];
  const calls = p.steps.map((s, k) => {
    const name = `${m}_${k}_${s.op}`;
    const made = emitStep(`${name}_kernel`, s, p, "table", request.sources, shared);
    const at = arena.scratch.get(k);
    const scratch = at === undefined ? null : `${m}_memory() + ${at}`;
    if (p.rows && k < p.rows.steps) {
      texts.push(`${made.text}\n${rowLayer(m, p, p.rows, k, made.call, name, scratch, (t) => nameOf(m, t))}`);
      return "";
    }
    const call = made.call([...s.inputs, ...s.outputs].map((t) => nameOf(m, t)), scratch);
    texts.push(`${made.text}\nstatic CELL_LAYER void ${name}(void)\n{\n    ${call}\n    CELL_BARRIER();\n}\n`);
    return `    ${name}();`;
  });
  return { texts, calls };
}

function stateLines(m: string, p: Program): string[] {
  const first = (t: Tensor, i: number): string => (t.start ? `CELL_ROM(${cType(t.dtype)}, ${nameOf(m, i)}_start + i)` : String(t.quant ? zeroAt(t.quant, 0) : 0));
  return p.tensors.flatMap((t, i) => (t.state ? [`    for (${elements(t) > 65535 ? "uint32_t" : "uint16_t"} i = 0; i < ${elements(t)}; i++)\n        ${nameOf(m, i)}[i] = ${first(t, i)};`] : []));
}

const sizeOf = (p: Program, t: number): string => `${elements(p.tensors[t])} * sizeof(${cType((p.tensors[t] as Tensor).dtype)})`;

/** What the header promises, around `<m>_run`. */
function face(m: string, p: Program): string {
  const score = p.tensors[p.scores] as Tensor;
  // What comes row by row is in memory as a whole only where that was asked for.
  const whole = p.rows?.resident === false ? p.moreInputs : inputsOf(p);
  const places = [
    ...whole.map((t, i) => `${cType((p.tensors[t] as Tensor).dtype)} *${m}_input${i || ""}(void) { return ${nameOf(m, t)}; }`),
    ...outputsOf(p).map((t, i) => `const ${cType((p.tensors[t] as Tensor).dtype)} *${m}_output${i || ""}(void) { return ${nameOf(m, t)}; }`),
  ];
  const answer = p.label === null ? `${nameOf(m, p.scores)}[0]` : `${nameOf(m, p.label)}[0]`;
  return `${places.join("\n")}

static void ${m}_infer(const ${m}_input_t *x)
{
${p.rows ? `    ${m}_head(x);\n    ${m}_tail();` : `    if (x != ${nameOf(m, p.input)})
        memcpy(${nameOf(m, p.input)}, x, ${sizeOf(p, p.input)});
    ${m}_run();`}
}

${answerType(p)} ${m}_predict(const ${m}_input_t *x)
{
    ${m}_infer(x);
    return ${answer};
}
${p.rows ? `
${answerType(p)} ${m}_answer(void)
{
    return ${answer};
}
` : ""}
void ${m}_scores(const ${m}_input_t *x, ${m}_score_t *scores)
{
    ${m}_infer(x);
    for (uint16_t i = 0; i < ${elements(score)}; i++)
        scores[i] = ${nameOf(m, p.scores)}[i];
}
`;
}

/** `<m>_run`, and before it what hands rows to the layers at the head. */
function running(m: string, p: Program, arena: Arena, calls: readonly string[]): readonly string[] {
  if (!p.rows) return [`void ${m}_run(void)\n{\n${calls.join("\n")}\n}\n`];
  const head = rowFunctions(m, p, p.rows, arena, (k) => `${m}_${k}_${p.steps[k]?.op ?? ""}`, calls.slice(p.rows.steps));
  return p.rows.resident ? [head, `void ${m}_run(void)\n{\n    ${m}_head(${nameOf(m, p.input)});\n    ${m}_tail();\n}\n`] : [head];
}

export function emitNetwork(request: EmitRequest, arena: Arena): ReadonlyMap<string, string> {
  const { program: p } = request;
  const m = identifier(p.name);
  const made = layers(m, p, arena, request);
  const states = stateLines(m, p);
  const body = [
    `/* All tensors of the network, each at the place it has while it lives. */\nstatic uint8_t ${m}_arena[${Math.max(arena.bytes, 1)}] CELL_ALIGNED;\nCELL_INLINE uint8_t *${m}_memory(void) { return CELL_OPAQUE(${m}_arena); }\n${tensorLines(m, p, arena).join("\n")}\n`,
    ...constantArrays(m, p), ...(p.rows ? [rowCounts(m, p.rows)] : []), ...made.texts,
    ...(states.length > 0 ? [`void ${m}_init(void)\n{\n${states.join("\n")}\n}\n`] : []),
    ...running(m, p, arena, made.calls), face(m, p), convertFunction(m, p), labelFunction(m, p),
  ].join("\n");
  const source = [
    `/* ${m}: ${comment(p.source)}. Made by coincell; the kernels below are copied as they stand in its operators. */`,
    `#include "${m}.h"\n`, runtimeFor(request.runtime, body), body,
  ].join("\n");
  return new Map([[`${m}.h`, networkHeader(p, arena, request.measured)], [`${m}.c`, source]]);
}

/** Bytes of all inputs of one row, and where each begins. */
function pieces(p: Program, list: readonly number[], bytes: (t: Tensor) => number): { readonly at: readonly number[]; readonly total: number } {
  let total = 0;
  const at = list.map((t) => { const here = total; total += bytes(p.tensors[t] as Tensor); return here; });
  return { at, total };
}

/** What the glue gives of a row: the answer, the scores, or (networks only) all outputs and then the answer; `fresh`: the same, every row from the start state; `rows`: the same after the last of the rows of an input that come one by one. */
export type Glue = "answer" | "scores" | "all" | "fresh" | "rows";

/** The glue between a board's harness and a network: all inputs of a row one after the other, all outputs likewise. */
export function networkEntry(p: Program, what: Glue, bytes: (t: Tensor) => number): { readonly text: string; readonly inBytes: number; readonly outBytes: number } {
  const m = identifier(p.name);
  const ins = pieces(p, inputsOf(p), bytes);
  const outs = pieces(p, outputsOf(p), bytes);
  const stateful = p.tensors.some((t) => t.state);
  const whole = what === "all" || what === "fresh" || what === "rows";
  const first = !stateful ? "" : what === "fresh" ? `    ${m}_init();\n` : `    static uint8_t started;\n    if (!started)\n        ${m}_init();\n    started = 1;\n`;
  const more = p.moreInputs.map((t, i) => `    memcpy(${m}_input${i + 1}(), (const uint8_t *)in + ${ins.at[i + 1]}, ${bytes(p.tensors[t] as Tensor)});\n`).join("");
  const all = outputsOf(p).map((t, i) => `    memcpy((uint8_t *)out + ${outs.at[i]}, ${m}_output${i || ""}(), ${bytes(p.tensors[t] as Tensor)});\n`).join("");
  const answer = bytes(p.tensors[p.label ?? p.scores] as Tensor) / (p.label === null ? elements(p.tensors[p.scores]) : 1);
  const last = `    memcpy((uint8_t *)out + ${outs.total}, &answer, ${answer});\n`;
  const row = what === "rows" ? p.rows?.lines[0]?.bytes ?? 0 : 0;
  const call = what === "rows" ? `    memcpy(${m}_row(), in, ${row});\n    if (!${m}_push_row())\n        return;\n    const ${m}_answer_t answer = ${m}_answer();\n${all}${last}` : whole ? `    const ${m}_answer_t answer = ${m}_predict((const ${m}_input_t *)in);\n${all}${last}` : what === "answer" ? `    *(${m}_answer_t *)out = ${m}_predict((const ${m}_input_t *)in);\n` : `    (void)${m}_predict((const ${m}_input_t *)in);\n${all}`;
  return {
    text: `#include <string.h>\n#include "${m}.h"\nvoid cell_entry(const void *in, void *out);\nvoid cell_entry(const void *in, void *out)\n{\n${first}${more}${call}}\n`,
    inBytes: row > 0 ? row : ins.total, outBytes: what === "answer" ? answer : outs.total + (whole ? answer : 0),
  };
}

/**
 * The program of a harness whose input row is the network's own input: nothing is copied, and no byte counted twice, as in a sketch that fills
 * `<m>_input()`. The network's source is included by the glue, because only there its memory has a name.
 */
export function inPlace(p: Program, arena: Arena, files: ReadonlyMap<string, string>, glue: string): ReadonlyMap<string, string> {
  const m = identifier(p.name);
  const at = arena.offsets.get(p.input) ?? 0;
  // The simulator writes to the block behind the compiler's back: it must stand in memory under its name, and not as a common symbol.
  const source = (files.get(`${m}.c`) ?? "").replace(`static uint8_t ${m}_arena[`, `extern uint8_t ${m}_arena[];\n__attribute__((nocommon)) uint8_t ${m}_arena[`);
  const head = `#include "${m}.inc"\nextern uint8_t cell_out[];\nuint8_t cell_out[CELL_OUT_BYTES] __attribute__((aligned(8)));\n__asm__(".global cell_in\\n.set cell_in, ${m}_arena + ${at}\\n");\n`;
  return new Map([...[...files].filter(([path]) => path !== `${m}.c`), [`${m}.inc`, source], ["entry.c", glue.replace(`#include "${m}.h"\n`, head)]]);
}
