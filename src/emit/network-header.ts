/** The header of an emitted network: the only file its user has to read. */
import type { Program } from "../ir/op.js";
import { elements, scaleAt, zeroAt, type Tensor } from "../ir/types.js";
import { answerType, measuredLines, type Measured } from "./header.js";
import type { Arena } from "./request.js";
import { cType, comment, floatLiteral, identifier } from "./text.js";

function scaleText(t: Tensor, of: string): string {
  if (!t.quant) return `${of} as it is`;
  const [s, z] = [scaleAt(t.quant, 0), zeroAt(t.quant, 0)];
  return `real = ${Number(s.toPrecision(9))} * ${z === 0 ? of : `(${of} ${z < 0 ? "+" : "-"} ${Math.abs(z)})`}`;
}

function place(m: string, p: Program, t: number, i: number, kind: "input" | "output"): string {
  const tensor = p.tensors[t] as Tensor;
  const type = `${kind === "output" ? "const " : ""}${cType(tensor.dtype)}`;
  return `/* ${comment(tensor.name)}: (${tensor.shape.join(", ")}), ${scaleText(tensor, "q")} */\n${type} *${m}_${kind}${i || ""}(void);`;
}

/** How the network is used, for the head of the file. */
function usage(m: string, p: Program): string {
  const rows = p.rows ? `\n * Its first ${p.rows.steps} layers run row by row: put a row into ${m}_row(), call ${m}_push_row(), until it answers 1; then read ${m}_output().` : "";
  if (p.rows?.resident === false) return ` * The input is never in memory as a whole.${rows}\n * ${m}_predict and ${m}_scores do it from a whole input of your own.`;
  return ` * Fill ${m}_input(), call ${m}_run(), read ${m}_output(). The input is overwritten while the network runs: fill it anew each time.${rows}
 * ${m}_predict and ${m}_scores do the same from a row of your own.`;
}

/** What sets the network to its start. */
function initText(m: string, p: Program): string {
  if (p.rows) return `/* Forgets the rows handed over since the last result; nothing need be done before the first one. */\nvoid ${m}_init(void);`;
  if (p.tensors.some((t) => t.state)) return `/* Sets the network's state to rest; call it once at the start, and after a break in the stream. */\nvoid ${m}_init(void);`;
  return `/* Nothing to set up: the network has no state. Here so that every model is used alike. */\nstatic inline void ${m}_init(void) {}`;
}

/** What runs it: on the whole input, or row by row. */
function runText(m: string, M: string, p: Program): string {
  const whole = `/* Runs the network on what lies in ${m}_input(). */\nvoid ${m}_run(void);`;
  if (!p.rows) return whole;
  const [line] = p.rows.lines;
  const x = p.tensors[p.input] as Tensor;
  const rows = (line?.inside ?? 1) - (line?.above ?? 0);
  const byRow = `#define ${M}_ROWS ${rows}
#define ${M}_ROW ${elements(x) / rows}

/* Where the next row of the input goes: (${M}_ROW). Ask anew for each one, its place changes. */
${cType(x.dtype)} *${m}_row(void);

/* Takes the row in ${m}_row(), from the top to the bottom. Answers 1 after the last of ${M}_ROWS rows, when the result is there; the next row begins anew. */
uint8_t ${m}_push_row(void);

/* What ${m}_predict would answer for the rows handed over. */
${m}_answer_t ${m}_answer(void);`;
  return p.rows.resident ? `${whole}\n\n${byRow}` : byRow;
}

export function networkHeader(p: Program, arena: Arena, measured: Measured | null): string {
  const m = identifier(p.name);
  const M = m.toUpperCase();
  const x = p.tensors[p.input] as Tensor;
  const handed = p.rows?.resident === false;
  const inputs = [...(handed ? [] : [p.input]), ...p.moreInputs];
  return `/* ${m}: ${comment(p.source)}. Made by coincell; edit the model, not this file.
 *
${usage(m, p)}
 */
#ifndef ${M}_H
#define ${M}_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Static memory for all tensors; the network needs no heap. */
#define ${M}_ARENA_BYTES ${arena.bytes}
#define ${M}_FEATURES ${elements(x)}
#define ${M}_SCORES ${elements(p.scoresView)}
${p.label !== null ? `#define ${M}_LABELS ${p.labels.length}\n` : ""}/* ${scaleText(p.scoresView, "score")} */
#define ${M}_SCORE_SCALE ${floatLiteral(p.scoresView.quant ? scaleAt(p.scoresView.quant, 0) : 1)}

${measured ? measuredLines(M, measured).join("\n") : ""}typedef ${cType(x.dtype)} ${m}_input_t;
typedef ${answerType(p)} ${m}_answer_t;
typedef ${cType(p.scoresView.dtype)} ${m}_score_t;

${initText(m, p)}

${[...inputs.map((t, i) => place(m, p, t, i, "input")), ...[p.scores, ...p.moreOutputs].map((t, i) => place(m, p, t, i, "output"))].join("\n\n")}

${runText(m, M, p)}

/* ${p.label !== null ? `Index of the label; see ${m}_label.` : "The first score."} x: (${M}_FEATURES)${handed ? "" : `; may be ${m}_input() itself, then nothing is copied.`} */
${m}_answer_t ${m}_predict(const ${m}_input_t *x);

/* Raw scores. x: (${M}_FEATURES), scores: (${M}_SCORES) */
void ${m}_scores(const ${m}_input_t *x, ${m}_score_t *scores);

/* Floats in the model's own units to device input${handed ? ", one row" : ""}. units, x: (${M}_${handed ? "ROW" : "FEATURES"}) */
void ${m}_convert(const float *units, ${m}_input_t *x);
${p.label !== null ? `\n/* Name of a label. On AVR the text stays in flash: use strcpy_P or (const __FlashStringHelper *). */\nconst char *${m}_label(${m}_answer_t label);\n` : ""}
#ifdef __cplusplus
}
#endif
#endif
`;
}
