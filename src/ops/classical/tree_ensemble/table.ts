/** Collects the trees of any source into one {@link TreeAttrs}; equal value rows are stored once. */
import { fail } from "../../../ir/diagnostics.js";
import type { TreeAttrs } from "./attrs.js";

export interface Split { readonly feature: number; readonly threshold: number; readonly left: number; readonly right: number }
interface Options { readonly vector: boolean; readonly inputF32: boolean; readonly divide: number; readonly base?: readonly number[] }

/** Splits of all trees together that one model may have; 64 KB of flash hold far fewer. */
const MAX_NODES = 4_000_000;

export class TreeTable {
  private readonly roots: number[] = [];
  private readonly target: number[] = [];
  private readonly feature: number[] = [];
  private readonly threshold: number[] = [];
  private readonly left: number[] = [];
  private readonly right: number[] = [];
  private readonly values: number[] = [];
  private readonly rows = new Map<string, number>();

  constructor(readonly features: number, readonly outputs: number, private readonly options: Options) {}

  /** `split(n)` is null at a leaf; `leaf(n, depth)` gives its row of values. Children must come from nodes 0..count-1. */
  addTree(target: number, count: number, split: (node: number) => Split | null, leaf: (node: number, depth: number) => readonly number[]): void {
    const first = this.feature.length;
    if (first + count > MAX_NODES) fail("tree/too-large", "tree ensemble", `more than ${MAX_NODES} nodes`, "Train a smaller model: this one is far beyond any microcontroller.");
    this.roots.push(first);
    this.target.push(target);
    const depth = new Int32Array(count);
    for (let n = 0; n < count; n++) {
      const s = split(n);
      if (s === null) {
        this.push(-1, 0, this.row(leaf(n, depth[n] ?? 0)), -1);
        continue;
      }
      for (const child of [s.left, s.right]) {
        if (!Number.isInteger(child) || child <= n || child >= count) fail("tree/malformed", "tree ensemble", `node ${n} points to node ${child} of ${count}`, "Children must come after their parent; the file is damaged.");
        depth[child] = (depth[n] ?? 0) + 1;
      }
      this.push(s.feature, s.threshold, first + s.left, first + s.right);
    }
  }

  private push(feature: number, threshold: number, left: number, right: number): void {
    this.feature.push(feature);
    this.threshold.push(threshold);
    this.left.push(left);
    this.right.push(right);
  }

  private row(values: readonly number[]): number {
    const key = values.join();
    const known = this.rows.get(key);
    if (known !== undefined) return known;
    const index = this.rows.size;
    this.rows.set(key, index);
    for (const v of values) this.values.push(v);
    return index;
  }

  attrs(): TreeAttrs {
    const base = Float64Array.from({ length: this.outputs }, (_, k) => this.options.base?.[k] ?? 0);
    return {
      features: this.features, outputs: this.outputs, inputF32: this.options.inputF32, divide: this.options.divide,
      roots: Int32Array.from(this.roots), feature: Int32Array.from(this.feature), threshold: Float64Array.from(this.threshold),
      left: Int32Array.from(this.left), right: Int32Array.from(this.right), width: this.options.vector ? this.outputs : 1,
      target: Int32Array.from(this.target), values: Float64Array.from(this.values), base,
    };
  }
}
