/** How scores become labels in the graph: the outputs of classifiers, and how learning is watched and stopped. */
import type { GraphMaker, Value } from "../graph.js";
import type { LearnOptions } from "../learner.js";
import type { Classes } from "./classes.js";

/** Reports the part done, then stops where the caller asks for it. @throws the signal's AbortError. */
export function tick(options: LearnOptions, part: number): void {
  options.signal?.throwIfAborted();
  options.onProgress?.(Math.min(1, Math.max(0, part)));
  options.signal?.throwIfAborted();
}

export function noteAbsent(g: GraphMaker, c: Classes): void {
  if (c.absent.length > 0) g.note(`no rows of ${c.absent.map((l) => `"${l}"`).join(", ")}: the model never answers ${c.absent.length === 1 ? "it" : "them"}`);
}

/** One score: its sign; several: the largest. `link` makes what is printed. */
export function decide(g: GraphMaker, z: Value, c: Classes, link: { readonly one: string; readonly many: string }): void {
  const two = c.labels.length === 2 && link.one !== "";
  g.output("label", two ? g.add("threshold", { at: 0 }, [z]) : g.add("argmax", { smallest: false }, [z]));
  const kind = two ? link.one : link.many;
  g.output("scores", kind === "none" ? z : g.add("link", { kind }, [z]));
  noteAbsent(g, c);
}
