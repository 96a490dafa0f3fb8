/**
 * Variables of a model (VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE): a handle has no type of its own, so that those who read and
 * write through it tell what the variable holds. CALL_ONCE names the subgraph that gives it its first value.
 */
import { fail } from "../../ir/diagnostics.js";
import { count, zeroAt, type Tensor, type TypedArray } from "../../ir/types.js";
import type { TfliteModel, TfliteOperator, TfliteSubgraph, TfliteTensor } from "./types.js";

/** Operators that the importer itself understands. */
export const isPlumbing = (o: TfliteOperator): boolean => o.name === "VAR_HANDLE" || o.name === "CALL_ONCE";

/** The variable that VAR_HANDLE stands for. */
const keyOf = (o: TfliteOperator): string => [o.options["container"], o.options["shared_name"]].map((s) => (typeof s === "string" ? s : "")).join("/");

interface Use {
  readonly key: string;
  readonly operator: TfliteOperator;
  /** What is read, or assigned. */
  readonly tensor: TfliteTensor;
}

/** All that reads and writes variables in one subgraph. */
function usesIn(g: TfliteSubgraph): readonly Use[] {
  const keys = new Map(g.operators.filter((o) => o.name === "VAR_HANDLE").map((o) => [o.outputs[0], keyOf(o)]));
  return g.operators.flatMap((operator) => {
    const at = operator.name === "READ_VARIABLE" ? operator.outputs[0] : operator.name === "ASSIGN_VARIABLE" ? operator.inputs[1] : undefined;
    const [key, tensor] = [keys.get(operator.inputs[0]), at === undefined ? undefined : g.tensors[at]];
    return key === undefined || !tensor ? [] : [{ key, operator, tensor }];
  });
}

/** What two uses of one variable must have in common, besides the number of elements. */
const form = (t: Tensor): string => JSON.stringify([t.dtype, t.quant?.scale ?? [], t.quant?.zero ?? []]);

export interface Readers {
  template(t: TfliteTensor): Tensor;
  data(t: TfliteTensor): TypedArray;
}

/** The main graph is the first subgraph. */
export class Variables {
  private readonly uses: readonly Use[];
  private readonly starts = new Map<string, TfliteTensor>();

  constructor(private readonly model: TfliteModel, private readonly file: string, private readonly read: Readers) {
    this.uses = model.subgraphs.flatMap(usesIn);
    for (const o of model.subgraphs[0]?.operators ?? []) if (o.name === "CALL_ONCE") this.initialise(Number(o.options["init_subgraph_index"] ?? -1));
  }

  private initialise(index: number): void {
    const where = `${this.file}: subgraph ${index}`;
    const graph = (index > 0 ? this.model.subgraphs[index] : undefined) ?? fail("tflite/damaged", where, "CALL_ONCE names a subgraph that does not exist", "Convert the model again.");
    const other = graph.operators.find((o) => o.name !== "VAR_HANDLE" && o.name !== "ASSIGN_VARIABLE");
    if (other) fail("network/unsupported", where, `the start value of a variable is computed (${other.name})`, "Supported: variables that start with constants. Give them constant initial values before converting.");
    for (const { key, tensor } of usesIn(graph)) this.starts.set(key, tensor);
  }

  /** The state behind a VAR_HANDLE of the main graph. */
  stateOf(o: TfliteOperator): { readonly key: string; readonly tensor: Tensor } {
    const key = keyOf(o);
    const where = `${this.file}: variable ${key.slice(0, 80)}`;
    const mine = this.uses.filter((u) => u.key === key);
    // A reader's type comes with its scale; a value assigned may be a bare constant.
    const chosen = mine.find((u) => u.operator.name === "READ_VARIABLE") ?? mine[0] ?? fail("network/unsupported", where, "it is neither read nor assigned", "Remove it from the model, and convert again.");
    const template = { ...this.read.template(chosen.tensor), name: key.replace(/^\//, "") || "variable" };
    for (const u of mine) this.expectAlike(template, this.read.template(u.tensor), where);
    const from = this.starts.get(key);
    if (from && !from.data) fail("network/unsupported", where, "its start value is not a constant", "Supported: variables that start with constants.");
    const start = from ? this.read.data(from) : null;
    const zero = template.quant ? zeroAt(template.quant, 0) : 0;
    return { key, tensor: start?.some((v) => v !== zero) ? { ...template, start } : template };
  }

  private expectAlike(a: Tensor, b: Tensor, where: string): void {
    if (count(a.shape) !== count(b.shape) || form(a) !== form(b)) fail("network/variable", where, `it is used as ${a.dtype} (${a.shape.join(", ")}) and as ${b.dtype} (${b.shape.join(", ")}), or with different scales`, "Supported: variables of one type, shape and scale throughout.");
  }
}
