/**
 * Post-training quantisation: a float32 network and typical rows in, an integer network out, as TFLite's int8 specification says
 * (int8 activations with a zero point, int8 weights with a scale for each channel, int32 biases), so that `prepareNetwork` and
 * TFLite Micro run it alike.
 */
import { fail } from "../../ir/diagnostics.js";
import type { AnyNode, Graph, Quant } from "../../ir/types.js";
import { corrections } from "./bias.js";
import { buildIntegers, refuseUnknown, type Plan } from "./build.js";
import { calibrate, checkRows, type Calibration, type Progress } from "./calibrate.js";
import { equalised } from "./equalise.js";
import { scalesOf } from "./groups.js";
import { canBeWide } from "./layers.js";
import { answersOf, classifies, compared, type Quality } from "./quality.js";
import { rangeRules, type RangeRule } from "./ranges.js";
import { lowBits, type LowBits, type LowBitsOptions } from "./low-bits.js";
import { thinned } from "./trace.js";
import { widest, type Trial } from "./widest.js";

export { explain, type ExplainOptions, type LayerFact } from "./explain.js";
export { isFloatNetwork, realNetwork } from "./real.js";
export { thinned } from "./trace.js";
export type { RangeRule } from "./ranges.js";
export type { Quality } from "./quality.js";
export type { Progress } from "./calibrate.js";
export { weightWidths, type LayerWidth } from "./low-bits.js";

export interface QuantiseNetworkOptions {
  /** Typical rows in the network's own units. */
  readonly rows: readonly ArrayLike<number>[];
  /** How ranges are chosen from the rows; `auto` takes the rule with the least error on them. Default: mse. */
  readonly ranges?: RangeRule | "auto";
  /** `auto` (default): where it lessens the error on the rows. */
  readonly equalise?: boolean | "auto";
  readonly correctBias?: boolean | "auto";
  /** Layers whose activations get 16 bits, by name; `all`; or `auto`: as few as give the float network's answers. */
  readonly int16?: readonly string[] | "auto" | "all";
  /** Scale and zero point of the input, where they are given. */
  readonly inputQuant?: Quant;
  /** Bits of the weights of all layers, or `auto`: the least flash within `maxLoss` (default one point) or `maxFlash`. Default: 8. */
  readonly weights?: LowBitsOptions["weights"];
  readonly maxLoss?: number;
  readonly maxFlash?: number;
  readonly held?: LowBitsOptions["held"];
  readonly onProgress?: Progress;
}

export interface QuantisedNetwork {
  readonly graph: Graph;
  readonly ranges: RangeRule;
  readonly equalisedPairs: number;
  readonly biasCorrected: boolean;
  /** Layers in 16 bits. */
  readonly wide: readonly string[];
  readonly quality: Quality;
  /** Layers whose weights may have less than 8 bits, where that was asked for. */
  readonly narrow: Pick<LowBits, "layers" | "loss" | "heldRows"> | null;
}

/** Rows that candidates are compared on, evenly out of all. */
const JUDGED_ROWS = 64;

interface Float { readonly graph: Graph; readonly calibration: Calibration; readonly pairs: number }

/** Builds trials and keeps the best: more signal to noise wins, the earlier one where they are equal. */
function best(graph: Graph, o: QuantiseNetworkOptions, floats: readonly Float[], wide: ReadonlySet<AnyNode>): Trial {
  const rows = thinned(o.rows, JUDGED_ROWS);
  const truth = answersOf(graph, rows);
  const rules = o.ranges === "auto" ? rangeRules : [o.ranges ?? "mse"];
  const biases = o.correctBias === undefined || o.correctBias === "auto" ? [false, true] : [o.correctBias];
  const ways = floats.flatMap((f) => rules.flatMap((rule) => biases.map((bias) => ({ f, rule, bias }))));
  let found: Trial | null = null;
  ways.forEach(({ f, rule, bias }, i) => {
    const scales = scalesOf(f.graph, f.calibration, rule, o.inputQuant);
    const plan: Plan = { scales, wide, corrections: bias ? corrections(f.graph, f.calibration, scales) : new Map() };
    const made = buildIntegers(f.graph, plan);
    const trial: Trial = { graph: made, float: f.graph, plan, ranges: rule, pairs: f.pairs, bias, quality: compared(truth, answersOf(made, rows), classifies(graph)) };
    if (!found || trial.quality.sqnr > found.quality.sqnr) found = trial;
    o.onProgress?.(i + 1, ways.length, "candidates");
  });
  return found ?? fail("quantise/no-candidate", graph.name, "nothing to compare", "This is a fault of coincell: report it with the model.");
}

