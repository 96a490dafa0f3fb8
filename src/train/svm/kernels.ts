/** Kernel values of training rows against blocks of training rows, computed when asked for and kept while they fit a byte budget. */
import { exactExp } from "../exact-math.js";
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
const BUDGET = 160 * 2 ** 20;
/** Values that are allocated at once: a small array of its own costs more than its values do. */
const SLAB = 2 ** 18;
/** A step of the solver holds four arrays at once. */
const RECENT = 8;

/** `x` (rows, features), sorted so that block c holds rows starts[c] .. starts[c + 1]. */
export class KernelRows {
  private readonly products: BlockProducts;
  private readonly blocks: number;
  private readonly squares: Float64Array;
  private readonly kept: (Float32Array | undefined)[];
  private readonly used: Uint8Array;
  /** Evicted arrays, by block: the next value of the block takes one. */
  private readonly free: Float32Array[][];
  /** The last keys asked for: their arrays are in use and not given away. */
  private readonly recent = new Int32Array(RECENT).fill(-1);
  private turn = 0;
  private slab = new Float32Array(0);
  /** Keys in the order of their making: evicted by second chance. */
  private queue: number[] = [];
  private bytes = 0;

  constructor(x: Float64Array, features: number, private readonly starts: ArrayLike<number>, private readonly kernel: Kernel, private readonly budget = BUDGET) {
    const count = starts.length - 1;
    const rows = starts[count]!;
    this.blocks = count;
    this.products = new BlockProducts(x, features, starts);
    this.free = Array.from({ length: count }, () => []);
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
    this.recent[this.turn] = key;
    this.turn = (this.turn + 1) % RECENT;
    const known = this.kept[key];
    if (known !== undefined) {
      this.used[key] = 1;
      return known;
    }
    this.bytes += 4 * (this.starts[c + 1]! - this.starts[c]!);
    if (this.bytes > this.budget) this.evict();
    const made = this.compute(i, c);
    this.kept[key] = made;
    this.queue.push(key);
    return made;
  }

  /** Ends the use of this object. */
  release(): void {
    this.products.release();
  }

  private evict(): void {
    // A tenth more than needed, so that the queue is not copied for every value; thrice round it finds every array that is not in use.
    const goal = this.budget * 0.9;
    let at = 0;
    const most = 3 * this.queue.length;
    for (; this.bytes > goal && at < Math.min(most, this.queue.length); at++) {
      const key = this.queue[at]!;
      if (this.used[key] === 1 || this.recent.includes(key)) {
        this.used[key] = 0;
        this.queue.push(key);
        continue;
      }
      const old = this.kept[key];
      if (old) this.free[key % this.blocks]!.push(old);
      this.bytes -= old?.byteLength ?? 0;
      this.kept[key] = undefined;
    }
    this.queue = this.queue.slice(at);
  }

  private room(length: number, c: number): Float32Array {
    const old = this.free[c]!.pop();
    if (old) return old;
    if (this.slab.length < length) this.slab = new Float32Array(Math.max(length, Math.min(SLAB, length * 64)));
    const made = this.slab.subarray(0, length);
    this.slab = this.slab.subarray(length);
    return made;
  }

  private compute(i: number, c: number): Float32Array {
    const [from, to] = [this.starts[c]!, this.starts[c + 1]!];
    const out = this.room(to - from, c);
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
