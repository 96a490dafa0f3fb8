/** scikit-learn's one-versus-rest scores from the pair decisions of an SVC: recognised by what the nodes compute, not by how they are arranged. */
import { names, numOf, trial, type State } from "../state.js";
import type { Num } from "../numeric.js";
import type { Form, Sym } from "../symbols.js";
import { identity } from "../symbols.js";

const TRIALS = 24;

/** Source: sklearn.utils.multiclass._ovr_decision_function. */
function expected(x: Float64Array, k: number): Float64Array {
  const votes = new Float64Array(k);
  const sums = new Float64Array(k);
  for (let i = 0, at = 0; i < k; i++) {
    for (let j = i + 1; j < k; j++, at++) {
      const v = x[at] ?? 0;
      sums[i]! += v;
      sums[j]! -= v;
      votes[v < 0 ? j : i]! += 1;
    }
  }
  return votes.map((v, c) => v + (sums[c] ?? 0) / (3 * (Math.abs(sums[c] ?? 0) + 1)));
}

/** Repeatable trial values of both signs. */
function values(n: number, seed: number): Float64Array {
  let s = seed * 2654435761 + 12345;
  return Float64Array.from({ length: n }, () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return Math.fround((s / 2 ** 32) * 6 - 3);
  });
}

/** Forms the tensor `name` is computed from. */
function sources(state: State, name: string): readonly (readonly [string, Form])[] {
  const found = new Map<string, Form>();
  const seen = new Set<string>();
  const stack = [name];
  for (let n = stack.pop(); n !== undefined && seen.size < 10_000; n = stack.pop()) {
    if (seen.has(n)) continue;
    seen.add(n);
    const s = state.known.get(n);
    if (numOf(s)) continue;
    const inner = state.makers.get(n);
    const plain = s?.kind === "form" && s.n > 2 && s.pick !== null && s.c.length === s.n && s.pick.every((p, i) => p === i) && s.w.every((v) => v === 1) && s.c.every((v) => v === 0);
    if (plain && s.base !== 0) found.set(n, s);
    else if (inner) stack.push(...names(inner, "__inputs__"));
  }
  return [...found];
}

export function pairScores(state: State, name: string): Sym | null {
  for (const [source, form] of sources(state, name)) {
    const k = (1 + Math.sqrt(1 + 8 * form.n)) / 2;
    if (!Number.isInteger(k) || k < 3) continue;
    let same = true;
    for (let t = 0; same && t < TRIALS; t++) {
      const x = values(form.n, t + 1);
      const got: Num | null = trial(state, name, new Map([[source, { shape: form.shape, data: x }]]));
      const want = expected(x, k);
      same = got !== null && got.data.length === k && got.data.every((v, c) => Math.abs(v - (want[c] ?? 0)) < 1e-4);
    }
    if (same) return identity(state.builder.add("ovo_scores", { classes: k }, [form.base]), k, [1, k]);
  }
  return null;
}
