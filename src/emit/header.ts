/** The header of an emitted model: the only file its user has to read. */
import type { Program } from "../ir/op.js";
import { elements, scaleAt, zeroAt, type Tensor } from "../ir/types.js";
import { cType, comment, floatLiteral, identifier } from "./text.js";

/** Figures measured on a simulated board, for the constants of the header. */
export interface Measured {
  readonly board: string;
  readonly flashBytes: number;
  readonly ramBytes: number;
  readonly stackBytes: number | null;
  readonly cycles: number | null;
}

/** C type of the answer: a label index, or the raw value of a regression. */
export const answerType = (p: Program): string => cType(p.tensors[p.label ?? p.scores]?.dtype ?? "i32");

function scaleText(p: Program): string {
  const q = p.scoresView.quant;
  if (!q) return "scores are plain numbers";
  const [s, z] = [scaleAt(q, 0), zeroAt(q, 0)];
  const each = q.scale.length > 1 ? " (first score; each has its own scale)" : "";
  return `real score = ${s} * ${z === 0 ? "score" : `(score - ${z})`}${each}`;
}

function inputText(p: Program): string[] {
  const x = p.tensors[p.input] as Tensor;
  return Array.from({ length: Math.min(elements(x), 64) }, (_, i) => {
    const of = x.quant ? ` = round(value / ${Number(scaleAt(x.quant, i).toPrecision(7))} + ${Number(zeroAt(x.quant, i).toPrecision(7))})` : "";
    return ` *   x[${i}]  ${comment(p.featureNames[i] ?? "")}${of}`;
  });
}

/** The measured figures as constants. */
export const measuredLines = (M: string, m: Measured): string[] => [
  `/* Measured on a simulated ${m.board} with the program that was verified. */`,
  `#define ${M}_FLASH_BYTES ${m.flashBytes}`, `#define ${M}_RAM_BYTES ${m.ramBytes}`,
  ...(m.stackBytes === null ? [] : [`#define ${M}_STACK_BYTES ${m.stackBytes}`]),
  ...(m.cycles === null ? [] : [`#define ${M}_CYCLES ${Math.round(m.cycles)}L`]), "",
];

export function header(p: Program, measured: Measured | null): string {
  const m = identifier(p.name);
  const M = m.toUpperCase();
  const x = p.tensors[p.input] as Tensor;
  const label = p.label !== null;
  const scores = elements(p.scoresView);
  return `/* ${m}: ${comment(p.source)}. Made by coincell; edit the model, not this file.
 *
 * Input of ${m}_predict, per element:
${inputText(p).join("\n")}
 * ${m}_convert fills it from float values in the model's own units.
 */
#ifndef ${M}_H
#define ${M}_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ${M}_FEATURES ${elements(x)}
#define ${M}_SCORES ${scores}
${label ? `#define ${M}_LABELS ${p.labels.length}\n` : ""}/* ${scaleText(p)} */
#define ${M}_SCORE_SCALE ${floatLiteral(p.scoresView.quant ? scaleAt(p.scoresView.quant, 0) : 1)}

${measured ? measuredLines(M, measured).join("\n") : ""}typedef ${cType(x.dtype)} ${m}_input_t;
typedef ${answerType(p)} ${m}_answer_t;
typedef ${cType(p.scoresView.dtype)} ${m}_score_t;

/* Nothing to set up: the model has no state. Here so that every model is used alike. */
static inline void ${m}_init(void) {}

/* ${label ? "Index of the label; see " + m + "_label." : `The ${p.task === "regression" ? "predicted value" : "first score"}, in steps of ${M}_SCORE_SCALE.`} x: (${M}_FEATURES) */
${m}_answer_t ${m}_predict(const ${m}_input_t *x);

/* Raw scores. x: (${M}_FEATURES), scores: (${M}_SCORES) */
void ${m}_scores(const ${m}_input_t *x, ${m}_score_t *scores);

/* Floats in the model's own units to device input. units, x: (${M}_FEATURES) */
void ${m}_convert(const float *units, ${m}_input_t *x);
${label ? `
/* Name of a label. On AVR the text stays in flash: use strcpy_P or (const __FlashStringHelper *). */
const char *${m}_label(${m}_answer_t label);
` : ""}
#ifdef __cplusplus
}
#endif
#endif
`;
}
