/** What the solvers found, as the attributes of the operators `kernel_machine` and `linear`. Layout: libsvm's svm_model. */
import { fail } from "../../ir/diagnostics.js";
import type { GraphMaker, Value } from "../graph.js";
import { gather } from "../scale/classes.js";
import type { Front, Matrix } from "../scale/front.js";
import type { Kernel } from "./kernels.js";

/** Decision p is the sum of coefficient times kernel over its terms, plus `b`. */
export interface Decision {
  /** Rows of the training matrix, and their coefficients. */
  readonly rows: Int32Array;
  readonly beta: Float64Array;
  readonly b: number;
  /** Violation of the optimality conditions that is left. */
  readonly gap: number;
}

/** A gap at which the search for a machine is over. */
export const STOP = 1e-3;
/** The most vectors the operator holds. */
const MOST_VECTORS = 65535;

const support = (d: Decision): number[] => [...d.rows].filter((_, i) => d.beta[i] !== 0);

/** w = sum of coefficient * row, per decision. */
function hyperplanes(x: Float64Array, features: number, decisions: readonly Decision[]): Matrix {
  const w = new Float64Array(decisions.length * features);
  decisions.forEach((d, p) => d.rows.forEach((row, i) => {
    for (let j = 0; j < features; j++) w[p * features + j]! += d.beta[i]! * x[row * features + j]!;
  }));
  return { rows: decisions.length, cols: features, w, b: Float64Array.from(decisions, (d) => d.b) };
}

/** (rows, vectors) of libsvm: row r of a vector of class c is its coefficient against class r, or r + 1 from its own on. */
function dualTable(decisions: readonly Decision[], order: readonly number[], classOf: (row: number) => number, classes: number): Float64Array {
  const place = new Map(order.map((row, i) => [row, i]));
  const dual = new Float64Array(order.length * Math.max(1, classes - 1));
  let p = 0;
  const put = (d: Decision | undefined, other: (c: number) => number): void => d?.rows.forEach((row, i) => {
    const at = place.get(row);
    if (at !== undefined && d.beta[i] !== 0) dual[other(classOf(row)) * order.length + at] = d.beta[i]!;
  });
  if (classes < 2) put(decisions[0], () => 0);
  for (let a = 0; a < classes; a++) for (let b = a + 1; b < classes; b++) put(decisions[p++], (c) => (c === a ? b - 1 : a));
  return dual;
}

/**
 * Adds the decisions, one per pair of classes (`classes` > 2) or a single one (`classes` 1). `x` holds the rows sorted by class.
 */
export function addMachine(g: GraphMaker, front: Front, kernel: Kernel, x: Float64Array, decisions: readonly Decision[], classOf: (row: number) => number, classes: number): Value {
  const open = decisions.filter((d) => d.gap >= STOP).length;
  if (open > 0) g.note(`${open} of ${decisions.length} machines ended at the limit of steps, before their best; use a smaller C or scaled features`);
  if (kernel.kind === "linear") return front.addLinear(g, hyperplanes(x, front.features, decisions));
  const order = [...new Set(decisions.flatMap(support))].sort((p, q) => p - q);
  if (order.length > MOST_VECTORS) fail("train/too-many-vectors", "svm", `${order.length} support vectors`, `Supported: ${MOST_VECTORS}. Train on fewer rows, or use linear-svm.`);
  if (order.length === 0) fail("train/no-vectors", "svm", "the solution has no support vectors: the answer is a constant", "Use a larger C or a smaller epsilon, or data whose target depends on the features.");
  const own = new Int32Array(classes);
  for (const row of order) own[classes < 2 ? 0 : classOf(row)]! += 1;
  return g.add("kernel_machine", {
    kernel: kernel.kind, gamma: kernel.gamma, coef0: kernel.kind === "rbf" ? 0 : kernel.coef0, degree: kernel.kind === "poly" ? kernel.degree : 0,
    features: front.features, sv: gather(x, front.features, order), dual: dualTable(decisions, order, classOf, classes), support: own,
    b: Float64Array.from(decisions, (d) => d.b),
  }, [front.add(g)]);
}
