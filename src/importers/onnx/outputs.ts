/** The model's outputs: which one is the label, which one the scores, and what turns the last values into them. */
import { fail } from "../../ir/diagnostics.js";
import type { Foreign } from "../../ir/foreign.js";
import type { Value } from "../../ir/op.js";
import { gaussianAttrs, isDistance, negated } from "./patterns/gaussian.js";
import { neighbourVotes } from "./patterns/neighbours.js";
import { pairScores } from "./patterns/pairs.js";
import { place, SUPPORTED, unsupported, type State } from "./state.js";
import { dense, type Fn, type Form, type Index, type Leaves, type Sym, type Test } from "./symbols.js";

/** A distance is placed as the negative of what the file computes: arg-min becomes arg-max. */
function placeSquares(state: State, node: Foreign, f: Form): Value {
  const known = state.placed.get(f);
  if (known !== undefined) return known;
  const attrs = gaussianAttrs(dense(node, isDistance(f) ? negated(f) : f)) ?? unsupported(node, "a sum of squares that no distance or naive Bayes model is made of");
  const v = state.builder.add("gaussian", attrs, [f.base]);
  state.placed.set(f, v);
  return v;
}

const placeAny = (state: State, node: Foreign, s: Form | Fn | Leaves): Value => (s.kind === "form" && s.a !== null ? placeSquares(state, node, s) : place(state, node, s));

const links = ["softmax", "logistic", "logistic_pair", "softmax_pair", "shares_pair", "logistic_normalised", "exp"];

function scores(state: State, node: Foreign, s: Form | Fn | Leaves): Value {
  if (s.kind !== "fn") return placeAny(state, node, s);
  const plain = s.scale === 1 && s.offset === 0;
  const gain = s.gain === 1 ? {} : { gain: s.gain };
  if (plain && links.includes(s.name)) return state.builder.add("link", { kind: s.name, ...gain }, [place(state, node, s.of)]);
  if (plain && s.name === "sqrt" && s.of.kind === "form" && isDistance(s.of)) return state.builder.add("link", { kind: "distance" }, [placeSquares(state, node, s.of)]);
  if (s.name === "exp2" && s.scale === -1 && s.of.kind === "leaves") return state.builder.add("link", { kind: "isolation", shift: -s.offset }, [depth(state, node, s.of)]);
  return plain ? place(state, node, s) : unsupported(node, `"${s.name}" times ${s.scale} plus ${s.offset} at the end of a model`);
}

/** Mean normalised depth: the file computes with its negative. */
function depth(state: State, node: Foreign, l: Leaves): Value {
  const known = state.placed.get(l);
  if (known !== undefined) return known;
  const v = place(state, node, { ...l, bias: -l.bias, terms: l.terms.map((t) => ({ ...t, rows: t.rows.map((x) => -x) })) });
  state.placed.set(l, v);
  return v;
}

/** Arg-max looks through what keeps the order of the elements. */
function decided(state: State, node: Foreign, i: Index): Value {
  const { of } = i;
  const b = state.builder;
  if (of.kind === "fn" && of.name.endsWith("_pair") && !i.smallest && of.scale === 1) return b.add("threshold", { at: 0 }, [place(state, node, of.of)]);
  const rising = ["softmax", "logistic", "logsoftmax", "logistic_normalised", "sqrt", "exp", "tanh"];
  const inner = of.kind === "fn" && rising.includes(of.name) && of.scale > 0 && of.gain > 0 ? of.of : of;
  const turned = inner.kind === "form" && isDistance(inner);
  return b.add("argmax", { smallest: i.smallest !== turned }, [placeAny(state, node, inner)]);
}

const EDGE = 1e-12;

