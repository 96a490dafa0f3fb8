/** Anomaly tasks: learnt from normal rows alone, compared on rows that are none. */
import { select, type Dataset } from "../data/index.js";
import { fail } from "../ir/diagnostics.js";
import { trainModel, type TrainRequest } from "../pipeline.js";
import type { Graph } from "../ir/types.js";
import { chooseTask, learners, type HyperValues, type TrainingSet } from "../train/index.js";
import { makeRandom } from "../train/random.js";

export type ThresholdRule = NonNullable<TrainRequest["threshold"]>;

/** What anomaly models are compared on. */
export interface Strange {
  readonly x: Float64Array;
  readonly rows: number;
  /** Labelled by the user, not made up from the normal rows. */
  readonly real: boolean;
  readonly threshold: ThresholdRule;
  /** Training rows with their labels and groups, from which the threshold is chosen. */
  readonly data: Dataset;
  /** Label of the normal rows; null where there are no labels. */
  readonly normal: string | null;
}

/** Comparing on more says no more. */
const MOST = 400;
const LEAST_NORMAL = 10;
/** The box of the normal rows, widened by this part on each side. */
const WIDER = 0.1;

/**
 * Anomalies made up of normal rows: half take every column from another row, which keeps ranges and breaks what hangs
 * together; half lie anywhere in the widened box. After Tax and Duin, Uniform object generation for optimizing one-class
 * classifiers (2001).
 */
function madeUp(x: Float64Array, rows: number, width: number, seed: number): Float64Array {
  const random = makeRandom(seed);
  const columns = Array.from({ length: width }, (_, j) => Array.from({ length: rows }, (__, r) => x[r * width + j] ?? 0));
  const ends = columns.map((c) => [c.reduce((a, b) => Math.min(a, b)), c.reduce((a, b) => Math.max(a, b))] as const);
  const out = new Float64Array(MOST * width);
  for (let i = 0; i < out.length; i++) {
    const j = i % width;
    const [low, high] = ends[j] ?? [0, 0];
    const anywhere = low + (high - low) * ((1 + 2 * WIDER) * random.unit() - WIDER);
    const shuffled = columns[j]?.[random.below(rows)] ?? 0;
    out[i] = Math.fround(width > 1 && Math.floor(i / width) % 2 === 0 ? shuffled : anywhere);
  }
  return out;
}

export interface Normals {
  readonly normal: Dataset;
  readonly strange: Strange;
  readonly notes: readonly string[];
}

function thresholdFor(wanted: ThresholdRule | undefined, real: boolean, file: string): ThresholdRule {
  if (wanted?.kind === "youden" && !real) return fail("fit/no-anomalies", file, "no training row is an anomaly, so that a threshold between the two kinds cannot be chosen", "Leave --threshold away, or give --threshold alarms=0.01, which needs normal rows only.");
  return wanted ?? (real ? { kind: "youden" } : { kind: "alarms", share: 0.01 });
}

/** @throws CoincellError where there are too few normal rows, or the label of the normal rows is not there */
export function normalsOf(d: Dataset, seed: number, wanted?: string, threshold?: ThresholdRule): Normals {
  const learner = learners.find((l) => l.tasks.includes("anomaly")) ?? fail("fit/no-learner", "anomaly", "no learner is made for this task", "Supported: classification and regression.");
  if (!d.labels && wanted !== undefined) fail("fit/no-label", d.file, "there is no label column", "Name it with --label NAME, or leave --normal away: then all rows are normal.");
  const { normal: label, notes } = chooseTask(learner, d, "anomaly", wanted);
  const all = Array.from({ length: d.rows }, (_, r) => r);
  const normal = label === null ? d : select(d, all.filter((r) => d.labels?.[r] === label));
  const others = label === null ? [] : all.filter((r) => d.labels?.[r] !== label);
  if (normal.rows < LEAST_NORMAL) fail("fit/too-few-rows", d.file, `${normal.rows} normal rows to learn from`, `Give at least ${LEAST_NORMAL}; --normal LABEL says which rows are normal.`);
  const real = others.length > 0;
  const step = Math.max(1, others.length / MOST);
  const kept = select(d, Array.from({ length: Math.min(MOST, others.length) }, (_, i) => others[Math.floor(i * step)] ?? 0));
  const width = d.features.length;
  const x = real ? kept.x : madeUp(normal.x, normal.rows, width, seed);
  const how = real ? `compared by ${others.length} labelled anomalies of the training rows, which no model learnt from` : "no training row is an anomaly: models are compared by anomalies made up from the normal rows (columns mixed, and anywhere in their ranges), so that the validated figure only ranks";
  return { normal, strange: { x, rows: x.length / Math.max(1, width), real, threshold: thresholdFor(threshold, real, d.file), data: d, normal: label }, notes: [...notes, how] };
}

export const normalSet = (d: Dataset): TrainingSet => ({ features: d.features, x: d.x, rows: d.rows, y: null, classes: [] });

/** Learnt from all normal rows, the threshold chosen by cross-validation within the training rows. */
export function withChosenThreshold(family: string, hyper: HyperValues, seed: number, s: Strange): Graph {
  const { data: train, threshold } = s;
  return trainModel({ train, test: select(train, [0]), model: family, task: "anomaly", hyper, seed, threshold, ...(s.normal === null ? {} : { normal: s.normal }) }).graph;
}
