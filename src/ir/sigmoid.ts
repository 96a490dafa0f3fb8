/**
 * Sigmoid and hyperbolic tangent of 16-bit layers and LSTM gates: TFLite's table of 256 points of sigmoid(i / 24),
 * with straight lines between them (`reference/int8-semantics.md`, section 5).
 */
import { roundHalfAway } from "./requantise.js";

/** Entries of TFLite's table that lie one above the rounded value. */
const oneMore = [
  4, 8, 12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31, 33, 34, 35, 37, 39, 40, 41, 43, 44, 45, 46, 49, 50, 54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255,
];

/** sigmoid(i / 24) in units of 2^-16. */
export const sigmoidTable: Uint16Array = Uint16Array.from({ length: 256 }, (_, i) =>
  Math.min(65535, roundHalfAway(65536 / (1 + Math.exp(-i / 24))) + (oneMore.includes(i) ? 1 : 0)));

const point = (i: number): number => sigmoidTable[i] as number;

/** Sigmoid in units of 2^-15; t in units of 1 / (3 * 4096). */
export function sigmoid16(t: number): number {
  const size = Math.abs(t);
  const i = Math.floor(size / 512);
  const r = i >= 255 ? 0x7fff * 1024 : point(i) * 512 + (size & 511) * (point(i + 1) - point(i));
  return (t >= 0 ? r + 512 : 2 ** 25 - r + 511) >> 10;
}

/** Hyperbolic tangent in units of 2^-15; t in units of 1 / (3 * 4096). */
export function tanh16(t: number): number {
  const size = Math.abs(t);
  const i = Math.floor(size / 256);
  const r = i >= 255 ? 0xffff * 256 : point(i) * 256 + (size & 255) * (point(i + 1) - point(i));
  return (t >= 0 ? r - 2 ** 23 + 128 : -r + 2 ** 23 + 127) >> 8;
}
