/** Nearest neighbours: a Scan of squared differences, TopK, and whatever makes a vote of the indices. */
import type { Handler } from "../arithmetic.js";
import type { State } from "../state.js";

export const neighbourNodes: Readonly<Record<string, Handler>> = {};
export function neighbourVotes(_state: State, _outputs: readonly string[]): boolean { return false; }
