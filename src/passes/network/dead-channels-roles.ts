/** What each node of an integer network does with channels: which tensors must keep the same ones, and which may lose theirs. */
import { findOp } from "../../ops/registry.js";
import { count, type AnyNode, type Graph, type Tensor } from "../../ir/types.js";

/** Element i of a tensor belongs to channel i % period; the period outlives reshapes. */
export type Periods = readonly number[];

/**
 * `mixed`: weighted sums over all channels of x. `apart`: channel c of the output hangs on channel c of the linked operands only;
 * weights give each channel `each` outputs. `view`: the same elements. `fixed`: nothing is known, all channels stay.
 */
export type Role =
  | { readonly kind: "mixed"; readonly x: number; readonly y: number; readonly weights: Weights }
  | { readonly kind: "apart"; readonly linked: readonly number[]; readonly y: number; readonly weights: Weights | null; readonly each: number; readonly loose: boolean }
  | { readonly kind: "view"; readonly x: number; readonly y: number }
  | { readonly kind: "fixed" };

export interface Weights {
  readonly w: number;
  readonly b: number | null;
  /** Axes of the weights that channels of the output and of the input run along. */
  readonly outputs: number;
  readonly inputs: number;
}

const FIXED: Role = { kind: "fixed" };

const lastOf = (t: Tensor | undefined): number => t?.shape.at(-1) ?? 1;

const is = <A extends readonly unknown[]>(trait: boolean | ((...a: A) => boolean) | undefined, ...a: A): boolean => (typeof trait === "function" ? trait(...a) : trait === true);

function weightsOf(g: Graph, n: AnyNode): Weights | null {
  const axes = findOp(n.op).traits.quantise?.weights;
  const [, w = -1, b = null] = n.inputs;
  const [data, bias] = [g.tensors[w]?.data, b === null ? undefined : g.tensors[b]];
  return axes && data instanceof Int8Array && (b === null || bias?.data instanceof Int32Array) ? { w, b, ...axes } : null;
}

function mixed(g: Graph, n: AnyNode, periods: readonly number[]): Role {
  const [x = -1] = n.inputs;
  const [y = -1] = n.outputs;
  const weights = weightsOf(g, n);
  const columns = weights ? g.tensors[weights.w]?.shape[weights.inputs] ?? 0 : 0;
  return weights && columns > 0 && columns % (periods[x] as number) === 0 ? { kind: "mixed", x, y, weights } : FIXED;
}

/** Operands as long as the output along the last axis go with it; those of length 1 (`loose`) are stretched over all channels. */
function apart(g: Graph, n: AnyNode, periods: number[]): Role {
  const [y = -1] = n.outputs;
  const [x = -1] = n.inputs;
  const traits = findOp(n.op).traits;
  if (traits.quantise?.weights) {
    const weights = weightsOf(g, n);
    const [from, to] = [lastOf(g.tensors[x]), lastOf(g.tensors[y])];
    return weights && periods[x] === from && to % from === 0 ? { kind: "apart", linked: [x], y, weights, each: to / from, loose: false } : FIXED;
  }
  const last = lastOf(g.tensors[y]);
  if (n.inputs.some((t) => ![1, last].includes(lastOf(g.tensors[t])))) return FIXED;
  const computed = n.inputs.filter((t) => !g.tensors[t]?.data);
  const linked = computed.filter((t) => lastOf(g.tensors[t]) === last);
  const period = periods[linked[0] ?? -1] ?? 0;
  if (linked.length === 0 || linked.some((t) => periods[t] !== period)) return FIXED;
  periods[y] = period;
  return { kind: "apart", linked, y, weights: null, each: 1, loose: linked.length < computed.length };
}

function view(g: Graph, n: AnyNode, periods: number[]): Role {
  const [x = -1] = n.inputs;
  const [y = -1] = n.outputs;
  if (g.tensors[x]?.data || lastOf(g.tensors[y]) % (periods[x] as number) !== 0) return FIXED;
  periods[y] = periods[x] as number;
  return { kind: "view", x, y };
}

export interface Roles {
  readonly roles: readonly Role[];
  readonly periods: Periods;
}

/** Only integers: adding zero times something leaves a float sum as it is, but not an infinite one. */
export function rolesOf(g: Graph): Roles {
  const periods = g.tensors.map(lastOf);
  const roles = g.nodes.map((n): Role => {
    const io = { inputs: n.inputs.map((t) => g.tensors[t] as Tensor), outputs: n.outputs.map((t) => g.tensors[t] as Tensor) };
    const { traits } = findOp(n.op);
    const whole = io.outputs.length === 1 && [io.inputs[0], ...io.outputs].every((t) => (t?.dtype === "i8" || t?.dtype === "i16") && !t.state && count(t.shape) > 0);
    if (!whole) return FIXED;
    if (traits.view === true) return view(g, n, periods);
    if (is(traits.mixesChannels, n.attrs)) return mixed(g, n, periods);
    return traits.elementwise === true || is(traits.channelwise, n.attrs, io) ? apart(g, n, periods) : FIXED;
  });
  return { roles, periods };
}
