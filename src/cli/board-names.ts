/** `--board attiny85,uno` or `--board all` (all that can be run) as the names of boards. */
import { boards, findBoard } from "../pipeline.js";

/** @throws CoincellError board/unknown-board */
export function boardNames(text: string): readonly string[] {
  if (text.toLowerCase() === "all") return boards.filter((b) => b.simulator !== "none").map((b) => b.name);
  return [...new Set(text.split(",").map((t) => findBoard(t.trim()).name))];
}
