/** Kernel values of training rows against blocks of training rows, computed when asked for and kept while they fit a byte budget. */
import { exactExp } from "../trees/exact-math.js";

export interface Kernel {
  readonly kind: "linear" | "poly" | "rbf";
  readonly gamma: number;
  readonly coef0: number;
  readonly degree: number;
}

/** `base^n` for a whole n by repeated squaring, in libsvm's order of rounding. */
function power(base: number, n: number): number {
  let result = 1;
  for (let t = n, b = base; t > 0; t = Math.floor(t / 2), b *= b) if (t % 2 === 1) result *= b;
  return result;
}

/** Rows worked on at once: enough independent sums to keep the multipliers busy. */
const PANEL = 4;
const BUDGET = 256 * 2 ** 20;

/** Rows of one block, four side by side: element j of rows 4p .. 4p + 3 lies at (p * features + j) * 4. */
function panels(x: Float64Array, from: number, to: number, features: number): Float64Array {
  const out = new Float64Array(Math.ceil((to - from) / PANEL) * PANEL * features);
  for (let i = from; i < to; i++) {
    const [p, lane] = [Math.floor((i - from) / PANEL), (i - from) % PANEL];
    for (let j = 0; j < features; j++) out[(p * features + j) * PANEL + lane] = x[i * features + j]!;
  }
  return out;
}

/** Inner products of one row with all rows of a block; `out` is padded to whole panels. */
function innerProducts(row: Float64Array, block: Float64Array, out: Float64Array, count: number): void {
  const d = row.length;
  for (let r = 0, at = 0; r < count; r += PANEL) {
    let [a, b, c, e] = [0, 0, 0, 0];
    for (let j = 0; j < d; j++, at += PANEL) {
      const v = row[j]!;
      a += v * block[at]!;
      b += v * block[at + 1]!;
      c += v * block[at + 2]!;
      e += v * block[at + 3]!;
    }
    out[r] = a;
    out[r + 1] = b;
    out[r + 2] = c;
    out[r + 3] = e;
  }
}

/** `x` (rows, features), sorted so that block c holds rows starts[c] .. starts[c + 1]. */
export class KernelRows {
  private readonly blocks: readonly Float64Array[];
  private readonly squares: Float64Array;
  private readonly kept: (Float32Array | undefined)[];
  private readonly used: Uint8Array;
  /** Keys in the order of their making: evicted by second chance. */
  private queue: number[] = [];
  private bytes = 0;
  private readonly scratch: Float64Array;

  constructor(private readonly x: Float64Array, private readonly features: number, private readonly starts: ArrayLike<number>, private readonly kernel: Kernel, private readonly budget = BUDGET) {
    const count = starts.length - 1;
    const rows = starts[count]!;
    this.blocks = Array.from({ length: count }, (_, c) => panels(x, starts[c]!, starts[c + 1]!, features));
    this.kept = Array.from({ length: rows * count });
    this.used = new Uint8Array(rows * count);
    this.scratch = new Float64Array(Math.max(0, ...this.blocks.map((b) => b.length / features)));
    this.squares = new Float64Array(rows);
    for (let i = 0; i < rows; i++) for (let j = 0; j < features; j++) this.squares[i]! += x[i * features + j]! ** 2;
  }

  /** K(i, i) */
  diagonal(i: number): number {
    const { kind, gamma, coef0, degree } = this.kernel;
    if (kind === "rbf") return 1;
    return kind === "linear" ? this.squares[i]! : power(gamma * this.squares[i]! + coef0, degree);
  }

  /** K(i, rows of block c), in float32 as libsvm keeps them. */
  block(i: number, c: number): Float32Array {
    const key = i * this.blocks.length + c;
    const known = this.kept[key];
    if (known !== undefined) {
      this.used[key] = 1;
      return known;
    }
    const made = this.compute(i, c);
    this.bytes += made.byteLength;
    if (this.bytes > this.budget) this.evict();
    this.kept[key] = made;
    this.queue.push(key);
    return made;
  }

  private evict(): void {
    let at = 0;
    for (; this.bytes > this.budget && at < this.queue.length; at++) {
      const key = this.queue[at]!;
      if (this.used[key] === 1) {
        this.used[key] = 0;
        this.queue.push(key);
        continue;
      }
      this.bytes -= this.kept[key]?.byteLength ?? 0;
      this.kept[key] = undefined;
    }
    this.queue = this.queue.slice(at);
  }

  private compute(i: number, c: number): Float32Array {
    const [from, to] = [this.starts[c]!, this.starts[c + 1]!];
    const out = new Float32Array(to - from);
    const dots = this.scratch;
    innerProducts(this.x.subarray(i * this.features, (i + 1) * this.features), this.blocks[c]!, dots, out.length);
    const { kind, gamma, coef0, degree } = this.kernel;
    if (kind === "linear") for (let r = 0; r < out.length; r++) out[r] = dots[r]!;
    else if (kind === "poly") for (let r = 0; r < out.length; r++) out[r] = power(gamma * dots[r]! + coef0, degree);
    else {
      const own = this.squares[i]!;
      for (let r = 0; r < out.length; r++) out[r] = exactExp(-gamma * (own + this.squares[from + r]! - 2 * dots[r]!));
    }
    return out;
  }
}