/** `of < at ? yes : no` as an index into [yes, no]. */
function tested(state: State, node: Foreign, t: Test): Value {
  const { of } = t;
  if (of.kind === "form") return state.builder.add("threshold", { at: t.at }, [placeAny(state, node, of)]);
  if (of.name !== "exp2" || of.scale !== -1 || of.of.kind !== "leaves" || of.offset - t.at <= 0) return unsupported(node, `a test of "${of.name}"`);
  return state.builder.add("threshold", { at: -Math.log2(of.offset - t.at) - EDGE }, [depth(state, node, of.of)]);
}

function label(state: State, node: Foreign, s: Sym): void {
  if (s.kind === "test") {
    state.builder.setLabels([s.yes, s.no]);
    state.builder.output("label", tested(state, node, s));
    state.task = "anomaly";
  } else if (s.kind === "index") {
    const width = s.of.shape.at(-1) ?? 1;
    state.builder.setLabels(Array.from({ length: width }, (_, i) => i));
    state.builder.output("label", decided(state, node, s));
    const squares = s.of.kind === "fn" ? s.of.of : s.of;
    state.task ??= squares.kind === "form" && isDistance(squares) ? "clustering" : "classification";
  } else if (s.kind === "label") {
    state.builder.setLabels(s.labels);
    state.builder.output("label", typeof s.source === "number" ? s.source : typeof s.source === "string" ? culprit(state, s.source) : decided(state, node, s.source));
    state.task = "classification";
  }
}

/** What a tensor is after the patterns had their say. */
function recognised(state: State, name: string): Sym | undefined {
  const s = state.known.get(name);
  return s?.kind === "opaque" ? (pairScores(state, name) ?? s) : s;
}

/** The first node whose result is not understood, for the error. */
function culprit(state: State, name: string): never {
  let s = state.known.get(name);
  for (let guard = 0; s?.kind === "opaque" && guard < 10_000; guard++) {
    const inputs = s.node.fields.get("__inputs__");
    const before: Sym | undefined = Array.isArray(inputs) ? inputs.map((i) => state.known.get(String(i))).find((x) => x?.kind === "opaque") : undefined;
    if (before === undefined) break;
    s = before;
  }
  if (s?.kind === "opaque") return unsupported(s.node, "this use of it is not understood");
  return fail("onnx/unsupported", `output "${name.slice(0, 80)}"`, s ? `it is a ${s.kind}` : "no node makes it", SUPPORTED);
}

const isLabel = (s: Sym | undefined): boolean => s?.kind === "label" || s?.kind === "index" || s?.kind === "test";

export function finish(state: State, outputs: readonly string[], file: string): void {
  if (neighbourVotes(state, outputs)) return;
  const syms = outputs.map((name) => [name, recognised(state, name)] as const);
  const labels = syms.filter(([, s]) => isLabel(s));
  const others = syms.filter(([, s]) => !isLabel(s));
  if (labels.length > 1 || others.length > 1) fail("onnx/outputs", file, `outputs ${outputs.slice(0, 8).map((o) => `"${o.slice(0, 40)}"`).join(", ")}`, "Supported: one label and one output of scores, as skl2onnx writes them.");
  const [labelled] = labels;
  const [scored] = others;
  const maker = (name: string): Foreign => state.makers.get(name) ?? fail("onnx/unsupported", file, `output "${name.slice(0, 80)}" is no result of a node`, SUPPORTED);
  if (labelled?.[1]) label(state, maker(labelled[0]), labelled[1]);
  if (scored) {
    const [name, s] = scored;
    if (s?.kind !== "form" && s?.kind !== "fn" && s?.kind !== "leaves") culprit(state, name);
    else state.builder.output("scores", scores(state, maker(name), s));
  } else labelOnly(state);
  state.builder.setTask(state.task ?? (labelled ? "classification" : "regression"));
}

/** A model that gives the label only: the values it is decided from are its scores. */
function labelOnly(state: State): void {
  const last = state.graph.nodes.at(-1);
  const from = last?.inputs[0];
  if (from !== undefined) state.builder.output("scores", from);
}
