/**
 * Weights of less than 8 bits after training: what each layer adds to the noise of the answers in each width, a width for each of them,
 * and the integer graph, whose int8 weights fit the widths (kernels for flash pack them, `ir/bits.ts`).
 */
import { bitsBytes, plainBytes } from "../../ir/bits.js";
import { fail } from "../../ir/diagnostics.js";
import type { AnyNode, Graph } from "../../ir/types.js";
import type { Progress } from "./calibrate.js";
import { Collector, narrowablesOf, type Narrowable } from "./hessian.js";
import { refiner, type Basis } from "./refine.js";
import { thinned, tracer } from "./trace.js";
import { narrower, type Narrowed } from "./narrow-layer.js";
import { answersOf, classifies, compared, largest } from "./quality.js";
import { bytesOfWidths, lastGood, pathOf, type Choice, type Widths } from "./width-search.js";

/** Bits of a weight that may be asked for. */
export const weightWidths = [6, 5, 4, 3, 2, 1] as const;

/** Rows that are not used for rounding, with the indices of their right answers where they are known. */
export interface Held {
  readonly rows: readonly ArrayLike<number>[];
  readonly labels: ArrayLike<number> | null;
}

export interface LowBitsOptions {
  /** Of all layers; `auto`: a search. */
  readonly weights: number | "auto";
  /** Points of right answers (or of equal ones, without labels) that may be lost on the rows held back. */
  readonly maxLoss?: number;
  /** Bytes of weights and tables of the layers that may be narrow. */
  readonly maxFlash?: number;
  readonly rows: readonly ArrayLike<number>[];
  /** What the loss is measured on; the rows themselves, where there are no others. */
  readonly held?: Held;
  readonly onProgress?: Progress;
}

export interface LayerWidth {
  readonly name: string;
  readonly op: string;
  readonly bits: number;
  /** Bytes of weights and tables, in int8 and now. */
  readonly before: number;
  readonly bytes: number;
  /** Noise that this width adds to the answers, as a part of their signal. */
  readonly noise: number;
}

export interface LowBits {
  readonly graph: Graph;
  readonly layers: readonly LayerWidth[];
  /** Points lost on the rows that were held back; null where nothing was searched. */
  readonly loss: number | null;
  readonly heldRows: number;
}

const ROUNDING_ROWS = 600;
const PROBE_ROWS = 24;
/** Width that tells what a layer's noise does to the answers. */
const PROBE_BITS = 3;

interface Ready extends Narrowable {
  readonly at: (bits: number) => Narrowed;
}

/** Every layer by itself, on the float network's own inputs. */
function ready(basis: Basis, o: LowBitsOptions): readonly Ready[] {
  const rows = thinned(o.rows, ROUNDING_ROWS);
  const list = narrowablesOf(basis.graph).map((l) => ({ l, moments: new Collector(l.taps, rows.length) }));
  const { run, reals } = tracer(basis.graph);
  rows.forEach((row, r) => {
    const values = run(row);
    for (const { l, moments } of list) moments.row(r, reals(values, l.x));
    o.onProgress?.(r + 1, rows.length, "inputs of weights");
  });
  return list.map(({ l, moments }) => {
    const make = narrower(basis.graph, l, moments.moments(), basis.scales(l.x, "i8").scale[0] ?? 1);
    const known = new Map<number, Narrowed>();
    return { ...l, at: (bits) => { const n = known.get(bits) ?? make(bits); known.set(bits, n); return n; } };
  });
}

const before = ({ channels, taps }: Narrowable): number => plainBytes(channels, taps.depth);
const bytesAt = ({ channels, taps }: Narrowable, bits: number): number => (taps.groups > 1 ? bitsBytes(channels, 1, channels * taps.depth, bits) : bitsBytes(channels, channels, taps.depth, bits));

/** Noise of the answers for a layer's own squared error, measured with this layer alone in few bits. */
function gains(basis: Basis, layers: readonly Ready[], o: LowBitsOptions): readonly number[] {
  const some = thinned(o.rows, PROBE_ROWS);
  const truth = answersOf(basis.graph, some);
  const noise = (narrow: ReadonlyMap<AnyNode, Narrowed>): number => 10 ** (-compared(truth, answersOf(basis.build(narrow), some), classifies(basis.graph)).sqnr / 10);
  const none = noise(new Map());
  return layers.map((l, i) => {
    const probe = l.at(PROBE_BITS);
    o.onProgress?.(i + 1, layers.length, "layers in few bits");
    return Math.max(0, noise(new Map([[l.node, probe]])) - none) / Math.max(probe.error, 1e-30);
  });
}

