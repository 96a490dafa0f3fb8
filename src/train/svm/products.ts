/** Inner products of one row with a block of rows: where most of the time of training goes. */
import { borrow } from "./engine.js";

/** Rows worked on at once. */
const PANEL = 8;

/** `x` (rows, features); block c holds rows starts[c] .. starts[c + 1]. */
export class BlockProducts {
  private readonly lent: ReturnType<typeof borrow>;
  /** Places in the memory, in doubles: the row first, then the sums, then the blocks. */
  private readonly out: number;
  private readonly places: readonly { readonly at: number; readonly padded: number }[];

  constructor(private readonly x: Float64Array, private readonly features: number, starts: ArrayLike<number>, slow = false) {
    const padded = Array.from({ length: starts.length - 1 }, (_, c) => Math.ceil((starts[c + 1]! - starts[c]!) / PANEL) * PANEL);
    this.out = Math.ceil(features / 2) * 2;
    let at = this.out + Math.max(...padded);
    this.places = padded.map((n) => { const place = { at, padded: n }; at += n * features; return place; });
    this.lent = borrow(at * 8, slow);
    this.places.forEach((p, c) => this.fill(p.at, p.padded, starts[c]!, starts[c + 1]!));
  }

  /** Rows of one block, eight side by side: element j of rows 8p .. 8p + 7 lies at (p * features + j) * 8. */
  private fill(at: number, padded: number, from: number, to: number): void {
    const { x, features } = this;
    const m = this.lent.engine.doubles;
    m.fill(0, at, at + padded * features);
    for (let i = from; i < to; i++) {
      const r = i - from;
      const first = at + (r - (r % PANEL)) * features + (r % PANEL);
      for (let j = 0; j < features; j++) m[first + j * PANEL] = x[i * features + j]!;
    }
  }

  /** Row i times every row of block c; valid until the next call. */
  dots(i: number, c: number): Float64Array {
    return this.times(this.x.subarray(i * this.features, (i + 1) * this.features), c);
  }

  /** Any vector of so many features times every row of block c; valid until the next call. */
  times(v: Float64Array, c: number): Float64Array {
    const { at, padded } = this.places[c]!;
    const { doubles, loops } = this.lent.engine;
    doubles.set(v);
    loops.dots(0, at * 8, this.out * 8, (this.out + padded) * 8, this.features * 8, 0);
    return doubles.subarray(this.out, this.out + padded);
  }

  /** Gives the memory back; the object must not be used any more. */
  release(): void {
    this.lent.release();
  }
}
