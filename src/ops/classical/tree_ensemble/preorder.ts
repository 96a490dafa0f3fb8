/** Trees whose source promises no order of nodes, brought into the parent-first order that {@link TreeTable} wants. */
import { fail } from "../../../ir/diagnostics.js";
import type { Split, TreeTable } from "./table.js";

/** Splits a node by any key the source uses (LightGBM: negative keys are leaves); null at a leaf. */
export type SplitOf = (key: number) => Split | null;

/**
 * Adds the tree under `root`, met in preorder; `limit` is the number of nodes the source has.
 * @throws CoincellError where a node is met twice (a cycle or a shared subtree)
 */
export function addPreorder(t: TreeTable, target: number, root: number, limit: number, splitOf: SplitOf, leaf: (key: number, depth: number) => readonly number[]): void {
  const index = new Map<number, number>();
  const keys: number[] = [];
  const splits: (Split | null)[] = [];
  const stack = [root];
  for (let key = stack.pop(); key !== undefined; key = stack.pop()) {
    if (index.has(key) || keys.length >= limit) fail("tree/malformed", "tree ensemble", `node ${key} is reached twice`, "Each tree must be a finite tree; the file is damaged.");
    index.set(key, keys.length);
    keys.push(key);
    const s = splitOf(key);
    splits.push(s);
    if (s !== null) stack.push(s.right, s.left);
  }
  t.addTree(target, keys.length, (n) => {
    const s = splits[n] ?? null;
    return s === null ? null : { ...s, left: index.get(s.left) ?? -1, right: index.get(s.right) ?? -1 };
  }, (n, depth) => leaf(keys[n] ?? 0, depth));
}
