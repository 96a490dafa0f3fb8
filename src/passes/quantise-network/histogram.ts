/** How often values occur, over rows that come one after the other; ranges are chosen from it. */
import { fail } from "../../ir/diagnostics.js";

/** Cells on each side of zero. */
const HALF = 2048;

/** Exact zeros are counted apart: every grid holds them. */
export class Histogram {
  private readonly cells = new Float64Array(2 * HALF);
  /** Values of the outermost cells: a power of two. */
  private limit = 2 ** -20;
  min = 0;
  max = 0;
  /** Of the non-zero values. */
  count = 0;
  sum = 0;
  squares = 0;

  constructor(private readonly where: string) {}

  add(values: ArrayLike<number>): void {
    for (let i = 0; i < values.length; i++) {
      const v = values[i] as number;
      if (v === 0) continue;
      if (!Number.isFinite(v)) fail("quantise/not-finite", this.where, `the value ${v} on a calibration row`, "Check the rows, and that the float model gives finite answers for them.");
      if (v < this.min) this.min = v;
      else if (v > this.max) this.max = v;
      while (Math.abs(v) >= this.limit) this.widen();
      this.put(Math.floor((v / this.limit) * HALF) + HALF, 1);
      this.count++;
      this.sum += v;
      this.squares += v * v;
    }
  }

  private put(cell: number, n: number): void {
    const at = Math.min(2 * HALF - 1, Math.max(0, cell));
    this.cells[at] = (this.cells[at] as number) + n;
  }

  /** Twice the range: cells are joined in pairs, the two beside zero stay on their sides. */
  private widen(): void {
    const old = this.cells.slice();
    this.cells.fill(0);
    old.forEach((n, i) => { if (n > 0) this.put(Math.floor((i - HALF) / 2) + HALF, n); });
    this.limit *= 2;
  }

  /** Takes the values of another one in, as if they had been seen here. */
  merge(other: Histogram): void {
    while (this.limit < other.limit) this.widen();
    [this.min, this.max] = [Math.min(this.min, other.min), Math.max(this.max, other.max)];
    this.count += other.count;
    this.sum += other.sum;
    this.squares += other.squares;
    other.cells.forEach((n, i) => { if (n > 0) this.put(Math.floor((((i - HALF + 0.5) * other.limit) / HALF / this.limit) * HALF) + HALF, n); });
  }

  /** Middle of each cell that is not empty, with its count, from the smallest value on. */
  list(): { readonly value: Float64Array; readonly n: Float64Array } {
    const at = [...this.cells.keys()].filter((i) => (this.cells[i] as number) > 0);
    return { value: Float64Array.from(at, (i) => ((i - HALF + 0.5) * this.limit) / HALF), n: Float64Array.from(at, (i) => this.cells[i] as number) };
  }
}
