/** What Keras' recurrent layers share: weights with the gates in our order, start values or kept states, and which rows are the answer. */
import { flagOption, operand, refuse, shapeOf } from "./foreign-node.js";
import { activationOf, biasAt, output, part, reordered, weight } from "./keras-node.js";
import type { ForeignNode, NetBuilder, Template, Value } from "./op.js";
import { addStrided, sliced, whole } from "./strided.js";
import type { Attrs } from "./types.js";

export interface RecurrentForm {
  readonly op: string;
  readonly gates: number;
  /** States of one value for each unit. */
  readonly states: number;
  readonly attrs: Attrs;
  /** The bias as the operator wants it. */
  readonly bias?: (n: ForeignNode, b: NetBuilder, units: number) => readonly Value[];
}

/** Activations of the gates and of the cell. */
export function expectActivations(n: ForeignNode, activation: string, gates: string): void {
  const found = [n.options["activation"] === undefined ? activation : activationOf(n), n.options["recurrent_activation"] === undefined ? gates : activationOf(n, "recurrent_activation")];
  if (found[0] !== activation || found[1] !== gates) refuse(n, `the activations ${found.map((f) => f.slice(0, 40)).join(" and ")}`, `Supported: ${activation}${gates === "" ? "" : ` and ${gates} (the defaults)`}.`);
}

function checkOptions(n: ForeignNode, steps: number, reverse: boolean): void {
  if (flagOption(n, "return_state")) refuse(n, "return_state", "Supported: return_state=False.");
  if (flagOption(n, "time_major")) refuse(n, "time_major", "Supported: (batch, steps, features).");
  if (flagOption(n, "stateful") && reverse) refuse(n, "a stateful layer that goes backwards", "Supported: stateful layers that go forwards.");
  if (steps < 1) refuse(n, "an input without steps", "Supported: (steps, features).");
}

/** Rows of the answer: all of them in the order in which they were made, or the last that was made. */
function answer(n: ForeignNode, b: NetBuilder, made: Value, steps: number, units: number, reverse: boolean): Value {
  const rows = whole([steps, units]);
  if (!flagOption(n, "return_sequences")) return addStrided(b, made, sliced(rows, 0, reverse ? 0 : steps - 1, 1, 1), [1, units], output(n));
  // Inside Bidirectional the rows stay with the steps that they belong to.
  return reverse && !flagOption(n, "__rows__") ? addStrided(b, made, sliced(rows, 0, steps - 1, -1, steps), [1, steps, units], output(n)) : made;
}

export function lowerRecurrent(n: ForeignNode, b: NetBuilder, form: RecurrentForm): readonly Value[] {
  const x = operand(n, 0);
  const shape = shapeOf(b, x);
  const [, steps = 0, inputs = 0] = shape;
  if (shape.length !== 3) return refuse(n, `an input of (${shape.join(", ")})`, "Supported: (steps, features).");
  const reverse = flagOption(n, "go_backwards");
  checkOptions(n, steps, reverse);
  const [kernel, recurrent] = [weight(n, b, 0, 2), weight(n, b, 1, 2)];
  const units = recurrent.shape[0] ?? 1;
  const rows = form.gates * units;
  if (kernel.shape.join() !== [inputs, rows].join() || recurrent.shape[1] !== rows) return refuse(n, `weights of (${kernel.shape.join(", ")}) and (${recurrent.shape.join(", ")}) for ${inputs} features`, "The file is damaged; save the model again with model.save.");
  const [w, r] = [reordered(n, b, kernel, [1, 0], [rows, inputs], 0), reordered(n, b, recurrent, [1, 0], [rows, units], 1)];
  const start = (k: number): Value => {
    const t = { ...part(n, `state_${k}`), dtype: "f32", shape: [units] } as const;
    return flagOption(n, "stateful") ? b.state(t) : b.constant({ ...t, data: new Float32Array(units) });
  };
  const states = Array.from({ length: form.states }, (_, k) => start(k));
  const bias = form.bias ? form.bias(n, b, units) : biasAt(n, b, 2);
  const all = flagOption(n, "return_sequences") && (!reverse || flagOption(n, "__rows__"));
  const as: Template = all ? output(n) : part(n, "rows");
  return [answer(n, b, b.add(form.op, { ...form.attrs, reverse }, [x, ...states, w, r, ...bias], as), steps, units, reverse)];
}
