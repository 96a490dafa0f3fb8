/** Proves that a decoded graph is wired as ONNX demands: every tensor made once, before it is used, so without cycles. */
import { fail } from "../../ir/diagnostics.js";
import { isForeign, type Foreign, type ForeignValue } from "../../ir/foreign.js";
import type { OnnxGraph } from "./graph.js";

function names(f: Foreign, field: string): readonly ForeignValue[] {
  const v = f.fields.get(field);
  return Array.isArray(v) ? v : [];
}

function bad(where: string, what: string): never {
  return fail("onnx/bad-graph", where, what,
    "Nodes must stand in the order in which they run; export the model again, and check it with onnx.checker.check_model");
}

const shown = (v: ForeignValue): string => `"${String(v).slice(0, 80)}"`;

/** A chain of scopes, so that a sub-graph sees the names around it without copying them. */
interface Scope {
  readonly known: Set<ForeignValue>;
  readonly outer: Scope | null;
}

function sees(scope: Scope | null, name: ForeignValue): boolean {
  for (let s = scope; s; s = s.outer) if (s.known.has(name)) return true;
  return false;
}

const nameOf = (v: ForeignValue): ForeignValue => (v instanceof Map ? (v.get("name") ?? "") : "");

function checkSubgraph(f: Foreign, outer: Scope): void {
  const initializers = f.fields.get("initializers");
  check(
    f.where, names(f, "inputs").map(nameOf), initializers instanceof Map ? [...initializers.keys()] : [],
    names(f, "nodes").filter(isForeign), names(f, "outputs").map(nameOf), outer,
  );
}

function check(
  where: string, inputs: readonly ForeignValue[], initializers: readonly ForeignValue[],
  nodes: readonly Foreign[], outputs: readonly ForeignValue[], outer: Scope | null,
): void {
  const scope: Scope = { known: new Set(initializers), outer };
  const declared = new Set(inputs);
  if (declared.size !== inputs.length) bad(where, "two graph inputs have the same name");
  for (const name of inputs) scope.known.add(name);
  for (const node of nodes) {
    for (const name of names(node, "__inputs__")) {
      if (name !== "" && !sees(scope, name)) bad(node.where, `input ${shown(name)} is made by no earlier node`);
    }
    for (const value of node.fields.values()) {
      for (const part of Array.isArray(value) ? value : [value]) {
        if (isForeign(part) && part.type === "onnx.Graph") checkSubgraph(part, scope);
      }
    }
    for (const name of names(node, "__outputs__")) {
      if (name === "") continue;
      if (scope.known.has(name)) bad(node.where, `output ${shown(name)} is made twice`);
      scope.known.add(name);
    }
  }
  for (const name of outputs) if (!sees(scope, name)) bad(where, `graph output ${shown(name)} is made by no node`);
}

export function checkWiring(g: OnnxGraph, file: string): void {
  check(file, g.inputs.map((v) => v.name), [...g.initializers.keys()], g.nodes, g.outputs.map((v) => v.name), null);
}
