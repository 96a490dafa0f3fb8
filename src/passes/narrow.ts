/**
 * Constants in the least width: 32-bit numbers of a layer that fit 16 bits (most biases) are stored in 16. Kernels read all constants through
 * type macros, so that only the bytes in flash change. A layer with other types than its sisters has a kernel of its own, which must not cost more than it saves.
 */
import type { Program, Step } from "../ir/op.js";
import type { AnyParams } from "../ir/params.js";
import { findOp } from "../ops/registry.js";

/** Code of one more convolution on Thumb, -Os. */
const KERNEL_BYTES = 700;

const fits = (v: unknown): v is Int32Array => v instanceof Int32Array && v.every((x) => x >= -32768 && x <= 32767);

/** The arrays of a step that could be narrower, by name. */
const narrowable = (s: Step): readonly string[] => Object.entries(findOp(s.op).params).flatMap(([name, kind]) => (kind === "rom" && fits(s.params[name]) ? [name] : []));

const wide = (s: Step, name: string): boolean => s.params[name] instanceof Int32Array;

/** Whether arrays of this name become narrow wherever they fit, in all layers of one operator. */
function pays(layers: readonly Step[], name: string): boolean {
  const fitting = layers.filter((s) => fits(s.params[name]));
  const saved = fitting.reduce((n, s) => n + 2 * (s.params[name] as Int32Array).length, 0);
  return saved > (layers.every((s) => !wide(s, name) || fits(s.params[name])) ? 0 : KERNEL_BYTES);
}

export function withNarrowConstants(p: Program): Program {
  const layersOf = new Map<string, Step[]>();
  for (const s of p.steps) layersOf.set(s.op, [...(layersOf.get(s.op) ?? []), s]);
  const narrow = (s: Step): AnyParams => {
    const names = narrowable(s).filter((name) => pays(layersOf.get(s.op) ?? [], name));
    return names.length === 0 ? s.params : { ...s.params, ...Object.fromEntries(names.map((name) => [name, Int16Array.from(s.params[name] as Int32Array)])) };
  };
  return { ...p, steps: p.steps.map((s) => ({ ...s, params: narrow(s) })) };
}
