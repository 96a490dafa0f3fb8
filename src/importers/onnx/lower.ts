/** An ONNX model as a graph: one walk over its nodes, each tensor known as a simple form of the values so far, operators' claims asked first. */
import { fail } from "../../ir/diagnostics.js";
import { type Foreign } from "../../ir/foreign.js";
import type { Graph } from "../../ir/types.js";
import { lowerings } from "../../ops/registry.js";
import { GraphBuilder } from "../build.js";
import { arithmetic, type Handler } from "./arithmetic.js";
import type { OnnxModel } from "./model.js";
import { numeric, opName } from "./numeric.js";
import { finish } from "./outputs.js";
import { neighbourNodes } from "./patterns/neighbours.js";
import { plumbing } from "./plumbing.js";
import { prune } from "./prune.js";
import { constant, constantOf, fromValue, names, numOf, place, runClaim, SUPPORTED, unsupported, type State } from "./state.js";
import { identity, type Form, type Sym } from "./symbols.js";

const MAX_FEATURES = 32767;
const handlers: Readonly<Record<string, Handler>> = { ...arithmetic, ...plumbing, ...neighbourNodes };

/** The one input that is no initializer, as (batch, features). */
function inputOf(model: OnnxModel, file: string): { readonly name: string; readonly features: number } {
  const { graph } = model;
  const inputs = graph.inputs.filter((i) => !graph.initializers.has(i.name));
  const [x] = inputs;
  const cure = "Supported: one input of shape (batch, features); with skl2onnx, initial_types=[(\"X\", FloatTensorType([None, n]))].";
  if (!x || inputs.length !== 1) return fail("onnx/inputs", file, `${inputs.length} inputs${inputs.length > 1 ? `: ${inputs.slice(0, 8).map((i) => `"${i.name.slice(0, 40)}"`).join(", ")}` : ""}`, cure);
  const d = x.shape?.at(-1);
  const flat = x.shape !== null && (x.shape.length === 1 || x.shape.length === 2);
  if (!flat || typeof d !== "number" || d < 1 || d > MAX_FEATURES) return fail("onnx/inputs", file, `input "${x.name.slice(0, 40)}" has the shape [${x.shape ?? "unknown"}]`, cure);
  return { name: x.name, features: d };
}

/** What a claimed node gives: label and scores where it has both, its value where not. */
function claimed(state: State, f: Foreign, x: Form | Extract<Sym, { kind: "fn" }>): readonly Sym[] {
  const c = runClaim(state, f, x);
  const width = (v: number): number => state.builder.features(v);
  const scores = c.outputs.scores ?? c.value;
  const y = fromValue(state, scores, [1, width(scores)]);
  return c.outputs.label === undefined ? [y] : [{ kind: "label", source: c.outputs.label, labels: c.labels }, y];
}

/** Handlers see an activation as a function; where they cannot use it so, as the value it gives. */
function handled(state: State, f: Foreign, ins: readonly Sym[]): readonly (Sym | null)[] | null {
  const handler = Object.hasOwn(handlers, opName(f)) ? handlers[opName(f)] : undefined;
  const first = handler?.(f, ins, state) ?? null;
  if (first !== null || !handler) return first;
  let found = false;
  const opened = ins.map((s) => {
    if (s.kind !== "fn" || !["relu", "tanh", "logistic"].includes(s.name) || s.scale !== 1 || s.offset !== 0) return s;
    found = true;
    const v = place(state, f, s);
    return identity(v, state.builder.features(v), s.shape);
  });
  return found ? handler(f, opened, state) : null;
}

const known = (f: Foreign): boolean => Object.hasOwn(numeric, opName(f)) || Object.hasOwn(handlers, opName(f));

/** Numbers a symbol holds. */
function held(s: Sym | null): number {
  if (s?.kind === "form") return s.w.length + s.c.length;
  if (s?.kind === "const") return s.num?.data.length ?? 0;
  return s?.kind === "leaves" ? s.terms.reduce((n, t) => n + t.rows.length, 0) : 1;
}

function step(state: State, f: Foreign): void {
  const outputs = names(f, "__outputs__");
  const ins = names(f, "__inputs__").flatMap((n) => { const s = state.known.get(n); return s ? [s] : []; });
  const [x] = ins;
  const nums = ins.flatMap((s) => numOf(s) ?? []);
  const kernel = Object.hasOwn(numeric, opName(f)) ? numeric[opName(f)] : undefined;
  let result: readonly (Sym | null)[] | null = null;
  if (kernel && nums.length === ins.length && nums.length > 0) result = [constantOf(kernel(f, nums))];
  else result = handled(state, f, ins);
  if (result === null && state.graph.lowering(f.type) && (x?.kind === "form" || x?.kind === "fn")) result = claimed(state, f, x);
  if (result === null && !known(f)) unsupported(f, ins.some((s) => s.kind === "opaque") ? "an operator behind others that are not understood" : "this operator is not supported here");
  for (const s of result ?? []) state.room -= held(s);
  if (state.room < 0) fail("onnx/too-large", f.where, "the results of the nodes so far hold more than 33 million numbers", "No microcontroller runs a model of that size; train a smaller one.");
  outputs.forEach((name, i) => { if (name !== "") state.known.set(name, result?.[i] ?? { kind: "opaque", node: f, output: name }); });
}

export function lowerOnnx(model: OnnxModel, file: string): Graph {
  const { name, features } = inputOf(model, file);
  const table = lowerings("onnx");
  const graph = new GraphBuilder(features, table, (f) => unsupported(f, "a nested object"));
  const makers = new Map<string, Foreign>();
  for (const f of model.graph.nodes) for (const o of names(f, "__outputs__")) makers.set(o, f);
  const state: State = { graph, builder: graph.at(0), known: new Map(), makers, placed: new Map(), task: null, room: 1 << 25 };
  for (const [key, tensor] of model.graph.initializers) state.known.set(key, constant(tensor));
  state.known.set(name, identity(0, features, [1, features]));
  for (const f of model.graph.nodes) step(state, f);
  if (model.graph.outputs.length === 0) fail("onnx/outputs", file, "the model has no output", SUPPORTED);
  finish(state, model.graph.outputs.map((o) => o.name), file);
  return prune(graph.finish(file, `ONNX, ${model.producer || "unknown writer"}`, 0));
}