/** Rounding is only done for widths that are asked for. */
const choicesOf = (l: Ready, gain: number): readonly Choice[] => [
  { bits: 8, bytes: before(l), noise: 0 },
  ...weightWidths.map((bits) => ({ bits, bytes: bytesAt(l, bits), get noise() { return gain * l.at(bits).error; } })),
];

/** Points lost: right answers where there are labels, else those of the float network. */
function lossOn(basis: Basis, { rows, labels }: Held): (graph: Graph) => number {
  const truth = answersOf(basis.graph, rows).map(largest);
  const right = (answers: readonly number[]): number => answers.filter((a, i) => a === (labels ?? truth)[i]).length;
  return (graph) => (100 * (right(truth) - right(answersOf(graph, rows).map(largest)))) / Math.max(1, rows.length);
}

interface Found { readonly widths: Widths; readonly loss: number | null }

type NarrowOf = (w: Widths) => ReadonlyMap<AnyNode, Narrowed>;

function search(basis: Basis, o: LowBitsOptions, choices: readonly (readonly Choice[])[], narrowOf: NarrowOf): Found {
  const path = pathOf(choices);
  const at = (k: number): Widths => path[k] ?? [];
  const { maxFlash } = o;
  if (maxFlash !== undefined) {
    const small = path.findIndex((w) => bytesOfWidths(choices, w) <= maxFlash);
    const least = bytesOfWidths(choices, path.at(-1) ?? []);
    return small >= 0 ? { widths: at(small), loss: null } : fail("quantise/max-flash", `--max-flash ${maxFlash}`, `the layers take ${least} bytes even in the least width`, "Allow more, or train a smaller network.");
  }
  if (!classifies(basis.graph)) return fail("quantise/max-loss", basis.graph.name, "the network does not classify, so that there are no points to lose", "Give --max-flash BYTES or a width: --weights 4.");
  const loss = lossOn(basis, o.held ?? { rows: o.rows, labels: null });
  const losses = new Map<number, number>();
  const measured = (k: number): number => {
    const v = losses.get(k) ?? loss(basis.build(narrowOf(at(k))));
    losses.set(k, v);
    o.onProgress?.(losses.size, Math.ceil(Math.log2(path.length)) + 1, "widths");
    return v;
  };
  const found = Math.max(0, lastGood(path.length, (k) => measured(k) <= (o.maxLoss ?? 1)));
  return { widths: at(found), loss: measured(found) };
}

/** One width for all layers. */
const same = (bits: number, layers: readonly Ready[]): Found => ({ widths: layers.map(() => weightWidths.findIndex((b) => b === bits) + 1), loss: null });

/** @throws CoincellError where the limits cannot be kept */
export function lowBits(basis: Basis, o: LowBitsOptions): LowBits {
  const layers = ready(basis, o);
  const factors = gains(basis, layers, o);
  const choices = layers.map((l, i) => choicesOf(l, factors[i] ?? 0));
  const choiceAt = (w: Widths, l: number): Choice => choices[l]?.[w[l] ?? 0] as Choice;
  const first: NarrowOf = (w) => new Map(layers.flatMap((l, i) => { const { bits } = choiceAt(w, i); return bits < 8 ? [[l.node, l.at(bits)] as const] : []; }));
  const refine = refiner(basis, layers, thinned(o.rows, ROUNDING_ROWS));
  const last: NarrowOf = (w) => refine(first(w));
  const { widths, loss } = o.weights === "auto" ? search(basis, o, choices, last) : same(o.weights, layers);
  const facts = layers.map((l, i): LayerWidth => {
    const { bits, bytes, noise } = choiceAt(widths, i);
    return { name: l.node.name, op: l.node.op, bits, before: before(l), bytes, noise };
  });
  return { graph: basis.build(last(widths)), layers: facts, loss, heldRows: loss === null ? 0 : (o.held ?? o).rows.length };
}
