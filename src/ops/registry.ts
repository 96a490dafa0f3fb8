/** The operators as the other rooms see them: looked up by name, and by what foreign formats call them. */
import { fail } from "../ir/diagnostics.js";
import type { AnyOp, ForeignFormat, Lowering } from "../ir/op.js";
import type { AnyNode } from "../ir/types.js";
import type { Known } from "../ir/verify.js";
import { ops } from "./all.generated.js";

export type OpName = keyof typeof ops;
type AttrsOf<K extends OpName> = Parameters<(typeof ops)[K]["float"]>[0];

/** The node type is derived from the operators: an unknown name or a wrong attribute does not compile. */
export type Node = { [K in OpName]: AnyNode & { readonly op: K; readonly attrs: AttrsOf<K> } }[OpName];

export const allOps: readonly AnyOp[] = Object.values(ops) as unknown as readonly AnyOp[];
const byName: ReadonlyMap<string, AnyOp> = new Map(allOps.map((op) => [op.name, op]));

export const hasOp = (name: string): boolean => byName.has(name);

export function findOp(name: string): AnyOp {
  return byName.get(name) ?? fail("ir/unknown-operator", name, "no operator of this name", `Operators: ${[...byName.keys()].join(", ")}.`);
}

/** What the legal-graph verifier asks of operators. */
export const knownOps: Known = {
  hasOp,
  outputShapes: (n, inputs) => findOp(n.op).infer(n.attrs, inputs),
};

/** What operators claim of a foreign format, by foreign name. Two claims on one name are a fault of ours. */
export function lowerings(format: ForeignFormat): ReadonlyMap<string, Lowering> {
  const table = new Map<string, Lowering>();
  for (const op of allOps) {
    for (const [foreign, lowering] of Object.entries(op.from[format] ?? {})) {
      if (table.has(foreign)) throw new Error(`${format}: two operators claim ${foreign}; the second is ${op.name}`);
      table.set(foreign, lowering);
    }
  }
  return table;
}
