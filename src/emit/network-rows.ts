/** The head of a network that runs row by row: its tables for `runtime/rows.h`, its layers as functions of pointers to rows, and the way in for rows. */
import type { Program, Step } from "../ir/op.js";
import type { RowHead } from "../ir/rows.js";
import { elements, type Tensor } from "../ir/types.js";
import type { Arena } from "./request.js";
import type { EmittedStep } from "./step.js";
import { cType } from "./text.js";

/** Operands that come as rows; the others are constants. */
const streamed = (p: Program, s: Step): readonly number[] => s.inputs.filter((t) => p.tensors[t]?.data === undefined);

/** A layer of the head, given its call. @param constantName C name of a constant operand */
export function rowLayer(m: string, p: Program, h: RowHead, k: number, call: EmittedStep["call"], name: string, scratch: string | null, constantName: (t: number) => string): string {
  const s = p.steps[k] as Step;
  const rows = streamed(p, s);
  const at = (t: number, i: number): string => `(${cType((p.tensors[t] as Tensor).dtype)} *)(void *)rows[${i}]`;
  let next = 0;
  const inputs = s.inputs.map((t) => (p.tensors[t]?.data === undefined ? at(t, next++) : constantName(t)));
  const line = h.lines[k + 1];
  const clear = line && line.whole > 0 && scratch !== null ? `    if (${m}_next[${line.inputs[0]}] == 0)\n        memset(${scratch}, 0, ${s.scratch});\n` : "";
  return `static CELL_LAYER void ${name}(uint8_t *const *rows)\n{\n${clear}    ${call([...inputs, at(s.outputs[0] as number, rows.length)], scratch)}\n    CELL_BARRIER();\n}\n`;
}

/** What the head keeps beside the rows; stands before its layers. */
export const rowCounts = (m: string, h: RowHead): string => `static cell_rows_count ${m}_counts[${h.lines.length}];\nstatic uint16_t ${m}_next[${h.edges.length}];\n`;

function tables(m: string, h: RowHead, arena: Arena, layerName: (k: number) => string): string {
  const placeOf = (k: number): number => arena.offsets.get(h.lines[k]?.tensor ?? -1) ?? 0;
  const windows = h.edges.map((e) => { const l = h.lines[e.source]; return `    { ${placeOf(e.source)}u, ${l?.bytes}, ${l?.total}, ${e.source}, ${e.window}, ${e.stride}, ${e.first} },`; });
  const lines = h.lines.map((l, k) => {
    const [edges, read] = [l.inputs.filter((e) => e >= 0), h.edges.flatMap((e, i) => (e.source === k ? [i] : []))];
    const counts = [`${placeOf(k)}u`, l.bytes, l.room, l.each, l.above, l.inside, l.total, l.whole, l.fill & 255, l.reader, edges.length];
    return `    { ${k === 0 ? "0" : layerName(k - 1)}, ${counts.join(", ")}, { ${[0, 1].map((i) => edges[i] ?? 0).join(", ")} }, ${read.length}, ${read[0] ?? 0} },`;
  });
  return `static const cell_rows_window ${m}_windows[${h.edges.length}] CELL_ROM_DATA = {
    /* place, bytes of a row, rows; line, window, stride, first */
${windows.join("\n")}
};
static const cell_rows_line ${m}_lines[${h.lines.length}] CELL_ROM_DATA = {
    /* step, place, bytes of a row; room, rows of a call; rows above, with the image's, with those below; whole, fill, reader; windows over others, over this line */
${lines.join("\n")}
};
static const cell_rows ${m}_rows = { ${m}_lines, ${m}_windows, ${m}_counts, ${m}_next, ${h.steps} };
`;
}

/** Everything between the layers and the face of the network. @param tail calls of the layers behind the head */
export function rowFunctions(m: string, p: Program, h: RowHead, arena: Arena, layerName: (k: number) => string, tail: readonly string[]): string {
  const x = p.tensors[p.input] as Tensor;
  const type = cType(x.dtype);
  const [input] = h.lines;
  const row = elements(x) / ((input?.inside ?? 1) - (input?.above ?? 0));
  return `${tables(m, h, arena, layerName)}
void ${m}_init(void)
{
    ${m}_counts[0].made = 0;
}

${type} *${m}_row(void)
{
    return (${type} *)(void *)cell_rows_place(&${m}_rows, ${m}_memory());
}

/* All rows of x through the layers that run row by row. */
static void ${m}_head(const ${m}_input_t *x)
{
    ${m}_init();
    do {
        memcpy(${m}_row(), x, ${input?.bytes});
        x += ${row};
    } while (!cell_rows_take(&${m}_rows, ${m}_memory()));
}

static void ${m}_tail(void)
{
${tail.join("\n")}
}

uint8_t ${m}_push_row(void)
{
    if (!cell_rows_take(&${m}_rows, ${m}_memory()))
        return 0;
    ${m}_tail();
    return 1;
}
`;
}
