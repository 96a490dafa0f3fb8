/** Memory planning as a puzzle of its own: buffers with sizes and lifetimes; the planner knows neither tensors nor operators. */

export interface Buffer {
  /** Whatever the caller knows it by; unique. */
  readonly id: number;
  readonly bytes: number;
  /** Its offset is a multiple of this. */
  readonly align: number;
  /** Steps in which it is alive, both included: the input from -1 on, outputs to the number of steps. */
  readonly first: number;
  readonly last: number;
}

/**
 * Two buffers that are alive at the same time and may share bytes all the same, since the step that reads `a` while it writes
 * `b` allows it: `from <= offset(b) - offset(a) <= to`. In place is 0 to 0. Output rows that trail the input rows they are made
 * of: `b` starts at least k bytes before `a`, -Infinity to -k. May `b` start up to k bytes before the end of `a`: a.bytes - k to Infinity.
 * A pair may be named more than once: each time allows more.
 */
export interface Overlap {
  /** Ids of buffers. */
  readonly a: number;
  readonly b: number;
  readonly from: number;
  readonly to: number;
}

/** Where every buffer starts, in the order of the buffers, and the bytes of the arena that holds them all. */
export interface Plan {
  readonly offsets: readonly number[];
  readonly bytes: number;
}

/** What the planner answers: a plan beside the size that none can undercut. */
export interface Placement extends Plan {
  readonly bound: number;
}
