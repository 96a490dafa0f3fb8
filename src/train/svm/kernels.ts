/** Kernel values of training rows against blocks of training rows, computed when asked for and kept while they fit a byte budget. */
import { exactExp } from "../trees/exact-math.js";
import { BlockProducts } from "./products.js";

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

/** Bytes of kernel values kept. */
const BUDGET = 256 * 2 ** 20;

/** `x` (rows, features), sorted so that block c holds rows starts[c] .. starts[c + 1]. */
export class KernelRows {
  private readonly products: BlockProducts;
  private readonly blocks: number;
  private readonly squares: Float64Array;
  private readonly kept: (Float32Array | undefined)[];
  private readonly used: Uint8Array;
  /** Keys in the order of their making: evicted by second chance. */
  private queue: number[] = [];
  private bytes = 0;

  constructor(x: Float64Array, features: number, private readonly starts: ArrayLike<number>, private readonly kernel: Kernel, private readonly budget = BUDGET) {
    const count = starts.length - 1;
    const rows = starts[count]!;
    this.blocks = count;
    this.products = new BlockProducts(x, features, starts);
    this.kept = Array.from({ length: rows * count });
    this.used = new Uint8Array(rows * count);
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
    const key = i * this.blocks + c;
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

  /** Ends the use of this object. */
  release(): void {
    this.products.release();
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
    const dots = this.products.dots(i, c);
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
