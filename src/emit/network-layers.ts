/**
 * A network that runs one layer at a time, for measuring and for finding faults: the very functions of the model, called by number.
 * What lies in the arena stays from one call to the next, so that the rows of one run together make one inference. Layers that run row by
 * row cannot be called one after the other: the last of them stands for all, and makes them run on an input that is kept apart.
 */
import type { Program } from "../ir/op.js";
import { bytesOf, elements, type Tensor } from "../ir/types.js";
import type { Arena } from "./request.js";
import { identifier } from "./text.js";

/** What a row asks for besides its layer. */
export const layerFlags = { feed: 1, start: 2, still: 4 } as const;
/** Layer (2 bytes), flags (1), nothing (1), offset of the window (4); then the inputs. */
export const LAYER_HEAD = 8;
/** Bytes of a layer's output that one row can show. */
export const WINDOW = 256;

export interface LayerGlue {
  /** To stand at the end of the model's C file. */
  readonly extra: string;
  readonly entry: string;
  readonly inBytes: number;
  /** `watch`: a hash of the layer's output (4 bytes), then {@link WINDOW} bytes of it; else one byte that means nothing. */
  readonly outBytes: number;
}

/** The C name of layer `k`. */
export const layerName = (p: Program, k: number): string => `${identifier(p.name)}_${k}_${p.steps[k]?.op ?? ""}`;

const bytesIn = (t: Tensor | undefined): number => (t ? elements(t) * bytesOf(t.dtype) : 0);

function places(m: string, p: Program, arena: Arena): string {
  const all = p.steps.map((s) => { const [y = -1] = s.outputs; return `{ ${arena.offsets.get(y) ?? 0}u, ${bytesIn(p.tensors[y])}u }`; });
  return `static const struct { uint32_t at, bytes; } ${m}_places[] = { ${all.join(", ")} };
const uint8_t *${m}_place(uint16_t k, uint32_t *bytes);
const uint8_t *${m}_place(uint16_t k, uint32_t *bytes)
{
    *bytes = ${m}_places[k].bytes;
    return ${m}_arena + ${m}_places[k].at;
}
`;
}

/** A table of addresses costs the same for every layer; the last one does nothing, and so measures the way there and back. */
function caller(m: string, p: Program): string {
  const head = p.rows ? `
static ${m}_input_t ${m}_whole_input[${elements(p.tensors[p.input])}];
void *${m}_layer_input(void);
void *${m}_layer_input(void) { return ${m}_whole_input; }
static CELL_LAYER void ${m}_whole_head(void) { ${m}_head(${m}_whole_input); }` : "";
  const ways = p.steps.map((_, k) => (p.rows && k < p.rows.steps ? (k === p.rows.steps - 1 ? `${m}_whole_head` : `${m}_no_layer`) : layerName(p, k)));
  return `
static CELL_LAYER void ${m}_no_layer(void) { CELL_BARRIER(); }${head}
static void (*const ${m}_layers[])(void) = { ${[...ways, `${m}_no_layer`].join(", ")} };
void ${m}_layer(uint16_t k);
void ${m}_layer(uint16_t k)
{
    ${m}_layers[k]();
}
`;
}

const watching = (m: string): string => `    uint32_t bytes, hash = 2166136261u;
    const uint8_t *y = ${m}_place(k, &bytes);
    const uint32_t from = r[4] | (uint32_t)r[5] << 8 | (uint32_t)r[6] << 16 | (uint32_t)r[7] << 24;
    for (uint32_t i = 0; i < bytes; i++)
        hash = (hash ^ y[i]) * 16777619u;
    memcpy(out, &hash, 4);
    for (uint32_t i = 0; i < ${WINDOW} && from + i < bytes; i++)
        ((uint8_t *)out)[4 + i] = y[from + i];
`;

/** FNV-1a, as the glue computes it. */
export function layerHash(bytes: Uint8Array): number {
  let h = 2166136261;
  for (const b of bytes) h = Math.imul(h ^ b, 16777619) >>> 0;
  return h;
}

/** @param watch show what the layers made; costs are only right without. */
export function layerGlue(p: Program, arena: Arena, watch: boolean): LayerGlue {
  const m = identifier(p.name);
  const inputs = [p.input, ...p.moreInputs];
  let at = LAYER_HEAD;
  const feed = inputs.map((t, i) => { const n = bytesIn(p.tensors[t]); const line = `        memcpy(${p.rows ? `${m}_layer_input` : `${m}_input${i || ""}`}(), r + ${at}, ${n});`; at += n; return line; });
  const init = p.tensors.some((t) => t.state) ? `    if (r[2] & ${layerFlags.start})\n        ${m}_init();\n` : "";
  const entry = `#include <string.h>
#include "${m}.h"
void ${m}_layer(uint16_t k);
${p.rows ? `void *${m}_layer_input(void);\n` : ""}const uint8_t *${m}_place(uint16_t k, uint32_t *bytes);
void cell_entry(const void *in, void *out);
void cell_entry(const void *in, void *out)
{
    const uint8_t *r = in;
    const uint16_t k = (uint16_t)(r[0] | r[1] << 8);
${init}    if (r[2] & ${layerFlags.feed}) {
${feed.join("\n")}
    }
    if (!(r[2] & ${layerFlags.still}))
        ${m}_layer(k);
${watch ? watching(m) : "    *(uint8_t *)out = 0;\n"}}
`;
  return { extra: `\n/* Layer by layer, for measuring only. */\n${watch ? places(m, p, arena) : ""}${caller(m, p)}`, entry, inBytes: at, outBytes: watch ? 4 + WINDOW : 1 };
}

/** One row of the glue above. */
export function layerRow(glue: Pick<LayerGlue, "inBytes">, layer: number, flags: number, inputs: Uint8Array | null, offset = 0): Uint8Array {
  const row = new Uint8Array(glue.inBytes);
  const view = new DataView(row.buffer);
  view.setUint16(0, layer, true);
  view.setUint8(2, flags);
  view.setUint32(4, offset, true);
  if (inputs) row.set(inputs, LAYER_HEAD);
  return row;
}
