/** What planner tests share: the buffers of a .tflite graph, and seeded random puzzles. */
import { byteLength } from "../importers/tflite/element.js";
import type { TfliteModel } from "../importers/tflite/model.js";
import type { Buffer } from "./types.js";

/** Operators that only give a tensor another shape; their output is their input. */
const VIEWS: ReadonlySet<string> = new Set(["RESHAPE", "SQUEEZE", "EXPAND_DIMS"]);

/** Computed tensors with their lifetimes, as a compiler without any overlapping would keep them. */
export function activations(m: TfliteModel, align = 1): readonly Buffer[] {
  const g = m.subgraphs[0];
  if (g === undefined) return [];
  const view = new Map<number, number>();
  const home = (t: number): number => { const of = view.get(t); return of === undefined ? t : home(of); };
  const life = new Map<number, [number, number]>();
  const touch = (t: number, step: number): void => {
    const tensor = g.tensors[t];
    if (t < 0 || tensor === undefined || tensor.data !== null || tensor.isVariable) return;
    const seen = life.get(home(t));
    if (seen) seen[1] = step;
    else life.set(home(t), [step, step]);
  };
  for (const t of g.inputs) touch(t, -1);
  g.operators.forEach((op, step) => {
    const [from = -1] = op.inputs;
    if (VIEWS.has(op.name)) for (const t of op.outputs) view.set(t, from);
    else for (const t of [...op.inputs, ...op.outputs]) touch(t, step);
  });
  for (const t of g.outputs) touch(t, g.operators.length);
  return [...life].map(([id, [first, last]]) => {
    const tensor = g.tensors[id];
    const elements = tensor?.shape.reduce((a, b) => a * b, 1) ?? 0;
    return { id, bytes: tensor ? byteLength(tensor.type, elements) ?? 0 : 0, align, first, last };
  });
}

export type Draw = (n: number) => number;

export function makeDraw(seed: number): Draw {
  let s = seed >>> 0;
  return (n) => Math.floor(((s = (Math.imul(s, 1664525) + 1013904223) >>> 0) / 2 ** 32) * n);
}

/** Buffers as graphs have them: most short-lived, some long. */
export function randomBuffers(n: number, steps: number, draw: Draw, align = 1): readonly Buffer[] {
  return Array.from({ length: n }, (_, id) => {
    const first = draw(steps);
    const length = draw(4) === 0 ? draw(steps) : draw(3);
    return { id, bytes: 1 + draw(draw(3) === 0 ? 100 : 20), align, first, last: Math.min(steps, first + length) };
  });
}
