/** Limits that a user sets below those of the board: bytes of the whole program, start-up, input row and stack included. */
import type { Board } from "./board.js";

export interface Limits {
  /** Null: what the board has. */
  readonly flash: number | null;
  readonly ram: number | null;
}

export const noLimits: Limits = { flash: null, ram: null };

const least = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.min(a, b));

/** The board with the user's limits as its own, so that the compiler's choice and the run's `fits` obey them. */
export const limitedBoard = (board: Board, limits: Limits): Board => ({ ...board, flashBytes: least(board.flashBytes, limits.flash), ramBytes: least(board.ramBytes, limits.ram) });
