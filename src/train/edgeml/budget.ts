/** From a budget in bytes to the shape of a model: how many dimensions, nodes or prototypes, and what is left for the projection. */
import { fail } from "../../ir/diagnostics.js";

export interface Sizes {
  readonly bytes: number;
  readonly features: number;
  /** Scores: 1 for two classes. */
  readonly outputs: number;
  /** Bits of a weight of the projection. */
  readonly bits: 4 | 16;
}

/** A shape: what it takes beside the weights of the projection, and what is left for those. */
export interface Share {
  readonly dims: number;
  readonly rest: number;
}

/** Bytes of the projection's offsets, 16 bits each. */
export const offsetBytes = (dims: number): number => 2 * dims;
/** Bytes of a tree: W, V and theta, 8 bits each. */
export const treeBytes = (dims: number, depth: number, outputs: number): number => (2 ** (depth + 1) - 1) * 2 * outputs * dims + Math.max(1, (2 ** depth - 1) * dims);
/** Bytes of prototypes: places and votes, 8 bits each. */
export const prototypeBytes = (dims: number, prototypes: number, outputs: number): number => prototypes * (dims + outputs);

/** The arrays that a form of the weights leaves empty hold one byte each, as C wants it. */
const EMPTY = 2;

const tooSmall = (s: Sizes, learner: string): never =>
  fail("train/budget-too-small", `${learner}.bytes`, `${s.bytes} bytes for ${s.features} features and ${s.outputs} outputs`, "Give more bytes, fewer features, or choose fewer dimensions.");

/** Columns that a projection of `dims` rows can keep with `rest` bytes (a place and a weight per row each). */
const columns = (s: Sizes, dims: number, rest: number): number => Math.min(s.features, rest / ((s.bits / 8) * dims + (rest < (s.bits / 8) * dims * s.features ? 1 : 0)));

export interface TreeForm extends Share { readonly depth: number }
export interface PrototypeForm extends Share { readonly prototypes: number }

/** Of these shapes the one that keeps enough columns with the most dimensions and nodes; `want` names what the caller fixed (0: free). */
export function treeForm(s: Sizes, want: { readonly dims: number; readonly depth: number }): TreeForm {
  let best: (TreeForm & { readonly worth: number }) | null = null;
  for (let depth = want.depth < 0 ? 0 : want.depth; depth <= (want.depth < 0 ? 3 : want.depth); depth++) {
    for (let dims = Math.max(1, want.dims); dims <= (want.dims || Math.min(32, s.features)); dims++) {
      const rest = s.bytes - treeBytes(dims, depth, s.outputs) - offsetBytes(dims) - EMPTY;
      const kept = columns(s, dims, rest);
      if (rest < 1 || kept < 1) continue;
      const worth = worthOf(kept, s, dims, 0.4) * (1 + 0.25 * Math.min(depth, 2) + 0.05 * depth);
      if (best === null || worth > best.worth) best = { dims, depth, rest, worth };
    }
  }
  return best ?? tooSmall(s, "bonsai");
}

/** Columns and dimensions both help, each less and less (exponents by trial on digits, MNIST and gestures); many classes want their ten dimensions first. */
const worthOf = (kept: number, s: Sizes, dims: number, power: number): number =>
  Math.min(kept, 150 + s.features / 10) ** 0.6 * (s.outputs === 1 ? Math.min(dims, 20) ** power : Math.min(dims, 10) ** 0.9);

/** At most a third of the budget, and no more than 16 while bytes are few: columns and dimensions pay more there. At least one a class. */
function prototypesFor(s: Sizes, dims: number): number {
  const least = Math.max(4, s.outputs, Math.min(2 * s.outputs, 14));
  const third = (bytes: number): number => Math.floor(bytes / 3 / (dims + s.outputs));
  return Math.min(100, Math.max(least, Math.min(third(s.bytes), Math.max(16, third(s.bytes - 450)))));
}

export function prototypeForm(s: Sizes, want: { readonly dims: number; readonly prototypes: number }): PrototypeForm {
  let best: (PrototypeForm & { readonly worth: number }) | null = null;
  for (let dims = Math.max(1, want.dims); dims <= (want.dims || Math.min(24, s.features)); dims++) {
    const prototypes = want.prototypes || prototypesFor(s, dims);
    const rest = s.bytes - prototypeBytes(dims, prototypes, s.outputs) - offsetBytes(dims) - EMPTY;
    const kept = columns(s, dims, rest);
    if (rest < 1 || kept < 1) continue;
    const worth = worthOf(kept, s, dims, 0.5) * Math.min(prototypes, 40) ** 0.2;
    if (best === null || worth > best.worth) best = { dims, prototypes, rest, worth };
  }
  return best ?? tooSmall(s, "protonn");
}
