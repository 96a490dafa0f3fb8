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

export function networkHeader(p: Program, arena: Arena, measured: Measured | null): string {
  const m = identifier(p.name);
  const M = m.toUpperCase();
  const x = p.tensors[p.input] as Tensor;
  const stateful = p.tensors.some((t) => t.state);
  return `/* ${m}: ${comment(p.source)}. Made by coincell; edit the model, not this file.
 *
 * Fill ${m}_input(), call ${m}_run(), read ${m}_output(). The input is overwritten while the network runs: fill it anew each time.
 * ${m}_predict and ${m}_scores do the same from a row of your own.
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

${stateful ? `/* Sets the network's state to rest; call it once at the start, and after a break in the stream. */\nvoid ${m}_init(void);` : `/* Nothing to set up: the network has no state. Here so that every model is used alike. */\nstatic inline void ${m}_init(void) {}`}

${[...[p.input, ...p.moreInputs].map((t, i) => place(m, p, t, i, "input")), ...[p.scores, ...p.moreOutputs].map((t, i) => place(m, p, t, i, "output"))].join("\n\n")}

/* Runs the network on what lies in ${m}_input(). */
void ${m}_run(void);

/* ${p.label !== null ? `Index of the label; see ${m}_label.` : "The first score."} x: (${M}_FEATURES); may be ${m}_input() itself, then nothing is copied. */
${m}_answer_t ${m}_predict(const ${m}_input_t *x);

/* Raw scores. x: (${M}_FEATURES), scores: (${M}_SCORES) */
void ${m}_scores(const ${m}_input_t *x, ${m}_score_t *scores);

/* Floats in the model's own units to device input. units, x: (${M}_FEATURES) */
void ${m}_convert(const float *units, ${m}_input_t *x);
${p.label !== null ? `\n/* Name of a label. On AVR the text stays in flash: use strcpy_P or (const __FlashStringHelper *). */\nconst char *${m}_label(${m}_answer_t label);\n` : ""}
#ifdef __cplusplus
}
#endif
#endif
`;
}