/** The network as it is, equalised, or both. */
function floatForms(graph: Graph, o: QuantiseNetworkOptions): readonly Float[] {
  const plain: Float = { graph, calibration: calibrate(graph, o.rows, o.onProgress), pairs: 0 };
  if (o.equalise === false) return [plain];
  const { graph: even, pairs } = equalised(graph, plain.calibration);
  if (pairs === 0) return [plain];
  const other: Float = { graph: even, calibration: calibrate(even, o.rows, o.onProgress), pairs };
  return o.equalise === true ? [other] : [plain, other];
}

/** Nodes by the names that the user gave: names of layers, or their numbers. */
function named(graph: Graph, names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => {
    const n = graph.nodes.find((m) => m.name === name) ?? (/^\d+$/.test(name) ? graph.nodes[Number(name)] : undefined);
    if (!n) return fail("quantise/unknown-layer", `--int16 ${name}`, "there is no such layer", `Layers: ${graph.nodes.filter(canBeWide).map((m) => m.name).join(", ")}.`);
    return canBeWide(n) ? n.name : fail("quantise/no-int16", `--int16 ${name}`, `${n.op} has no int16 form of its own`, "Name the layer before it, whose output it hands on.");
  }));
}

/** Equalised graphs have other node objects than the first one only in their weights: nodes are the same. */
const nodesOf = (graph: Graph, names: ReadonlySet<string>): ReadonlySet<AnyNode> => new Set(graph.nodes.filter((n) => names.has(n.name)));

export function quantiseNetwork(graph: Graph, o: QuantiseNetworkOptions): QuantisedNetwork {
  refuseUnknown(graph);
  checkRows(graph, o.rows);
  const floats = floatForms(graph, o);
  const trialOf = (names: ReadonlySet<string>): Trial => best(graph, o, floats, nodesOf(graph, names));
  const all = graph.nodes.filter(canBeWide).map((n) => n.name);
  const first = o.int16 === "all" ? new Set(all) : o.int16 === undefined || o.int16 === "auto" ? new Set<string>() : named(graph, o.int16);
  const { trial, names } = o.int16 === "auto" ? widest(graph, all, trialOf) : { trial: trialOf(first), names: first };
  const low = o.weights === undefined || o.weights === 8 ? null : lowBits({ graph: trial.float, scales: trial.plan.scales, build: (narrow) => buildIntegers(trial.float, { ...trial.plan, narrow }) }, { weights: o.weights, rows: o.rows, ...(o.maxLoss === undefined ? {} : { maxLoss: o.maxLoss }), ...(o.maxFlash === undefined ? {} : { maxFlash: o.maxFlash }), ...(o.held ? { held: o.held } : {}), ...(o.onProgress ? { onProgress: o.onProgress } : {}) });
  const note = `quantised after training on ${o.rows.length} rows: ranges by ${trial.ranges}${trial.pairs > 0 ? `, ${trial.pairs} pairs of layers equalised` : ""}${trial.bias ? ", biases corrected" : ""}${names.size > 0 ? `, ${names.size} layers with 16-bit activations` : ""}${low ? `, weights of ${[...new Set(low.layers.map((l) => l.bits))].sort().join(", ")} bits` : ""}`;
  const rows = thinned(o.rows, JUDGED_ROWS);
  const quality = low ? compared(answersOf(graph, rows), answersOf(low.graph, rows), classifies(graph)) : trial.quality;
  return {
    graph: { ...(low ?? trial).graph, notes: [...graph.notes, note] }, ranges: trial.ranges, equalisedPairs: trial.pairs, biasCorrected: trial.bias,
    wide: [...names], quality, narrow: low && { layers: low.layers, loss: low.loss, heldRows: low.heldRows },
  };
}
