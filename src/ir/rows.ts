/**
 * Networks whose first steps run row by row: what an operator says of itself for it (the trait `rows`), and the part of a program that
 * says which rows are kept where. A row is all that lies at one height of an image: width times channels.
 */
import type { AnyParams } from "./params.js";
import { isInt, limits, zeroAt, type NodeIo } from "./types.js";

/** A step as one call for a row of its output, or for a few, from the rows of a window over input 0. */
export interface RowForm {
  /** The kernel's parameters, for an image as high as the window; nothing is cut off above or below. */
  readonly params: AnyParams;
  /** Rows of input 0 and of the output, in all. */
  readonly height: number;
  readonly rows: number;
  /** Rows the window of a call spans, how far it moves from one call to the next, and rows of it above the image at the first one. */
  readonly window: number;
  readonly stride: number;
  readonly top: number;
  /** The byte that rows outside the image may be filled with; null: there must be none. */
  readonly fill: number | null;
  /** The output is one row that every row of the input is added to: the kernel with this name, and the bytes it keeps from call to call. */
  readonly gathers?: { readonly variant: string; readonly scratch: number };
}

/** From the plain kernel's parameters, for calls that make `each` rows; null where the operator cannot be called row by row. */
export type RowRule = (p: AnyParams, io: NodeIo, each: number) => RowForm | null;

/** The few rows of a tensor that some step still reads, oldest first, one after the other; or all rows of the tensor, for the steps behind the head. */
export interface RowLine {
  readonly tensor: number;
  /** Of a row. */
  readonly bytes: number;
  /** Rows there is room for. */
  readonly room: number;
  /** Rows that one call makes; of the last call only those inside the image count. */
  readonly each: number;
  /** Rows above the image, and those rows with the image's own, and all with those below it. */
  readonly above: number;
  readonly inside: number;
  readonly total: number;
  /** What rows outside the image are filled with. */
  readonly fill: number;
  /** The edges of the step that makes its rows, by operand; -1 for constants. */
  readonly inputs: readonly number[];
  /** 0: every call of that step makes a row. Else only the call after which it has read so many rows. */
  readonly whole: number;
  /** The last line that is made from this one; itself where there is none. */
  readonly reader: number;
}

/** A step's window over the rows of a line. */
export interface RowEdge {
  readonly source: number;
  readonly window: number;
  readonly stride: number;
  /** Row where the first window begins, counted from the line's first one, above the image. */
  readonly first: number;
}

/** How the first steps of a program run. Line 0 holds rows of the network's input, line k + 1 what step k makes. */
export interface RowHead {
  readonly steps: number;
  readonly lines: readonly RowLine[];
  /** Those of one source stand side by side. */
  readonly edges: readonly RowEdge[];
  /** The caller hands over the input as a whole, and it is kept in memory; else row by row. */
  readonly resident: boolean;
}

/** The byte that real zero, or what `value` says, has all over a row; null where its bytes differ. */
function fillOf({ inputs: [x] }: NodeIo, value: number): number | null {
  if (!x) return null;
  return x.dtype === "i8" || x.dtype === "u8" || value === 0 ? value : null;
}

type Window = Readonly<Record<"in_h" | "out_h" | "k_h" | "stride_y" | "top", number>> & { readonly dilation_y?: number };

function windowRows(any: AnyParams, fill: number | null, each: number): RowForm {
  const p = any as unknown as Window;
  const window = (each - 1) * p.stride_y + (p.k_h - 1) * (p.dilation_y ?? 1) + 1;
  return { params: { ...any, in_h: window, out_h: each, top: 0 }, height: p.in_h, rows: p.out_h, window, stride: each * p.stride_y, top: p.top, fill };
}

/** {@link RowRule} of convolutions: what lies outside the image is real zero. */
export const zeroRows: RowRule = (p, io, each) => windowRows(p, fillOf(io, io.inputs[0]?.quant ? zeroAt(io.inputs[0].quant, 0) : 0), each);

/** {@link RowRule} of the largest element of a window: what lies outside the image is smaller than all inside. */
export const lowestRows: RowRule = (p, io, each) => {
  const dtype = io.inputs[0]?.dtype ?? "f32";
  return windowRows(p, isInt(dtype) ? fillOf(io, limits(dtype)[0]) : null, each);
};

/** {@link RowRule} of kernels that leave out what lies outside the image. */
export const innerRows: RowRule = (p, _io, each) => windowRows(p, null, each);
