/** A graph as text, one node a line: `t2 (3) = linear(t1) rows=3 cols=4`. */
import type { AttrValue, Graph } from "./types.js";

const attr = (v: AttrValue): string => (ArrayBuffer.isView(v) ? `[${v.length}]` : String(v));

export function printGraph(g: Graph): string {
  const name = (t: number): string => (t === g.input ? "input" : `t${t}`);
  const lines = g.nodes.map((n) => {
    const shape = n.outputs.map((t) => `${name(t)} (${g.tensors[t]?.shape.join("x")})`).join(", ");
    const attrs = Object.entries(n.attrs).map(([k, v]) => `${k}=${attr(v)}`).join(" ");
    return `  ${shape} = ${n.op}(${n.inputs.map(name).join(", ")}) ${attrs}`.trimEnd();
  });
  const outputs = g.outputs.map((o) => `${o.role} = ${name(o.tensor)}`).join(", ");
  return [`${g.name}: ${g.task}, ${g.source}`, `  input (${g.tensors[g.input]?.shape.join("x")})`, ...lines, `  ${outputs}`].join("\n");
}
